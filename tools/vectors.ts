import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** One area of the conformance vectors, read in place: they are never part of this repository. */
export interface VectorArea {
  /** Whether the folder exists. A suite skips itself, with one line, where it does not. */
  readonly present: boolean;
  /** The name given, for titles. */
  readonly name: string;
  path(...segments: string[]): string;
  bytes(...segments: string[]): Uint8Array;
  text(...segments: string[]): string;
  json<T>(...segments: string[]): T;
  /** The names in a folder of the area, sorted; empty when there is none. */
  list(...segments: string[]): string[];
}

const root = resolve(import.meta.dirname, '..', process.env['SEALWRIGHT_VECTORS'] ?? '../shared/vectors');

/**
 * Find an area such as `kbs/protocol` below `$SEALWRIGHT_VECTORS` (default `../shared/vectors` beside the repository).
 * With `SEALWRIGHT_VECTORS_REQUIRED=1` a missing area is an error instead of a skip.
 */
export function vectorArea(name: string): VectorArea {
  const path = (...segments: string[]): string => join(root, name, ...segments);
  const present = existsSync(path());
  if (!present && process.env['SEALWRIGHT_VECTORS_REQUIRED'] === '1') {
    throw new Error(`conformance vectors of ${name} are required and missing`);
  }
  return {
    present,
    name,
    path,
    bytes: (...segments) => new Uint8Array(readFileSync(path(...segments))),
    text: (...segments) => readFileSync(path(...segments), 'utf8'),
    json: <T>(...segments: string[]) => JSON.parse(readFileSync(path(...segments), 'utf8')) as T,
    list: (...segments) => (existsSync(path(...segments)) ? readdirSync(path(...segments)).sort() : []),
  };
}
