import type { AnyStandardSchema } from '@sealwright/in-toto/predicates';
import { SlsaError, type SlsaErrorCode } from '../errors.js';
import { schemaIssues } from '../parameter-schema.js';

/** How to read the parameters of a build: by schemas of any library that keeps to Standard Schema and answers at once. */
export interface BuildType<E extends object, I extends object> {
  /** What provenance calls it. */
  readonly uri: string;
  /** External parameters of this type. */
  readonly external: AnyStandardSchema<E>;
  /** Internal parameters; any when left out. */
  readonly internal?: AnyStandardSchema<I>;
}

/**
 * Define a build type: the parameters are typed where provenance is made, and checked.
 *
 * @param buildType - its URI and the schemas of its parameters
 */
export function defineBuildType<E extends object, I extends object>(
  buildType: BuildType<E, I>,
): BuildType<E, I> {
  return buildType;
}

/** Refuse parameters that are none of the build type. */
export function checkParameters<E extends object, I extends object>(
  buildType: BuildType<E, I>,
  external: E,
  internal: I | undefined,
): void {
  const at = '/predicate/buildDefinition';
  mustFit(buildType.external, external, 'SLSA_EXTERNAL_PARAMETER', `${at}/externalParameters`);
  if (buildType.internal !== undefined)
    mustFit(buildType.internal, internal ?? {}, 'PREDICATE_INVALID', `${at}/internalParameters`);
}

function mustFit(
  schema: AnyStandardSchema<unknown>,
  value: object,
  code: SlsaErrorCode,
  place: string,
): void {
  const [issue] = schemaIssues(schema, value, place);
  if (issue !== undefined) throw new SlsaError(code, issue.message, { pointer: issue.pointer });
}
