/**
 * Image references: `[host[:port]/]path[:tag][@digest]`.
 *
 * @module
 */
import { OciError } from './errors.js';

/** Where an image is. */
export interface ImageReference {
  /** Host and port of the registry; `docker.io` where the text names none. */
  readonly registry: string;
  /** Path of the repository; a single component on `docker.io` is below `library/`. */
  readonly repository: string;
  /** The tag; `latest` where the text has neither tag nor digest. */
  readonly tag?: string;
  /** `sha256:` and 64 digits, `sha384:` and 96, or `sha512:` and 128; stronger than the tag where there are both. */
  readonly digest?: string;
}

/** How to read a reference. */
export interface ReferenceOptions {
  /** What to take for the tag where the text has neither tag nor digest; `none` leaves it out. Default `latest`. */
  readonly defaultTag?: 'latest' | 'none';
}

/**
 * Read an image reference. The first component is a host only where it has a dot or a colon or is `localhost`; Docker Hub's other
 * spelling `index.docker.io` becomes `docker.io`. 64 hexadecimal digits alone are the id of a local image, not a repository.
 *
 * @param text - as a person writes it; a path has at most 255 characters
 * @param options - the tag to assume
 * @throws {@link OciError} `ERR_OCI_REFERENCE`.
 *
 * @example
 * ```ts
 * const { registry, repository, tag } = parseReference('alpine');
 * console.log(registry, repository, tag); // docker.io library/alpine latest
 * console.log(parseReference('localhost:5000/app', { defaultTag: 'none' }).tag); // undefined
 * ```
 */
export function parseReference(text: string, options: ReferenceOptions = {}): ImageReference {
  if (text.length > MAX_TEXT) throw refuse(`an image reference has at most ${MAX_TEXT} characters`);
  if (IMAGE_ID.test(text)) throw refuse('64 hexadecimal digits are the id of an image, not its name');
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw refuse('a digest is sha256, sha384 or sha512 with its hexadecimal digits, after one @');
  }
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag))
    throw refuse('a tag is 1 to 128 letters, digits, dots, dashes, underscores');
  const { registry, repository } = split(hasTag ? named.slice(0, colon) : named);
  const assumed = digest === undefined && options.defaultTag !== 'none' ? 'latest' : undefined;
  const given = tag ?? assumed;
  return {
    registry,
    repository,
    ...(given === undefined ? {} : { tag: given }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/**
 * Whether a reference names its registry itself. Where it does not, `docker.io` was assumed, and a registries file may say where else
 * to search.
 *
 * @param text - as a person writes it
 */
export function namesRegistry(text: string): boolean {
  const slash = text.indexOf('/');
  return slash > 0 && isHost(text.slice(0, slash));
}

/**
 * Write an image reference in full.
 *
 * @param reference - what to write
 */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/**
 * The scopes of a policy that an image falls into, the narrowest first: its repository, each path above it, its registry,
 * then wildcards over the registry's host.
 *
 * @param reference - the image
 */
export function referenceScopes(reference: ImageReference): readonly string[] {
  const scopes = [...repositoryScopes(reference)];
  const labels = hostOf(reference.registry).split('.');
  for (let from = 1; from < labels.length; from += 1) scopes.push(`*.${labels.slice(from).join('.')}`);
  return scopes;
}

/** The repository, each path above it, and the registry. */
export function repositoryScopes(reference: ImageReference): readonly string[] {
  const parts = [reference.registry, ...reference.repository.split('/')];
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/** Whether a text is a digest of one of the algorithms that images use. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Whether a text is a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** A registry without its port. */
export function hostOf(registry: string): string {
  if (registry.startsWith('[')) return registry.slice(0, registry.indexOf(']') + 1);
  return registry.split(':')[0] ?? '';
}

function split(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const written = isHost(first) ? first : 'docker.io';
  const registry = written === 'index.docker.io' ? 'docker.io' : written;
  const path = isHost(first) ? name.slice(slash + 1) : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!isRegistry(registry)) throw refuse('a registry is a host, and a port if it needs one');
  if (path === '' || !repository.split('/').every((component) => isComponent(component))) {
    throw refuse('a repository is components of lower-case letters and digits, joined by slashes');
  }
  if (repository.length > MAX_PATH)
    throw refuse(`the path of a repository has at most ${MAX_PATH} characters`);
  return { registry, repository };
}

function isHost(component: string): boolean {
  return component.includes('.') || component.includes(':') || component === 'localhost';
}

function isRegistry(registry: string): boolean {
  const host = hostOf(registry);
  const port = registry.slice(host.length);
  if (registry.length > MAX_PATH || (port !== '' && !PORT.test(port))) return false;
  if (host.startsWith('[')) return IPV6.test(host);
  return host.split('.').every((label) => LABEL.test(label));
}

/** Runs of letters and digits with one dot, one or two underscores, or any number of dashes between them. */
function isComponent(component: string): boolean {
  if (!ALLOWED.test(component)) return false;
  return component.split(SEPARATORS).every((run) => run !== '');
}

function refuse(message: string): OciError {
  return new OciError('ERR_OCI_REFERENCE', message);
}

const MAX_TEXT = 1024;
const MAX_PATH = 255;
const IMAGE_ID = /^[0-9a-f]{64}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,253}[A-Za-z0-9])?$/;
const PORT = /^:[0-9]{1,5}$/;
const IPV6 = /^\[[0-9A-Fa-f:]{2,39}\]$/;
const ALLOWED = /^[a-z0-9._-]+$/;
const SEPARATORS = /\.|__?|-+/;
