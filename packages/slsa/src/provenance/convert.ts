import { type DigestSet, matchDigests, type ResourceDescriptor } from '@sealwright/in-toto';
import type {
  ProvenanceV01Predicate,
  ProvenanceV02Predicate,
  ProvenanceV1Predicate,
} from '@sealwright/in-toto/predicates';
import { isJsonObject, jsonPointer, type JsonObject } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { filled, isUnset, withoutUnset } from './members.js';
import { type ConfigSource, parametersOf } from './view.js';

/** Provenance in another version. */
export interface Converted<T> {
  /** The predicate in the new version. */
  readonly value: T;
  /** What has no equal there, extensions too, as JSON pointers into the old predicate. */
  readonly lost: readonly string[];
}

/** How to convert to version 1. */
export interface ConvertOptions {
  /** The build type of the result: its meaning changes, so it needs a URI of its own. */
  readonly buildType: string;
  /** What to call the parameters that hold the config source. Default `entryPoint` and `source`. */
  readonly names?: {
    /** The parameter for the entry point. */
    readonly entryPoint?: string;
    /** The parameter for the URI. */
    readonly source?: string;
  };
}

/**
 * Convert provenance 0.1 to 0.2. Only extensions get lost.
 *
 * @param old - read by `provenanceV01` of `@sealwright/in-toto/predicates`
 * @throws {@link SlsaError} `SLSA_CONVERT_MISSING` without a recipe, its type or a builder, `SLSA_CONVERT_RANGE` when it is in no material
 */
export function convertV01ToV02(old: ProvenanceV01Predicate): Converted<ProvenanceV02Predicate> {
  const { builder, recipe, metadata, materials } = old;
  if (isUnset(recipe) || recipe === undefined) {
    throw new SlsaError('SLSA_CONVERT_MISSING', 'version 0.2 needs a build type', { pointer: '/recipe' });
  }
  mustBeSet(recipe.type, '/recipe/type');
  mustBeSet(builder?.id, '/builder/id');
  const index = recipe.definedInMaterial ?? undefined;
  const material = index === undefined ? undefined : materials?.[index];
  if (index !== undefined && material === undefined) {
    const pointer = '/recipe/definedInMaterial';
    throw new SlsaError('SLSA_CONVERT_RANGE', 'there is no such material', { pointer });
  }
  const { arguments: parameters, environment, materials: all } = metadata?.completeness ?? {};
  const value: ProvenanceV02Predicate = {
    builder: { id: builder.id },
    buildType: recipe.type,
    ...withoutUnset({
      invocation: filled({
        configSource: filled({ uri: material?.uri, digest: material?.digest, entryPoint: recipe.entryPoint }),
        parameters: parametersOf(recipe.arguments, '/recipe/arguments'),
        environment: parametersOf(recipe.environment, '/recipe/environment'),
      }),
      metadata: filled({
        buildInvocationId: metadata?.buildInvocationId ?? legacyIdOf(metadata),
        buildStartedOn: metadata?.buildStartedOn,
        buildFinishedOn: metadata?.buildFinishedOn,
        completeness: filled({ parameters, environment, materials: all }),
        reproducible: metadata?.reproducible,
      }),
      materials: materials?.map(withoutUnset),
    }),
  };
  return { value, lost: unknownMembers(old, SHAPE_V01) };
}

/**
 * Convert provenance 0.2 to 1. The config source becomes two parameters and a dependency; how complete the record is, whether
 * the build is reproducible, the evaluated steps and extensions get lost. There is no way back.
 *
 * @param old - read by `provenanceV02` of `@sealwright/in-toto/predicates`
 * @param options - the build type of the result
 * @throws {@link SlsaError} `SLSA_CONVERT_MISSING` without a build type, `SLSA_CONVERT_CONFLICT` when a parameter has the name of one that is added
 * @example
 * ```ts
 * const old = { builder: { id: 'https://example.com/b' }, buildType: 'https://example.com/t', metadata: { reproducible: true } };
 * const { value, lost } = convertV02ToV1(old, { buildType: 'https://example.com/t/v1' });
 * console.log(value.runDetails.builder.id, lost[0]); // https://example.com/b /metadata/reproducible
 * ```
 */
