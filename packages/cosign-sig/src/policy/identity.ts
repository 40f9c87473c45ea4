/**
 * Identity rules: whether a signature over one name is good for an image of another.
 *
 * @module
 */
import { isJsonObject, type JsonValue } from '@sealwright/json';
import { formatReference, type ImageReference, OciError, parseReference } from '@sealwright/oci';
import { members, policyFault } from './members.js';

/** Which name must have been signed (containers-policy.json.5, `signedIdentity`). */
export type SignedIdentity =
  | {
      /** `matchExact`: the very reference; `matchRepoDigestOrExact`: so, or for a digest the repository; `matchRepository`. */
      readonly type: 'matchExact' | 'matchRepoDigestOrExact' | 'matchRepository';
    }
  | {
      /** One reference, whatever the image is called. */
      readonly type: 'exactReference';
      /** With a tag or digest. */
      readonly dockerReference: string;
    }
  | {
      /** One repository, whatever the image is called. */
      readonly type: 'exactRepository';
      /** Without tag and digest; those of the policy do not matter. */
      readonly dockerRepository: string;
    }
  | {
      /** As `matchRepoDigestOrExact`, once the name of a mirror was replaced by the original's. */
      readonly type: 'remapIdentity';
      /** `host[:port][/path]` that the image's name may start with. */
      readonly prefix: string;
      /** What stands in its place in what was signed. */
      readonly signedPrefix: string;
    };

/**
 * Read an identity rule.
 *
 * @param value - of a policy
 * @param pointer - where it stands
 * @throws {@link CosignError} `ERR_COSIGN_POLICY`.
 */
export function parseIdentity(value: JsonValue | undefined, pointer: string): SignedIdentity {
  const type = isJsonObject(value) ? value['type'] : undefined;
  if (type === 'matchExact' || type === 'matchRepoDigestOrExact' || type === 'matchRepository') {
    members(value, pointer, ['type']);
    return { type };
  }
  if (type === 'exactReference') {
    const { dockerReference } = members(value, pointer, ['type', 'dockerReference']);
    const reference = read(dockerReference);
    if (reference !== undefined && !isNameOnly(reference)) {
      return { type, dockerReference: formatReference(reference) };
    }
    throw policyFault('expected a reference with a tag or digest', `${pointer}/dockerReference`);
  }
  if (type === 'exactRepository') {
    const { dockerRepository } = members(value, pointer, ['type', 'dockerRepository']);
    const reference = read(dockerRepository);
    if (reference !== undefined) return { type, dockerRepository: nameOf(reference) };
    throw policyFault('expected a repository', `${pointer}/dockerRepository`);
  }
  if (type !== 'remapIdentity') throw policyFault('unknown type of identity', `${pointer}/type`);
  const { prefix, signedPrefix } = members(value, pointer, ['type', 'prefix', 'signedPrefix']);
  return {
    type,
    prefix: readPrefix(prefix, `${pointer}/prefix`),
    signedPrefix: readPrefix(signedPrefix, `${pointer}/signedPrefix`),
  };
}

/**
 * Whether a signature over a name is good for an image.
 *
 * @param rule - which name must have been signed
 * @param image - the image as the user named it; without a tag where the user gave none
 * @param signed - the name in the signature; untrusted, and no match where it is no reference
 */
export function matchIdentity(rule: SignedIdentity, image: ImageReference, signed: string): boolean {
  const reference = read(signed);
  if (reference === undefined) return false;
  switch (rule.type) {
    case 'matchExact':
      return isSame(image, reference);
    case 'matchRepository':
      return nameOf(image) === nameOf(reference);
    case 'matchRepoDigestOrExact':
      return matchesRepoDigestOrExact(image, reference);
    case 'exactReference':
      return !isNameOnly(reference) && formatReference(reference) === rule.dockerReference;
    case 'exactRepository':
      return nameOf(reference) === rule.dockerRepository;
    case 'remapIdentity': {
      const moved = remap(rule.prefix, rule.signedPrefix, image);
      return moved !== undefined && matchesRepoDigestOrExact(moved, reference);
    }
  }
}

function matchesRepoDigestOrExact(image: ImageReference, signed: ImageReference): boolean {
  if (image.tag === undefined && image.digest !== undefined) {
    return !isNameOnly(signed) && nameOf(image) === nameOf(signed);
  }
  return isSame(image, signed);
}

function isSame(image: ImageReference, signed: ImageReference): boolean {
  return !isNameOnly(image) && !isNameOnly(signed) && formatReference(image) === formatReference(signed);
}

/** The image under another prefix; itself where it does not have the first one; nothing where no reference in full comes out. */
function remap(prefix: string, signedPrefix: string, image: ImageReference): ImageReference | undefined {
  const name = nameOf(image);
  if (name !== prefix && !name.startsWith(`${prefix}/`)) return image;
  const text = signedPrefix + formatReference(image).slice(prefix.length);
  const moved = read(text);
  return moved !== undefined && formatReference(moved) === text ? moved : undefined; // a short name would mean Docker Hub
}

function nameOf({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

function isNameOnly({ tag, digest }: ImageReference): boolean {
  return tag === undefined && digest === undefined;
}

function read(text: JsonValue | undefined): ImageReference | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return parseReference(text, { defaultTag: 'none' });
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

function readPrefix(value: JsonValue | undefined, pointer: string): string {
  if (typeof value === 'string' && value.length <= 1024) {
    const [host = '', ...path] = value.split('/');
    const isPath = path.length === 0 || read(`${ANY_HOST}/${path.join('/')}`)?.repository === path.join('/');
    if (isPath && isHost(host)) return value;
  }
  throw policyFault('expected host[:port][/path]', pointer);
}

/** As references have it, but without a dot, too: what it stands for is not looked at. */
function isHost(host: string): boolean {
  const [name = '', port = '0', ...more] = host.split(':');
  return more.length === 0 && /^\d+$/.test(port) && name.split('.').every((label) => LABEL.test(label));
}

const ANY_HOST = 'registry.invalid';
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
