/**
 * Texts with variables: JMESPath between `{{` and `}}`.
 *
 * @module
 */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { type EvaluationContext } from './jmespath/context.js';
import { evaluate } from './jmespath/evaluate.js';
import { type Expression, parseExpression } from './jmespath/parse.js';
import { policyFault } from './members.js';
import { refuse } from './refuse.js';

/** A value of a policy, with its variables. */
export type Template =
  | { readonly kind: 'literal'; readonly value: JsonValue }
  | { readonly kind: 'variable'; readonly expression: Expression | readonly Part[] }
  | { readonly kind: 'text'; readonly parts: readonly Part[] }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Template])[] };

/** Part of a text: as it stands, or the value of a variable. */
type Part = string | Extract<Template, { kind: 'variable' }>;

/** A value, and whether the policy itself says so: what was found elsewhere is never a pattern. */
export interface Rendered {
  readonly value: JsonValue;
  readonly isLiteral: boolean;
}

/**
 * Read a value.
 *
 * @throws CosignError `ERR_COSIGN_POLICY` with the place.
 */
export function parseTemplate(value: JsonValue, pointer: string, depth = 0): Template {
  if (depth > MAX_VALUE_DEPTH) throw policyFault(`nested more than ${MAX_VALUE_DEPTH} deep`, pointer);
  if (typeof value === 'string') return parseText(value, pointer);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => parseTemplate(item, `${pointer}/${index}`, depth + 1));
    return items.every(({ kind }) => kind === 'literal')
      ? { kind: 'literal', value }
      : { kind: 'list', items };
  }
  if (!isJsonObject(value)) return { kind: 'literal', value };
  const members = Object.entries(value).map(([name, item]): readonly [string, Template] => [
    name,
    parseTemplate(item, `${pointer}/${name}`, depth + 1),
  ]);
  const isLiteral = members.every(([, { kind }]) => kind === 'literal');
  return isLiteral ? { kind: 'literal', value } : { kind: 'object', members };
}

/**
 * Fill in the variables. What a variable stands for is never looked at for variables again. An expression may have no value, but the
 * name of something that is not there fails.
 *
 * @throws CosignError `ERR_COSIGN_NO_MATCH` for a variable that names nothing.
 */
export function render(template: Template, document: JsonObject, context: EvaluationContext): Rendered {
  switch (template.kind) {
    case 'literal':
      return { value: template.value, isLiteral: true };
    case 'variable':
      return { value: valueOf(template, document, context), isLiteral: false };
    case 'text':
      return { value: textOf(template.parts, document, context, written), isLiteral: false };
    case 'list':
      return {
        value: template.items.map((item) => render(item, document, context).value),
        isLiteral: false,
      };
    case 'object':
      return {
        value: Object.fromEntries(
          template.members.map(([name, item]) => [name, render(item, document, context).value]),
        ),
        isLiteral: false,
      };
  }
}

function valueOf(
  { expression }: Extract<Template, { kind: 'variable' }>,
  document: JsonObject,
  context: EvaluationContext,
): JsonValue {
  const parsed =
    'kind' in expression ? expression : parseExpression(textOf(expression, document, context, quoted));
  const value = evaluate(parsed, document, context);
  if (value === null && isMissing(parsed, document, context))
    throw refuse('a variable names nothing that is there');
  return value;
}

/** Whether an expression names a member that an object does not have. */
function isMissing(expression: Expression, value: JsonValue, context: EvaluationContext): boolean {
  if (expression.kind === 'field') return isJsonObject(value) && !Object.hasOwn(value, expression.name);
  if (expression.kind !== 'then') return false;
  const { left, right } = expression;
  return isMissing(left, value, context) || isMissing(right, evaluate(left, value, context), context);
}

