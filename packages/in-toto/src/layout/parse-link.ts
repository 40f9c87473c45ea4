import { jsonPointer, type JsonValue } from '@sealwright/json';
import type { DigestSet } from '../digest-set.js';
import { fault, Fields, textOf } from './fields.js';
import type { Artifacts, Link } from './model.js';
import { cleanPath } from './path.js';

/** Read the object of a link whose `_type` was seen. */
export function linkOf(value: JsonValue | undefined, pointer: string, maxItems: number): Link {
  const fields = new Fields(value, pointer, maxItems);
  return {
    name: fields.name('name'),
    command: fields.texts('command'),
    materials: artifactsOf(fields, 'materials', maxItems),
    products: artifactsOf(fields, 'products', maxItems),
    byproducts: fields.object('byproducts'),
    environment: fields.object('environment'),
  };
}

/** Files of a link, as a map. */
export function artifactsOf(fields: Fields, member: string, maxItems: number): Artifacts {
  const artifacts = new ArtifactReader(maxItems);
  return fields.map(member, (value, pointer, path) => artifacts.read(path, value, pointer));
}

/** Reads the digests of files. Two names of one file are refused: which digest counts would be a matter of taste. */
export class ArtifactReader {
  readonly #seen = new Set<string>();
  readonly #maxItems: number;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  read(path: string, value: JsonValue, pointer: string): DigestSet {
    const clean = cleanPath(path);
    if (this.#seen.has(clean)) throw fault('INTOTO_DUPLICATE_NAME', 'two paths name the same file', pointer);
    this.#seen.add(clean);
    return digestsOf(value, pointer, this.#maxItems);
  }
}

function digestsOf(value: JsonValue, pointer: string, maxItems: number): DigestSet {
  const digests = new Fields({ digests: value }, pointer, maxItems).object('digests');
  const entries = Object.entries(digests);
  if (entries.length === 0) throw fault('INTOTO_DIGEST_REQUIRED', 'a file has a digest', pointer);
  if (entries.length > MAX_DIGESTS)
    throw fault('INTOTO_LIMIT_EXCEEDED', `at most ${MAX_DIGESTS} digests`, pointer);
  return Object.fromEntries(
    entries.map(([name, digest]) => {
      const place = pointer + jsonPointer(name);
      if (textOf(digest, place) === '') throw fault('INTOTO_DIGEST_REQUIRED', 'a digest is not empty', place);
      return [name, textOf(digest, place)];
    }),
  );
}

const MAX_DIGESTS = 64;
