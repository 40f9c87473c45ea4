import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@sealwright/service';
import { parse } from 'yaml';

/**
 * Read configuration: a ConfigMap in YAML or JSON, a plain map of keys, or the folder that a ConfigMap is mounted at.
 *
 * @param path - file or folder
 * @throws {@link UsageError} when it cannot be read or holds something else.
 */
export function readChainsConfig(path: string): Readonly<Record<string, string>> {
  try {
    if (statSync(path).isDirectory()) return readFolder(path);
    return textsOf(parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 }), path);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`cannot read the configuration ${path}: ${reason(cause)}`, { cause });
  }
}

function readFolder(path: string): Readonly<Record<string, string>> {
  const names = readdirSync(path).filter(
    (name) => !name.startsWith('.') && statSync(join(path, name)).isFile(),
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

function textsOf(value: unknown, path: string): Readonly<Record<string, string>> {
  if (value === null) return {};
  const data = isRecord(value) && value['kind'] === 'ConfigMap' ? (value['data'] ?? {}) : value;
  if (!isRecord(data)) throw new UsageError(`the configuration ${path} is not a map of keys to values`);
  return Object.fromEntries(
    Object.entries(data).map(([key, item]) => {
      if (typeof item === 'string') return [key, item];
      if (typeof item === 'boolean' || typeof item === 'number') return [key, String(item)];
      throw new UsageError(`the configuration ${path} has something else than text at ${key}`);
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown';
}
