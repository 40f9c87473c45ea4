import type { Comment } from '../ast.js';
import { isArray, RegoObject, type Value } from '../values.js';
import { parseYaml } from '../yaml/parse.js';
import { YamlError } from '../yaml/scalars.js';

/** What a METADATA comment says. */
export interface Annotation {
  readonly scope: string;
  readonly value: Value;
}

/** The METADATA comments of a file, handed out to the statements that follow them. */
export interface Annotations {
  /** Those before a line that were not handed out yet. */
  before(line: number, what: 'package' | 'rule'): Annotation[];
}

/** Find the METADATA comments: YAML in lines of comments that follow one another. What is no YAML is an ordinary comment. */
export function annotationsIn(comments: readonly Comment[]): Annotations {
  const blocks: { readonly endLine: number; readonly text: string }[] = [];
  for (let at = 0; at < comments.length; at += 1) {
    if (comments[at]?.text.trim() !== 'METADATA') continue;
    const lines: string[] = [];
    let line = comments[at]?.place.line ?? 0;
    for (
      ;
      comments[at + 1]?.place.line === line + 1 && comments[at + 1]?.text.trim() !== 'METADATA';
      at += 1
    ) {
      line += 1;
      lines.push((comments[at + 1]?.text ?? '').replace(/^ /, ''));
    }
    blocks.push({ endLine: line, text: lines.join('\n') });
  }
  let next = 0;
  return {
    before: (line, what) => {
      const found: Annotation[] = [];
      for (; (blocks[next]?.endLine ?? Infinity) < line; next += 1) {
        const annotation = annotationOf(blocks[next]?.text ?? '', what);
        if (annotation !== undefined) found.push(annotation);
      }
      return found;
    },
  };
}

function annotationOf(text: string, what: 'package' | 'rule'): Annotation | undefined {
  let read: Value;
  try {
    read = parseYaml(text)[0] ?? null;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
  if (!(read instanceof RegoObject)) return undefined;
  const members = read.entries().filter(([name, value]) => FIELDS.has(String(name)) && value !== null);
  const given = read.get('scope');
  const scope = typeof given === 'string' ? given : what;
  const value = new RegoObject([
    ...members.map(([name, each]): [Value, Value] => [name, SHAPES[String(name)]?.(each) ?? each]),
    ['scope', scope],
  ]);
  return { scope, value };
}

function listOf(shape: (item: Value) => Value): (value: Value) => Value {
  return (value) => (isArray(value) ? value.map(shape) : value);
}

/** `A Name <mail@example.com>`, or an object. */
function author(item: Value): Value {
  if (typeof item !== 'string') return item;
  const [, name = '', email = ''] = /^([^<]{0,200})(?:<([^<>]{1,200})>)?\s{0,20}$/.exec(item.trim()) ?? [
    '',
    item,
  ];
  return new RegoObject(
    [
      ['name', name.trim()],
      ['email', email],
    ].filter(([, text]) => text !== '') as [string, string][],
  );
}

function resource(item: Value): Value {
  return typeof item === 'string' ? new RegoObject([['ref', item]]) : item;
}

const SHAPES: Readonly<Record<string, (value: Value) => Value>> = {
  authors: listOf(author),
  related_resources: listOf(resource),
};
const FIELDS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'authors',
  'organizations',
  'related_resources',
  'entrypoint',
  'custom',
  'schemas',
  'compile',
]);
