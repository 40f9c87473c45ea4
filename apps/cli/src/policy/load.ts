import { decodeUtf8 } from '@sealwright/bytes';
import {
  fromJson,
  type ModuleSource,
  parseJsonText,
  RegoError,
  RegoObject,
  type Value,
} from '@sealwright/rego';
import { FUNCTIONS, parseYamlText } from '@sealwright/rego/functions';
import { PARSE_MODULE } from '@sealwright/rego/parse-module';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';

/** What files and folders hold: modules, and documents below `data`. */
export interface Loaded {
  readonly modules: readonly ModuleSource[];
  readonly data: Value;
}

/** Read `.rego` files, and `.json` and `.yaml` files as data. Of folders every file below them is read; a document in a folder stands below the folder's name. Of bundles only `data.json` and `data.yaml` are documents. */
export async function load(
  io: Io,
  paths: readonly string[],
  ignore: readonly string[] = [],
  bundles: readonly string[] = [],
): Promise<Loaded> {
  const modules: ModuleSource[] = [];
  let data: Value = new RegoObject([]);
  for (const path of [...paths, ...bundles]) {
    const isBundle = bundles.includes(path);
    if (isBundle && /\.(?:tgz|tar\.gz)$/.test(path))
      throw new CommandError(`${path}: unpack the bundle first; folders are read`);
    for (const file of await io.listFiles(path)) {
      const names = file
        .slice(path.length)
        .split('/')
        .filter((name) => name !== '');
      if (names.some((name) => ignore.some((pattern) => fits(pattern, name)))) continue;
      if (isBundle && !/(?:\.rego|^data\.(?:json|ya?ml))$/.test(names.at(-1) ?? '')) continue;
      if (file.endsWith('.rego')) modules.push({ file, text: decodeUtf8(await io.readFile(file)) });
      else if (/\.(?:json|ya?ml)$/.test(file)) {
        const value = await readDocument(io, file);
        data = merged(data, below(names.slice(0, -1), value), file);
      } else if (file === path) modules.push({ file, text: decodeUtf8(await io.readFile(file)) });
    }
  }
  return { modules, data };
}

/** Read a document: JSON, whose numbers keep every digit, or YAML by its name. */
export async function readDocument(io: Io, file: string): Promise<Value> {
  const text = decodeUtf8(await io.readFile(file));
  return about(file, () => (/\.ya?ml$/.test(file) ? parseYamlText(text) : parseJsonText(text)));
}

/** All functions of Open Policy Agent, and `query_reference_value` of key brokers over a document of reference values. */
export async function functionsOf(io: Io, referenceValues: string | undefined): Promise<typeof FUNCTIONS> {
  const values = referenceValues === undefined ? null : await readDocument(io, referenceValues);
  return {
    ...FUNCTIONS,
    ...PARSE_MODULE,
    query_reference_value: {
      arity: 1,
      call: ([name = null]) => (values instanceof RegoObject ? values.get(name) : undefined) ?? null,
    },
  };
}

/** A star stands for any part of a name. */
function fits(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  let at = first.length;
  if (!name.startsWith(first)) return false;
  for (const [index, part] of rest.entries()) {
    const found = index === rest.length - 1 ? name.length - part.length : name.indexOf(part, at);
    if (found < at || !name.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return true;
}

function below(names: readonly string[], value: Value): Value {
  return names.reduceRight<Value>((inner, name) => new RegoObject([[name, inner]]), value);
}

function merged(a: Value, b: Value, file: string): Value {
  if (!(a instanceof RegoObject) || !(b instanceof RegoObject))
    throw new RegoError('ERR_REGO_VALUE', `${file}: two documents lie at one place below data`);
  const members = b.entries().map(([key, value]): [Value, Value] => {
    const before = a.get(key);
    return [key, before === undefined ? value : merged(before, value, file)];
  });
  return fromJson(new RegoObject([...a.entries(), ...members]));
}
