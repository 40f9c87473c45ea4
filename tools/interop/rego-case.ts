import {
  compare,
  fromJson,
  preparePolicy,
  RegoError,
  type RegoErrorCode,
  RegoObject,
  RegoSet,
  type Solution,
  toJson,
  type Value,
} from '../../packages/rego/src/index.js';
import { FUNCTIONS } from '../../packages/rego/src/functions/index.js';
import { PARSE_MODULE } from '../../packages/rego/src/parse-module/index.js';
import type { OpaCase } from './opa.js';

/** What is wrong with our answer to a case; `undefined` when nothing is. */
export function missOf(vector: OpaCase): string | undefined {
  let solutions: readonly Solution[];
  try {
    solutions = answer(vector);
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return wrongError(vector, error);
  }
  if (vector.want_error !== undefined || vector.want_error_code !== undefined)
    return `no error, but ${vector.want_error ?? vector.want_error_code}`;
  const wanted = textOf((vector.want_result ?? []).map((each) => keyed(each)));
  const got = textOf(solutions.map((each) => bindingsOf(vector, each)));
  return wanted === got ? undefined : `expected ${wanted}, found ${got}`;
}

/** The one function that the suite itself brings; a policy's clock stands still. */
const SLEEP = { arity: 1, call: () => null };

function answer(vector: OpaCase): readonly Solution[] {
  const modules = (vector.modules ?? []).map((text, index) => ({ file: `test-${index}.rego`, text }));
  const policy = preparePolicy(modules, {
    version: vector.version,
    data: vector.data ?? {},
    functions: { ...FUNCTIONS, ...PARSE_MODULE, 'test.sleep': SLEEP },
  });
  const input = vector.input_term === undefined ? vector.input : policy.value(vector.input_term);
  return policy.query(vector.query, {
    strict: vector.strict_error === true,
    random: Math.random,
    now: Date.now(),
    ...(input === undefined ? {} : { input }),
  });
}

function wrongError(vector: OpaCase, error: RegoError): string | undefined {
  const code = CODES[error.code] ?? error.code;
  const text = `test ${code}: ${error.message}`;
  if (vector.want_error === undefined && vector.want_error_code === undefined) return text;
  if (vector.want_error_code !== undefined && vector.want_error_code !== code)
    return `expected ${vector.want_error_code}, found ${text}`;
  const { place } = error;
  const message = place === undefined ? error.message : error.message.replace(/^.*?:\d+:\d+: /, '');
  const full = place === undefined ? message : `${place.file}:${place.line}: ${code}: ${message}`;
  if (vector.want_error !== undefined && !full.includes(vector.want_error))
    return `expected ${JSON.stringify(vector.want_error)}, found ${full}`;
  return undefined;
}

const CODES: Readonly<Partial<Record<RegoErrorCode, string>>> = {
  ERR_REGO_CONFLICT: 'eval_conflict_error',
  ERR_REGO_BUILTIN: 'eval_builtin_error',
  ERR_REGO_TYPE: 'eval_type_error',
};

function bindingsOf(vector: OpaCase, { bindings }: Solution): Value {
  const members = Object.entries(bindings).filter(
    ([name]) => vector.ignore_generated_vars !== true || !name.startsWith('__localq'),
  );
  return new RegoObject(
    members.map(([name, value]): [Value, Value] => {
      const json = fromJson(plain(value));
      return [name, vector.sort_bindings === true && Array.isArray(json) ? [...json].sort(compare) : json];
    }),
  );
}

/** As JSON, which has no sets. */
function plain(value: Value): unknown {
  return toJson(value);
}

function keyed(result: Readonly<Record<string, unknown>>): Value {
  return new RegoObject(
    Object.entries(result).map(([name, value]): [Value, Value] => [name, fromJson(value)]),
  );
}

/** The same for equal sets of solutions. */
function textOf(solutions: readonly Value[]): string {
  return JSON.stringify(toJson(new RegoSet(solutions)), (_key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
}
