import { decodeUtf8 } from '@sealwright/bytes';
import type { TextMatcher } from '@sealwright/cosign-sig';
import {
  type ClusterImagePolicy,
  type ContainersPolicy,
  type KyvernoPolicy,
  type NamedTrustRoot,
  parseClusterImagePolicy,
  parseContainersPolicy,
  parseKyvernoPolicy,
  parseTrustRoot,
} from '@sealwright/cosign-sig/policy';
import { isJsonObject, type JsonValue } from '@sealwright/json';
import { about, CommandError } from './failure.js';
import type { Io } from './io.js';

/** A policy of one of the kinds that are known, and where it is from. */
export type ImagePolicy =
  | { readonly kind: 'containers'; readonly file: string; readonly policy: ContainersPolicy }
  | { readonly kind: 'kyverno'; readonly file: string; readonly policy: KyvernoPolicy }
  | { readonly kind: 'cluster'; readonly file: string; readonly policy: ClusterImagePolicy }
  | { readonly kind: 'trust'; readonly file: string; readonly trust: NamedTrustRoot };

/**
 * Read policies: what a file is, its content says.
 *
 * @param io - the world
 * @param files - at least one
 */
export async function readPolicies(io: Io, files: readonly string[] = []): Promise<readonly ImagePolicy[]> {
  const policies: ImagePolicy[] = [];
  for (const file of files) {
    const text = decodeUtf8(await io.readFile(file));
    const objects = await readObjects(io, file);
    const options = objects.some(isCluster) ? { regExp: await regExps() } : {};
    await about(file, () => {
      const [first] = objects;
      if (isJsonObject(first) && first['kind'] === undefined) {
        policies.push({ kind: 'containers', file, policy: parseContainersPolicy(text) });
        return;
      }
      for (const object of objects) {
        if (object === null) continue;
        const kind = isJsonObject(object) ? object['kind'] : undefined;
        if (isCluster(object))
          policies.push({ kind: 'cluster', file, policy: parseClusterImagePolicy(object, options) });
        else if (kind === 'TrustRoot') policies.push({ kind: 'trust', file, trust: parseTrustRoot(object) });
        else policies.push({ kind: 'kyverno', file, policy: parseKyvernoPolicy(object) });
      }
    });
  }
  if (policies.every(({ kind }) => kind === 'trust'))
    throw new CommandError('no policy to judge by: give --policy');
  return policies;
}

function isCluster(object: JsonValue): boolean {
  return isJsonObject(object) && object['kind'] === 'ClusterImagePolicy';
}

/** Regular expressions of RE2, in linear time. */
export async function regExps(): Promise<(pattern: string) => TextMatcher> {
  const { compileRegex } = await import('@sealwright/rego/regex');
  return (pattern) => {
    const compiled = compileRegex(pattern);
    return { pattern, test: (text) => compiled.test(text) };
  };
}

/**
 * The objects of a YAML or JSON file.
 *
 * @param io - the world
 * @param file - its path; `-` is standard input
 */
export async function readObjects(io: Io, file: string): Promise<readonly JsonValue[]> {
  const text = decodeUtf8(await io.readFile(file));
  if (text.length > MAX_TEXT) throw new CommandError(`${file}: it is over ${MAX_TEXT} characters`);
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text, { uniqueKeys: true, version: '1.2' });
  const all = Array.isArray(documents) ? documents : [];
  return all.map((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new CommandError(`${file}: ${error.message.split('\n', 1)[0] ?? ''}`, 'ERR_CLI_YAML', 1);
    return document.toJS({ maxAliasCount: 100 }) as JsonValue;
  });
}

const MAX_TEXT = 4 << 20;
