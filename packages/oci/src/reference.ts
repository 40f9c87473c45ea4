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
  /** `sha256:` and 64 digits, or `sha512:` and 128; stronger than the tag where there are both. */
  readonly digest?: string;
}

/**
 * Read an image reference.
 *
 * @param text - as a person writes it
 * @throws {@link OciError} `ERR_OCI_REFERENCE`.
 */
export function parseReference(text: string): ImageReference {
  if (text.length > MAX_TEXT) throw refuse(`an image reference has at most ${MAX_TEXT} characters`);
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    throw refuse('a digest is sha256 or sha512 with its hexadecimal digits, after one @');
  }
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag))
    throw refuse('a tag is 1 to 128 letters, digits, dots, dashes, underscores');
  const { registry, repository } = split(hasTag ? named.slice(0, colon) : named);
  return {
    registry,
    repository,
    ...(tag === undefined && digest === undefined ? { tag: 'latest' } : tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
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
  const scopes: string[] = [];
  const parts = [reference.registry, ...reference.repository.split('/')];
  for (let length = parts.length; length > 0; length -= 1) scopes.push(parts.slice(0, length).join('/'));
  const labels = (reference.registry.split(':')[0] ?? '').split('.');
  for (let from = 1; from < labels.length; from += 1) scopes.push(`*.${labels.slice(from).join('.')}`);
  return scopes;
}

function split(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = isHost ? first : 'docker.io';
  const path = isHost ? name.slice(slash + 1) : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!HOST.test(registry)) throw refuse('a registry is a host, and a port if it needs one');
  if (path === '' || !repository.split('/').every((component) => isComponent(component))) {
    throw refuse('a repository is components of lower-case letters and digits, joined by slashes');
  }
  if (path.length > MAX_PATH) throw refuse(`the path of a repository has at most ${MAX_PATH} characters`);
  return { registry: registry === 'index.docker.io' ? 'docker.io' : registry, repository };
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
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})(?::[0-9]{1,5})?$/;
const ALLOWED = /^[a-z0-9._-]+$/;
const SEPARATORS = /\.|__?|-+/;