function textOf(
  parts: readonly Part[],
  document: JsonObject,
  context: EvaluationContext,
  write: (value: JsonValue, before: string) => string,
): string {
  let text = '';
  for (const part of parts) {
    const value = typeof part === 'string' ? part : valueOf(part, document, context);
    if (value === null) throw refuse('a variable in a text has no value');
    text += typeof part === 'string' ? part : write(value, text);
    if (text.length > MAX_TEXT) throw refuse(`a text with variables has more than ${MAX_TEXT} characters`);
  }
  return text;
}

function written(value: JsonValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** A value inside an expression: it fills a text that the policy opened, or stands as a literal, and cannot be read as more than that. */
function quoted(value: JsonValue, before: string): string {
  const quote = openQuote(before);
  if (quote === undefined && before.endsWith('.')) return JSON.stringify(written(value));
  if (quote === undefined) return `\`${canonicalJson(value).replaceAll('`', '\\u0060')}\``;
  if (quote === "'") return written(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  if (quote === '"') return JSON.stringify(written(value)).slice(1, -1);
  return canonicalJson(value).replaceAll('`', '\\u0060');
}

/** The quote that is open at the end of an expression. */
function openQuote(text: string): string | undefined {
  let open: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (open !== undefined && character === '\\') at += 1;
    else if (character === open) open = undefined;
    else if (open === undefined && QUOTES.has(character)) open = character;
  }
  return open;
}

function parseText(text: string, pointer: string): Template {
  const reader: Reader = { text, at: 0, pointer, depth: 0 };
  const parts = readParts(reader, false);
  const [only, ...more] = parts;
  if (only === undefined) return { kind: 'literal', value: '' };
  if (more.length > 0) return { kind: 'text', parts };
  return typeof only === 'string' ? { kind: 'literal', value: only } : only;
}

interface Reader {
  readonly text: string;
  at: number;
  readonly pointer: string;
  depth: number;
}

/** Parts up to the end of the text; inside of an expression, up to what closes it. */
function readParts(reader: Reader, isExpression: boolean): readonly Part[] {
  const parts: Part[] = [];
  let plain = '';
  let braces = 0;
  let open: string | undefined;
  const { text } = reader;
  const push = (): void => {
    if (plain !== '') parts.push(plain);
    plain = '';
  };
  while (reader.at < text.length) {
    const character = text.charAt(reader.at);
    if (text.startsWith('{{', reader.at)) {
      push();
      parts.push(readVariable(reader));
      continue;
    }
    if (!isExpression && text.startsWith('\\{{', reader.at)) {
      plain += '{{';
      reader.at += 3;
      continue;
    }
    if (isExpression && open === undefined && braces === 0 && text.startsWith('}}', reader.at)) {
      push();
      reader.at += 2;
      return parts;
    }
    if (isExpression && open !== undefined && character === '\\') {
      plain += text.slice(reader.at, reader.at + 2);
      reader.at += 2;
      continue;
    }
    if (isExpression && character === open) open = undefined;
    else if (isExpression && open === undefined) {
      if (QUOTES.has(character)) open = character;
      if (character === '{') braces += 1;
      if (character === '}') braces -= 1;
    }
    plain += character;
    reader.at += 1;
  }
  if (isExpression) throw policyFault('nothing closes a variable', reader.pointer);
  push();
  return parts;
}

function readVariable(reader: Reader): Extract<Template, { kind: 'variable' }> {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH)
    throw policyFault(`variables are nested more than ${MAX_DEPTH} deep`, reader.pointer);
  reader.at += 2;
  const parts = readParts(reader, true);
  reader.depth -= 1;
  if (parts.some((part) => typeof part !== 'string')) return { kind: 'variable', expression: parts };
  try {
    return { kind: 'variable', expression: parseExpression(parts.join('')) };
  } catch (error) {
    throw policyFault(error instanceof Error ? error.message : '', reader.pointer);
  }
}

const QUOTES: ReadonlySet<string> = new Set(['"', "'", '`']);
const MAX_DEPTH = 8;
const MAX_VALUE_DEPTH = 32;
const MAX_TEXT = 1 << 20;
