/**
 * Names of resources on the server: repository, type and tag.
 *
 * @module
 */
import { KbsProtocolError } from './errors.js';

/** A resource's name in its three parts. */
export interface ResourcePath {
  /** The repository, `default` in most deployments. */
  readonly repository: string;
  /** The type: a group of resources such as `cosign-secrets`. */
  readonly type: string;
  /** The tag: one resource of the group. */
  readonly tag: string;
}

/**
 * Read `repository/type/tag`. Each part is of letters, digits, `_`, `-` and `.`, and does not begin with a dot.
 *
 * @param text - the path, already percent-decoded
 * @throws {@link KbsProtocolError} `ERR_KBS_RESOURCE_PATH`
 */
export function parseResourcePath(text: string): ResourcePath {
  const [repository, type, tag, ...more] = text.length > MAX_CHARACTERS ? [] : text.split('/');
  if (more.length > 0 || !isPart(repository) || !isPart(type) || !isPart(tag)) {
    throw new KbsProtocolError('ERR_KBS_RESOURCE_PATH', 'expected repository/type/tag');
  }
  return { repository, type, tag };
}

/**
 * Write a resource's name as `repository/type/tag`.
 *
 * @param path - the three parts
 */
export function formatResourcePath(path: ResourcePath): string {
  return `${path.repository}/${path.type}/${path.tag}`;
}

function isPart(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(text);
}

const MAX_CHARACTERS = 1024;
