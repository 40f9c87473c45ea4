/**
 * The transports of containers/image: which scopes a policy may name for each, and which ones an image of it falls into.
 *
 * @module
 */
import { OciError, parseReference } from '@sealwright/oci';
import { isDigest } from '../image-digest.js';
import { policyFault } from './members.js';
import { namesOf } from './scope.js';

/**
 * Whether a policy may name a scope. One that no image can fall into would leave its images to a wider scope unnoticed.
 *
 * @param transport - such as `docker` or `dir`; scopes of one that is not known are not looked at
 * @param scope - the key in the policy; the empty one is for all images of a transport
 */
export function isScopeOf(transport: string, scope: string): boolean {
  if (scope === '') return true;
  if (PATHS.has(transport)) return isWholePath(scope);
  if (transport === 'docker-archive' || transport === 'tarball') return false;
  if (transport === 'docker-daemon') return !isDigest(scope);
  if (transport === 'atomic') return ATOMIC.test(scope);
  return transport === 'containers-storage' ? isStored(scope) : true;
}

/**
 * The scopes that an image falls into, for `scopeAmong`, the narrowest first.
 *
 * @param transport - `docker`, `docker-daemon`, `atomic`, `dir`, `oci`, `oci-archive`, `sif`, `docker-archive` or `tarball`
 * @param name - a reference; for files and folders the absolute path, without symbolic links, and without the name of an image in it
 * @returns empty where only the scope for all images of a transport is left
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` for another transport, or a name that is none of it.
 */
export function transportScopes(transport: string, name: string): readonly string[] {
  if (transport === 'docker-archive' || transport === 'tarball') return [];
  if (PATHS.has(transport)) return pathScopes(name);
  if (transport === 'docker-daemon' && isDigest(name)) return [];
  if (transport !== 'docker' && transport !== 'docker-daemon' && transport !== 'atomic')
    throw policyFault('the scopes of this transport are not known', '');
  return referenceScopesIn(transport, name);
}

function referenceScopesIn(transport: string, name: string): readonly string[] {
  try {
    const image = parseReference(name, { defaultTag: transport === 'docker' ? 'latest' : 'none' });
    const { repository, tag, digest } = image;
    if (tag === undefined && digest === undefined) throw policyFault('expected a tag or digest', '');
    const isStream = repository.split('/').length === 2 && digest === undefined;
    if (transport === 'atomic' && !isStream) throw policyFault('expected host/namespace/stream:tag', '');
    return namesOf(image);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    throw policyFault(cause.message, '');
  }
}

/** The path and each folder above it, but the root. */
function pathScopes(path: string): readonly string[] {
  if (!isWholePath(path)) throw policyFault('expected an absolute path', '');
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/** Absolute, not the root, without empty parts and dots. */
function isWholePath(path: string): boolean {
  const [first, ...parts] = path.split('/');
  return first === '' && parts.length > 0 && parts.every((part) => !['', '.', '..'].includes(part));
}

/** `[driver@/root]` or `[/root]`, then a name, a digest and the id of an image, as far as they are there. */
function isStored(scope: string): boolean {
  const [, driver, root = '', image = ''] = STORED.exec(scope) ?? [];
  if (driver === '' || !root.startsWith('/')) return false;
  const [, middle, last, ...more] = image.split('@');
  if (middle === undefined) return true;
  const isId = (text: string): boolean => isDigest(`sha256:${text}`);
  if (last === undefined) return isId(middle) || isDigest(middle);
  return more.length === 0 && isDigest(middle) && isId(last);
}

const PATHS: ReadonlySet<string> = new Set(['dir', 'oci', 'oci-archive', 'sif']);
const ATOMIC = /^[^/]*(?:\/[^:/]*(?:\/[^:/]*(?::[^:/]*)?)?)?$/;
const STORED = /^\[(?:([^\]@]*)@)?([^\]]*)\]([\s\S]*)$/;
