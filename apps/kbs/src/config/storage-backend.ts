import type { JsonObject } from '@sealwright/json';
import { jsonTable } from './json-table.js';
import type { Section } from './section.js';
import type { StorageBackendConfig, StorageKind } from './types.js';

/** Both spellings of each kind of storage. */
export const STORAGE_KINDS: ReadonlyMap<string, StorageKind> = new Map([
  ['Memory', 'Memory'],
  ['memory', 'Memory'],
  ['LocalFs', 'LocalFs'],
  ['local_fs', 'LocalFs'],
  ['LocalJson', 'LocalJson'],
  ['local_json', 'LocalJson'],
  ['Postgres', 'Postgres'],
  ['postgres', 'Postgres'],
  ['Redis', 'Redis'],
  ['redis', 'Redis'],
]);

/**
 * Read `[storage_backend]`.
 *
 * @param section - the table, if there is one
 */
export function parseStorageBackend(section: Section | undefined): StorageBackendConfig {
  const storageType = section?.word('storage_type', STORAGE_KINDS) ?? 'Memory';
  const backends = section?.section('backends');
  const config = {
    storage_type: storageType,
    backends: backends === undefined ? {} : parseBackends(backends),
  };
  section?.done();
  return config;
}

function parseBackends(section: Section): JsonObject {
  const found: JsonObject = {};
  for (const [kind, keys] of Object.entries(BACKEND_KEYS)) {
    const backend = section.section(kind);
    if (backend === undefined) continue;
    found[kind] = jsonTable(
      backend,
      keys.filter((name) => backend.raw(name) !== undefined),
    );
    backend.done();
  }
  section.done();
  return found;
}

const BACKEND_KEYS: Readonly<Record<string, readonly string[]>> = {
  local_fs: ['dir_path'],
  local_json: ['file_dir_path'],
  postgres: ['db', 'username', 'password', 'host', 'port'],
  redis: ['url'],
};
