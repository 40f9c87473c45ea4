import { SlsaError } from './errors.js';

/** The source of a build, taken apart. */
export interface GitSource {
  /** `git+` and the URL of the repository. */
  readonly repository: string;
  /** A full ref; empty when there is none. */
  readonly ref: string;
}

/**
 * Complete an expected source: `github.com/a/b` is `git+https://github.com/a/b`.
 *
 * @param source - with or without scheme and `git+`
 */
export function normalizeSource(source: string): string {
  if (source.startsWith('git+')) return source;
  return source.includes('://') ? `git+${source}` : `git+https://${source}`;
}

/**
 * Take a source URI apart: `git+<url>[@<ref>]`. The `@` of an authority, as in `ssh://git@host`, is no ref.
 *
 * @param uri - of provenance
 * @throws {@link SlsaError} `SLSA_BAD_URI`
 */
export function splitSource(uri: string): GitSource {
  const scheme = uri.indexOf('://');
  const path = scheme === -1 ? -1 : uri.indexOf('/', scheme + 3);
  const nowhere = path === scheme + 3 && uri.slice(4, scheme) !== 'file';
  if (!uri.startsWith('git+') || scheme <= 4 || nowhere || uri.length === scheme + 3) {
    throw new SlsaError('SLSA_BAD_URI', 'a source is git+<url>, with @<ref> where it has one');
  }
  const at = path === -1 ? -1 : uri.indexOf('@', path);
  if (at === uri.length - 1) throw new SlsaError('SLSA_BAD_URI', 'the ref of a source is empty');
  return at === -1 ? { repository: uri, ref: '' } : { repository: uri.slice(0, at), ref: uri.slice(at + 1) };
}

/**
 * Whether the source of provenance is in the expected repository, byte for byte: no folding of case, `.git` or hosts.
 *
 * @param uri - of provenance
 * @param expected - completed by {@link normalizeSource}
 * @throws {@link SlsaError} `SLSA_BAD_URI`
 */
export function matchSource(uri: string, expected: string): boolean {
  return splitSource(uri).repository === normalizeSource(expected);
}