export function convertV02ToV1(
  old: ProvenanceV02Predicate,
  options: ConvertOptions,
): Converted<ProvenanceV1Predicate> {
  const { invocation, metadata, materials } = old;
  mustBeSet(options.buildType, '/buildType');
  const config: ConfigSource = filled(invocation?.configSource) ?? {};
  const value: ProvenanceV1Predicate = {
    buildDefinition: {
      buildType: options.buildType,
      externalParameters: externalParameters(invocation?.parameters ?? {}, config, options),
      ...withoutUnset({
        internalParameters: invocation?.environment,
        resolvedDependencies: withConfig((materials ?? []).map(withoutUnset), config),
      }),
    },
    runDetails: {
      builder: { id: old.builder.id },
      ...withoutUnset({
        metadata: filled({
          invocationId: metadata?.buildInvocationId,
          startedOn: metadata?.buildStartedOn,
          finishedOn: metadata?.buildFinishedOn,
        }),
      }),
    },
  };
  const dropped: readonly (readonly [unknown, string])[] = [
    [old.buildConfig, '/buildConfig'],
    [metadata?.completeness, '/metadata/completeness'],
    [metadata?.reproducible, '/metadata/reproducible'],
  ];
  const lost = dropped.filter(([member]) => !isUnset(member)).map(([, pointer]) => pointer);
  return { value, lost: [...lost, ...unknownMembers(old, SHAPE_V02)] };
}

function externalParameters(
  parameters: Readonly<JsonObject>,
  config: ConfigSource,
  { names = {} }: ConvertOptions,
): JsonObject {
  const { entryPoint = 'entryPoint', source = 'source' } = names;
  if (entryPoint === source)
    throw new SlsaError('SLSA_CONVERT_CONFLICT', 'two parameters would have one name', {
      pointer: '/invocation/configSource',
    });
  for (const name of [entryPoint, source]) {
    if (Object.hasOwn(parameters, name)) {
      const pointer = `/invocation/parameters${jsonPointer(name)}`;
      throw new SlsaError('SLSA_CONVERT_CONFLICT', 'a parameter has this name already', { pointer });
    }
  }
  return {
    ...parameters,
    ...(config.entryPoint === undefined ? {} : { [entryPoint]: config.entryPoint }),
    ...(config.uri === undefined ? {} : { [source]: config.uri }),
  };
}

/** What the types promise, and JSON need not hold. */
function mustBeSet(value: string | undefined, pointer: string): void {
  if (isUnset(value)) throw new SlsaError('SLSA_CONVERT_MISSING', 'this member is needed', { pointer });
}

/** The id of the run as some spell it, where nobody has read it into its proper place. */
function legacyIdOf(metadata: object | undefined): string | undefined {
  const id: unknown = isJsonObject(metadata) ? metadata['buildInvocationID'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function withConfig(
  materials: readonly ResourceDescriptor[],
  config: ConfigSource,
): readonly ResourceDescriptor[] {
  const { uri, digest } = config;
  if (uri === undefined && digest === undefined) return materials;
  const there = materials.some((item) => item.uri === uri && sameDigest(item.digest, digest));
  return there ? materials : [...materials, withoutUnset({ uri, digest })];
}

function sameDigest(a: DigestSet | undefined, b: DigestSet | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return matchDigests(a, b, { accept: Object.keys(b), conflictPolicy: 'reject' }) !== undefined;
}

/** The members of a schema: `true` for one whose inside is anybody's. */
interface Shape {
  readonly [name: string]: Shape | true;
}

function unknownMembers(value: object, shape: Shape, pointer = ''): readonly string[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const place = `${pointer}${jsonPointer(name)}`;
    if (known === undefined) return isUnset(member) ? [] : [place];
    return known === true || !isJsonObject(member) ? [] : unknownMembers(member, known, place);
  });
}

const METADATA: Shape = {
  buildInvocationId: true,
  buildInvocationID: true,
  buildStartedOn: true,
  buildFinishedOn: true,
  reproducible: true,
};
const SHAPE_V01: Shape = {
  builder: { id: true },
  recipe: { type: true, definedInMaterial: true, entryPoint: true, arguments: true, environment: true },
  metadata: { ...METADATA, completeness: { arguments: true, environment: true, materials: true } },
  materials: true,
};
const SHAPE_V02: Shape = {
  builder: { id: true },
  buildType: true,
  invocation: {
    configSource: { uri: true, digest: true, entryPoint: true },
    parameters: true,
    environment: true,
  },
  buildConfig: true,
  metadata: { ...METADATA, completeness: true },
  materials: true,
};
