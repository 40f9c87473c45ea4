import { SlsaError } from './errors.js';

/**
 * Whether a ref is the tag of a release: `refs/tags/vMAJOR.MINOR.PATCH` and nothing more.
 *
 * @param ref - a full ref
 */
export function isReleaseTag(ref: string): boolean {
  const version = ref.startsWith(TAGS) ? parseVersion(ref.slice(TAGS.length)) : undefined;
  return version?.patch !== undefined && version.prerelease === '' && version.build === '';
}

/**
 * Whether the tag of provenance is one of the versions that a tag such as `v1` or `v1.2` stands for. Parts given must be equal,
 * a prerelease too once a patch is given; build metadata never counts.
 *
 * @param ref - the full ref of the provenance, completed with zeros where it is partial
 * @param expected - `vMAJOR`, `vMAJOR.MINOR` or a full version
 * @throws {@link SlsaError} `SLSA_BAD_REF`, `SLSA_BAD_SEMVER`
 */
export function matchVersionedTag(ref: string, expected: string): boolean {
  const want = parseVersion(expected);
  if (want === undefined)
    throw new SlsaError('SLSA_BAD_SEMVER', 'the expected tag is not vMAJOR[.MINOR[.PATCH]]');
  if (!ref.startsWith(TAGS)) throw new SlsaError('SLSA_BAD_REF', 'the ref of the provenance is no tag');
  const have = parseVersion(ref.slice(TAGS.length));
  if (have === undefined) throw new SlsaError('SLSA_BAD_SEMVER', 'the tag of the provenance is no version');
  if (have.major !== want.major) return false;
  if (want.minor !== undefined && (have.minor ?? '0') !== want.minor) return false;
  if (want.patch === undefined) return true;
  return (have.patch ?? '0') === want.patch && have.prerelease === want.prerelease;
}

const TAGS = 'refs/tags/';

interface Version {
  readonly major: string;
  readonly minor: string | undefined;
  readonly patch: string | undefined;
  readonly prerelease: string;
  readonly build: string;
}

/** A version with a `v`; partial ones carry neither prerelease nor build metadata. */
function parseVersion(text: string): Version | undefined {
  if (text.length > 256 || !text.startsWith('v')) return undefined;
  const plus = text.indexOf('+');
  const [head, build] = plus === -1 ? [text.slice(1), ''] : [text.slice(1, plus), text.slice(plus + 1)];
  const dash = head.indexOf('-');
  const [core, prerelease] = dash === -1 ? [head, ''] : [head.slice(0, dash), head.slice(dash + 1)];
  const parts = core.split('.');
  if (parts.length > 3 || !parts.every(isNumber)) return undefined;
  if (parts.length < 3 && (dash !== -1 || plus !== -1)) return undefined;
  if (
    dash !== -1 &&
    !prerelease.split('.').every((part) => isWord(part) && !(isDigits(part) && !isNumber(part)))
  ) {
    return undefined;
  }
  if (plus !== -1 && !build.split('.').every(isWord)) return undefined;
  const [major = '', minor, patch] = parts;
  return { major, minor, patch, prerelease, build };
}

function isNumber(text: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(text);
}

function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function isWord(text: string): boolean {
  return /^[0-9A-Za-z-]+$/.test(text);
}
