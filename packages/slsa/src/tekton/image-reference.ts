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
  const name = colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = isRegistry ? name.slice(slash + 1) : name;
  if (!PATH.test(path))
    throw refuse('a repository has 2 to 255 lower-case letters, digits, dots, dashes and slashes');
  const registry = isRegistry && first !== 'docker.io' ? first : 'index.docker.io';
  if (!REGISTRY.test(registry)) throw refuse('a registry is a host, and a port if it needs one');
  const full = registry === 'index.docker.io' && !path.includes('/') ? `library/${path}` : path;
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

function isLocal(registry: string): boolean {
  const host = registry.replace(/:[0-9]{0,5}$/, '');
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    host === '[::1]' ||
    PRIVATE.test(host)
  );
}

function refuse(message: string): SlsaError {
  return new SlsaError('ERR_SLSA_REFERENCE', message);
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const PATH = /^[a-z0-9_\-./]{2,255}$/;
const REGISTRY = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~!$&'()*+,;=%-]{1,255})(?::[0-9]{0,5})?$/;
const PRIVATE =
  /^(?:127\.0\.0\.1|10(?:\.[0-9]{1,3}){3}|192\.168(?:\.[0-9]{1,3}){2}|172\.(?:1[6-9]|2[0-9]|3[01])(?:\.[0-9]{1,3}){2})$/;
