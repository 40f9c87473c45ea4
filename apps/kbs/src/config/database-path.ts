import { join } from 'node:path';
import type { KbsConfig } from './types.js';

/** Where everything is stored. */
export interface DatabasePlace {
  /** The SQLite file; undefined for memory. */
  readonly file: string | undefined;
  /** The file of the data key; undefined for memory. */
  readonly keyFile: string | undefined;
  /** Folder of the original's storage that was asked for and that this service's database now lives in. */
  readonly inFolder: string | undefined;
}

/**
 * Where the database is: `[sealwright] database`, else a file in the folder of `[storage_backend]`, else memory.
 *
 * @param config - the configuration
 */
export function databasePlace(config: KbsConfig): DatabasePlace {
  const inFolder = config.sealwright.database === null ? folderOf(config) : undefined;
  const file =
    config.sealwright.database ??
    (inFolder === undefined ? undefined : join(inFolder, 'sealwright-kbs.sqlite'));
  const keyFile = config.sealwright.data_key_file ?? (file === undefined ? undefined : `${file}.key`);
  return { file, keyFile, inFolder };
}

function folderOf({ storage_backend: { storage_type: kind, backends } }: KbsConfig): string | undefined {
  if (kind === 'LocalFs') return memberOf(backends['local_fs'], 'dir_path') ?? `${DEFAULT_FOLDER}/local_fs`;
  if (kind === 'LocalJson')
    return memberOf(backends['local_json'], 'file_dir_path') ?? `${DEFAULT_FOLDER}/local_json`;
  return undefined;
}

function memberOf(value: unknown, name: string): string | undefined {
  const member: unknown =
    typeof value === 'object' && value !== null
      ? Object.getOwnPropertyDescriptor(value, name)?.value
      : undefined;
  return typeof member === 'string' ? member : undefined;
}

const DEFAULT_FOLDER = '/opt/confidential-containers/storage';
