import { narrow } from '../decimal.js';
import { RegoError } from '../errors.js';
import { compileRegex, RegexSyntaxError } from '../regex.js';
import { isArray, literalText, RegoObject, RegoSet, toText, type Value } from '../values.js';
import { escapedAsGo } from './go-escapes.js';
import { type Builtins, BuiltinFault, object, of, text, whole, wrong } from './builtin.js';

/** Casts of old policies, randomness of the host, and what the host says of itself. */
export const MISC: Builtins = {
  cast_array: of(1, ([value = null]) => {
    if (isArray(value)) return value;
    if (value instanceof RegoSet) return value.items();
    throw wrong(0, '{array, set}', value);
  }),
  cast_set: of(1, ([value = null]) => {
    if (value instanceof RegoSet) return value;
    if (isArray(value)) return new RegoSet(value);
    throw wrong(0, '{array, set}', value);
  }),
  cast_string: of(1, (args) => text(args, 0)),
  cast_object: of(1, (args) => object(args, 0)),
  cast_boolean: of(1, ([value = null]) => {
    if (typeof value === 'boolean') return value;
    throw wrong(0, 'boolean', value);
  }),
  cast_null: of(1, ([value = null]) => {
    if (value === null) return value;
    throw wrong(0, 'null', value);
  }),
  'internal.template_string': of(2, ([parts = null]) =>
    (isArray(parts) ? parts : [])
      .map((part) => {
        if (!(part instanceof RegoSet)) return shownIn(part);
        if (part.size > 1)
          throw new RegoError('ERR_REGO_CONFLICT', 'template-strings must not produce multiple outputs');
        const [item] = part.items();
        return item === undefined ? '<undefined>' : shownIn(item);
      })
      .join(''),
  ),
  'opa.runtime': of(0, (_args, { runtime }) => runtime),
  'rand.intn': of(2, (args, { random, memory }) => {
    const [key, limit] = [text(args, 0), whole(args, 1)];
    const size = limit < 0n ? -limit : limit;
    if (size === 0n) return 0;
    if (random === undefined) throw new BuiltinFault('the host gives no randomness');
    const name = `rand.intn ${size} ${key}`;
    const value = memory.get(name) ?? narrow(BigInt(Math.floor(random() * 2 ** 53)) % size);
    memory.set(name, value);
    return value;
  }),
  'uuid.rfc4122': of(1, (args, { random, memory }) => {
    const key = text(args, 0);
    if (random === undefined) throw new BuiltinFault('the host gives no randomness');
    const name = `uuid ${key}`;
    const value = memory.get(name) ?? uuid(random);
    memory.set(name, value);
    return value;
  }),
  'regex.template_match': of(4, (args) => {
    const [template, given, open, close] = [text(args, 0), text(args, 1), text(args, 2), text(args, 3)];
    if (Array.from(open).length !== 1 || Array.from(close).length !== 1)
      throw new BuiltinFault('the delimiters are one character each');
    return templateRegex(template, open, close).match(given, 0) !== undefined;
  }),
  'json.marshal_with_options': of(2, (args) => marshalledWithOptions(args, escapedAsGo)),
};

/** JSON as options say. */
export function marshalledWithOptions(
  args: readonly Value[],
  escaped: (json: string) => string = String,
): string {
  const options = object(args, 1);
  const [pretty, indent = '\t', prefix = ''] = ['pretty', 'indent', 'prefix'].map((name) =>
    options.get(name),
  );
  for (const [key, value] of options.entries()) {
    const kind = { pretty: 'boolean', indent: 'string', prefix: 'string' }[String(key)];
    if (kind === undefined)
      throw new BuiltinFault(`operand 2 object contained unknown key ${toText(key)}`, true);
    if (typeof value !== kind) throw new BuiltinFault(`key ${toText(key)} failed cast to ${kind}`, true);
  }
  const isPretty = pretty ?? (options.get('indent') !== undefined || options.get('prefix') !== undefined);
  return isPretty === true
    ? String(prefix) + prettyText(args[0] ?? null, String(indent), String(prefix), escaped)
    : escaped(toText(args[0] ?? null));
}

function shownIn(value: Value): string {
  return typeof value === 'string' ? value : literalText(value);
}

function prettyText(value: Value, indent: string, before: string, escaped: (json: string) => string): string {
  const inner = before + indent;
  const wrap = (open: string, parts: readonly string[], close: string): string =>
    parts.length === 0
      ? open + close
      : `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${before}${close}`;
  if (value instanceof RegoSet) return prettyText(value.items(), indent, before, escaped);
  if (isArray(value))
    return wrap(
      '[',
      value.map((item) => prettyText(item, indent, inner, escaped)),
      ']',
    );
  if (!(value instanceof RegoObject)) return escaped(toText(value));
  const members = value
    .entries()
    .map(
      ([key, item]) =>
        `${escaped(JSON.stringify(typeof key === 'string' ? key : toText(key)))}: ${prettyText(item, indent, inner, escaped)}`,
    );
  return wrap('{', members, '}');
}

function uuid(random: () => number): string {
  const digit = (): string => Math.floor(random() * 16).toString(16);
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (each) =>
    each === 'x' ? digit() : '89ab'.charAt(Math.floor(random() * 4)),
  );
}

/** Text with regular expressions between delimiters, matched as a whole. */
function templateRegex(template: string, open: string, close: string): ReturnType<typeof compileRegex> {
  let source = '^';
  let depth = 0;
  let from = 0;
  for (let at = 0; at < template.length; at += 1) {
    const character = template.charAt(at);
    if (character === open) {
      if (depth === 0) {
        source += literal(template.slice(from, at));
        from = at + 1;
      }
      depth += 1;
    } else if (character === close) {
      depth -= 1;
      if (depth < 0) throw new BuiltinFault(`unbalanced braces in ${JSON.stringify(template)}`);
      if (depth === 0) {
        source += `(${template.slice(from, at)})`;
        from = at + 1;
      }
    }
  }
  if (depth !== 0) throw new BuiltinFault(`unbalanced braces in ${JSON.stringify(template)}`);
  try {
    return compileRegex(`${source}${literal(template.slice(from))}$`);
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new BuiltinFault(error.message);
    throw error;
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
