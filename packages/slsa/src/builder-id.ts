import { SlsaError } from './errors.js';

/** The id of a builder, taken apart. */
export interface BuilderId {
  /** What stands before the `@`. */
  readonly name: string;
  /** What stands behind it; empty when there is none. */
  readonly version: string;
}

/** How two ids are compared. */
export interface BuilderMatchOptions {
  /** Whether an id without a version stands for no version only. Default `false`: it stands for all. */
  readonly exact?: boolean;
  /** Whether a short tag such as `v1.2.3` also stands for `refs/tags/v1.2.3`. Default `false`. */
  readonly allowRef?: boolean;
}

/**
 * Take an id apart: `name[@version]`.
 *
 * @param id - of a builder
 * @param options - whether it must have a version
 * @throws {@link SlsaError} `SLSA_BAD_BUILDER_ID`
 */
export function parseBuilderId(id: string, options: { needVersion?: boolean } = {}): BuilderId {
  const [name = '', version, ...rest] = id.split('@');
  if (
    name === '' ||
    version === '' ||
    rest.length > 0 ||
    (options.needVersion === true && version === undefined)
  ) {
    throw new SlsaError('SLSA_BAD_BUILDER_ID', 'a builder id is name@version, the version being optional');
  }
  return { name, version: version ?? '' };
}

/**
 * Compare what is trusted with what a caller asked for, byte for byte.
 *
 * @param trusted - what the certificate or the configuration of a key says
 * @param given - what was asked for
 * @param options - whether versions may be missing or short
 * @throws {@link SlsaError} `SLSA_BAD_BUILDER_ID`
 */
export function matchBuilderId(trusted: string, given: string, options: BuilderMatchOptions = {}): boolean {
  const [have, want] = [parseBuilderId(trusted), parseBuilderId(given)];
  if (have.name !== want.name) return false;
  if (want.version === '') return options.exact !== true || have.version === '';
  if (have.version === want.version) return true;
  return options.allowRef === true && have.version === `refs/tags/${want.version}`;
}
