import { SlsaError } from '../errors.js';

/** An image that a run built. */
export interface TektonImage {
  /** Registry and path in full, such as `index.docker.io/library/busybox`. */
  readonly repository: string;
  /** `sha256:` and 64 digits. */
  readonly digest: string;
  /** How the registry is spoken to. */
  readonly scheme: 'http' | 'https';
}

/**
 * Read an image reference with a digest as Chains does, which takes some that other tools refuse.
 *
 * @param text - `<repository>[:tag]@sha256:<hex>`
 * @param options - `insecure` speaks to every registry in plain HTTP
 * @throws {@link SlsaError} `ERR_SLSA_REFERENCE`.
 */
export function parseImageReference(
  text: string,
  options: { readonly insecure?: boolean } = {},
): TektonImage {
  const [named = '', digest = '', ...more] = text.split('@', 3);
  if (more.length > 0 || !DIGEST.test(digest))
    throw refuse('a reference ends with one @ and a SHA-256 digest');
  const colon = named.lastIndexOf(':');
  const isTagged = colon > named.lastIndexOf('/');
  if (isTagged && !TAG.test(named.slice(colon + 1)))
    throw refuse('a tag has 1 to 128 letters, digits, dots, dashes and underscores');
  const name = isTagged ? named.slice(0, colon) : named;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = isRegistry ? name.slice(slash + 1) : name;
  const registry = isRegistry && first !== 'docker.io' ? first : 'index.docker.io';
  const full = registry === 'index.docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (path.length < 2 || !PATH.test(full))
    throw refuse('a repository has 2 to 255 lower-case letters, digits, dots, dashes and slashes');
  if (!isAuthority(registry)) throw refuse('a registry is a host, and a port if it needs one');
  const scheme = options.insecure === true || isLocal(registry) ? 'http' : 'https';
  return { repository: `${registry}/${full}`, digest, scheme };
}

/**
 * The payload that is signed for an image: cosign's simple signing, without annotations.
 *
 * @param image - the image
 */
export function simpleSigningText(image: TektonImage): string {
  const name = JSON.stringify(image.repository);
  const type = 'cosign container image signature';
  return `{"critical":{"identity":{"docker-reference":${name}},"image":{"docker-manifest-digest":"${image.digest}"},"type":"${type}"},"optional":null}`;
}

/** The host of a URI, and behind its last colon a port or nothing, as Go reads them. */
function isAuthority(registry: string): boolean {
  const bracket = registry.lastIndexOf('[');
  const hostEnd = bracket === 0 ? registry.lastIndexOf(']') + 1 : registry.lastIndexOf(':');
  if (bracket > 0 || (bracket === 0 && hostEnd === 0)) return false;
  return HOST.test(registry) && (hostEnd === -1 || PORT.test(registry.slice(hostEnd)));
}

/** Registries on this machine and in private networks. Go asks for `localhost` with a port, so that without one it is a name like others. */
function isLocal(registry: string): boolean {
  return registry.startsWith('localhost:') || LOOPBACK.test(registry) || PRIVATE.test(registry);
}

function refuse(message: string): SlsaError {
  return new SlsaError('ERR_SLSA_REFERENCE', message);
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_.-]{1,128}$/;
const PATH = /^[a-z0-9_\-./]{2,255}$/;
const HOST = /^(?:[A-Za-z0-9._~!$&'()*+,;=:[\]<>"-]|[^\0-\x7f])*$/;
const PORT = /^(?::[0-9]*)?$/;
const LOOPBACK =
  /^(?:[^]*\.localhost(?::[0-9]{1,5})?|127\.0\.0\.1(?::[0-9]{1,5})?|::1|\[::1\](?::[0-9]{1,5})?)$/;
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const PRIVATE = new RegExp(
  `^(?:10\\.${BYTE}|172\\.(?:1[6-9]|2[0-9]|3[01])|192\\.168)\\.${BYTE}\\.${BYTE}(?::|$)`,
);
