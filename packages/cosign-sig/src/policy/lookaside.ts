/**
 * Where OpenPGP signatures are kept beside a registry: `registries.d` of containers/image, `sigstore-config` of image-rs.
 *
 * @module
 */
import { isJsonObject, type JsonObject, jsonPointer, type JsonValue } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { members, policyFault } from './members.js';
import { scopesOf } from './scope.js';

/** What holds for one scope. */
export interface LookasideEntry {
  /** Where to read: the member `lookaside`, once called `sigstore`. */
  readonly lookaside: string | undefined;
  /** Where to write: the member `lookaside-staging`, once called `sigstore-staging`. */
  readonly staging: string | undefined;
  /** Whether cosign signatures are looked for too. */
  readonly sigstoreAttachments: boolean | undefined;
}

/** A lookaside configuration, of one file or several. */
export interface LookasideConfig {
  /** What holds where no scope matches. */
  readonly default: LookasideEntry | undefined;
  /** By scope, as in a policy file. */
  readonly docker: ReadonlyMap<string, LookasideEntry>;
}

/**
 * Read a lookaside configuration.
 *
 * @param value - what the YAML file says; an empty file is `null`
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` with the place.
 */
export function parseLookasideConfig(value: JsonValue): LookasideConfig {
  const json = members(value ?? {}, '', [], ['default-docker', 'docker']);
  const scopes = json['docker'] ?? {};
  if (!isJsonObject(scopes)) throw policyFault('expected scopes', '/docker');
  return {
    default:
      json['default-docker'] === undefined ? undefined : entryOf(json['default-docker'], '/default-docker'),
    docker: new Map(
      Object.entries(scopes).map(([scope, entry]) => [scope, entryOf(entry, jsonPointer('docker', scope))]),
    ),
  };
}

/**
 * Make one configuration of several files. A scope may stand in several only if they say the same.
 *
 * @param configs - in any order
 * @throws {@link CosignError} `ERR_COSIGN_POLICY`.
 */
export function mergeLookasideConfigs(configs: readonly LookasideConfig[]): LookasideConfig {
  let merged: LookasideEntry | undefined;
  const docker = new Map<string, LookasideEntry>();
  for (const config of configs) {
    merged = same(merged, config.default, '/default-docker');
    for (const [scope, entry] of config.docker) {
      docker.set(scope, same(docker.get(scope), entry, jsonPointer('docker', scope)) ?? entry);
    }
  }
  return { default: merged, docker };
}

/**
 * What holds for an image: the narrowest scope, else the default.
 *
 * @param config - the configuration
 * @param image - as the user named it
 */
export function lookasideFor(config: LookasideConfig, image: ImageReference): LookasideEntry | undefined {
  for (const scope of scopesOf(image)) {
    const entry = config.docker.get(scope);
    if (entry !== undefined) return entry;
  }
  return config.default;
}

/**
 * The folder with the signatures of an image: `<base>/<repository>@<algorithm>=<hex>`. containers/image calls the files `signature-1` and
 * so on, without gaps; image-rs takes every plain file.
 *
 * @param base - from {@link lookasideFor}
 * @param image - its repository
 * @param digest - of its manifest
 */
export function lookasideFolder(base: string, image: ImageReference, digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  if (!/^[a-z0-9]{1,32}$/.test(algorithm) || !/^[0-9a-f]{32,128}$/.test(hex)) {
    throw new CosignError('ERR_COSIGN_DIGEST', 'expected a digest');
  }
  return `${base.replace(/\/$/, '')}/${image.repository}@${algorithm}=${hex}`;
}

function entryOf(value: JsonValue, pointer: string): LookasideEntry {
  const json = members(value, pointer, [], [...READ, ...WRITE, ATTACHMENTS]);
  const attachments = json[ATTACHMENTS];
  if (attachments !== undefined && typeof attachments !== 'boolean') {
    throw policyFault('expected true or false', `${pointer}/${ATTACHMENTS}`);
  }
  return {
    lookaside: url(json, READ, pointer),
    staging: url(json, WRITE, pointer),
    sigstoreAttachments: attachments,
  };
}

/** The new name of a member wins over the old one. */
function url(json: JsonObject, names: readonly string[], pointer: string): string | undefined {
  const name = names.find((each) => json[each] !== undefined);
  const value = name === undefined ? undefined : json[name];
  if (value === undefined || (typeof value === 'string' && value.includes('://'))) return value;
  throw policyFault('expected a URL', `${pointer}/${name}`);
}

function same(
  one: LookasideEntry | undefined,
  other: LookasideEntry | undefined,
  pointer: string,
): LookasideEntry | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const equal =
    one.lookaside === other.lookaside &&
    one.staging === other.staging &&
    one.sigstoreAttachments === other.sigstoreAttachments;
  if (!equal) throw policyFault('two files say different things', pointer);
  return one;
}

const READ = ['lookaside', 'sigstore'];
const WRITE = ['lookaside-staging', 'sigstore-staging'];
const ATTACHMENTS = 'use-sigstore-attachments';
