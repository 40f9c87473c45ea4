import type { Finding, ResourceDescriptor, Statement } from '@sealwright/in-toto';
import {
  narrow,
  provenanceV01,
  provenanceV02,
  provenanceV1,
  type ProvenanceV01Predicate,
  type ProvenanceV02Predicate,
  type ProvenanceV1Predicate,
} from '@sealwright/in-toto/predicates';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { asSlsaError, SlsaError } from '../errors.js';
import { PROVENANCE_V01, PROVENANCE_V02, PROVENANCE_V1 } from '../predicate-types.js';
import { filled, withoutUnset } from './members.js';

/** A version of provenance. */
export type ProvenanceVersion = 'v1' | 'v0.2' | 'v0.1';

/** What provenance says, whichever version says it. Read is not verified, and verified is not believed. */
export interface ProvenanceView {
  /** The version it was read from. */
  readonly version: ProvenanceVersion;
  /** The platform that claims to have run the build. */
  readonly builderId: string;
  /** How to read the parameters; `undefined` only where version 0.1 has no recipe. */
  readonly buildType: string | undefined;
  /** What the tenant controls. The config source of old versions is not in it. */
  readonly external: Readonly<JsonObject>;
  /** What the platform controls. */
  readonly internal: Readonly<JsonObject>;
  /** Where old versions say the configuration came from. */
  readonly configSource?: ConfigSource;
  /** The evaluated steps of version 0.2. */
  readonly buildConfig?: Readonly<JsonObject>;
  /** What was fetched; materials in old versions. */
  readonly dependencies: readonly ResourceDescriptor[];
  /** Which run it was. */
  readonly invocationId?: string;
  /** RFC 3339, as it was written. */
  readonly startedOn?: string;
  /** RFC 3339, as it was written. */
  readonly finishedOn?: string;
  /** Logs and the like; none in old versions. */
  readonly byproducts: readonly ResourceDescriptor[];
  /** What old versions claim to have recorded in full. */
  readonly completeness?: Completeness;
  /** What old versions claim about a second build. */
  readonly reproducible?: boolean;
  /** Where in the statement these are. */
  readonly pointers: ProvenancePointers;
  /** What is odd about it and yet no reason to refuse it. */
  readonly warnings: readonly Finding[];
}

/** Where the configuration of a build came from. */
export interface ConfigSource {
  /** A URI. */
  readonly uri?: string;
  /** Of what is at the URI. */
  readonly digest?: Readonly<Record<string, string>>;
  /** Where in it the build begins. */
  readonly entryPoint?: string;
}

/** What a builder claims to have recorded in full; unset means false. */
export interface Completeness {
  /** All parameters; `arguments` in version 0.1. */
  readonly parameters?: boolean;
  /** The whole environment. */
  readonly environment?: boolean;
  /** All materials: the build was hermetic. */
  readonly materials?: boolean;
}

/** Where in a statement the parts of provenance are, as JSON pointers. */
export interface ProvenancePointers {
  /** The id of the builder. */
  readonly builderId: string;
  /** The build type. */
  readonly buildType: string;
  /** The external parameters. */
  readonly external: string;
  /** The internal parameters. */
  readonly internal: string;
  /** The dependencies. */
  readonly dependencies: string;
  /** The config source of old versions; the external parameters in version 1. */
  readonly source: string;
  /** The id of the run. */
  readonly invocationId: string;
}

/** A statement, whether its predicate was narrowed already or not. */
export type ProvenanceStatement = Statement<string, object>;

/** How to read provenance. */
export interface ProvenanceOptions {
  /** Other predicate types to read as a version, such as those of drafts. */
  readonly readAs?: Readonly<Record<string, ProvenanceVersion>>;
}

/**
 * Read the provenance of a statement, of any version. Members that are unset, null or empty are the same; unknown ones are
 * ignored.
 *
 * @param statement - from `parseStatement` of `@sealwright/in-toto`
 * @param options - which other predicate types to take
 * @throws {@link SlsaError} `SLSA_PREDICATE_TYPE`, or `PREDICATE_…` with a pointer into the statement
 */
export function parseProvenance(
  statement: ProvenanceStatement,
  options: ProvenanceOptions = {},
): ProvenanceView {
  const read = asSlsaError(() => narrow(inStead(statement, options), DEFINITIONS, { mode: 'tolerant' }));
  const { warnings } = read;
  if (read.predicateType === PROVENANCE_V1) return { ...viewV1(read.predicate), warnings };
  if (read.predicateType === PROVENANCE_V02) return { ...viewV02(read.predicate), warnings };
  return { ...viewV01(read.predicate), warnings };
}

/** A statement of another type as one of the version that the caller takes it for; never a known type for another. */
function inStead(statement: ProvenanceStatement, { readAs = {} }: ProvenanceOptions): Statement {
  const { predicateType, predicate } = statement;
  const known = DEFINITIONS.some(({ types }) => types.some((type) => type === predicateType));
  const version = !known && Object.hasOwn(readAs, predicateType) ? readAs[predicateType] : undefined;
  const taken = version === undefined ? predicateType : TYPES[version];
  return { ...statement, predicateType: taken, predicate: isJsonObject(predicate) ? predicate : {} };
}

const DEFINITIONS = [provenanceV1, provenanceV02, provenanceV01] as const;

const TYPES: Readonly<Record<ProvenanceVersion, string>> = {
  v1: PROVENANCE_V1,
  'v0.2': PROVENANCE_V02,
  'v0.1': PROVENANCE_V01,
};

type Unwarned = Omit<ProvenanceView, 'warnings'>;

function viewV1({ buildDefinition: definition, runDetails: run }: ProvenanceV1Predicate): Unwarned {
  const at = '/predicate/buildDefinition';
  return {
    version: 'v1',
    builderId: run.builder.id,
    buildType: definition.buildType,
    external: definition.externalParameters,
    internal: definition.internalParameters ?? {},
    dependencies: definition.resolvedDependencies ?? [],
    byproducts: run.byproducts ?? misspelt(run) ?? [],
    ...withoutUnset({
      invocationId: run.metadata?.invocationId,
      startedOn: run.metadata?.startedOn,
      finishedOn: run.metadata?.finishedOn,
    }),
    pointers: {
      builderId: '/predicate/runDetails/builder/id',
      buildType: `${at}/buildType`,
      external: `${at}/externalParameters`,
      internal: `${at}/internalParameters`,
      dependencies: `${at}/resolvedDependencies`,
      source: `${at}/externalParameters`,
      invocationId: '/predicate/runDetails/metadata/invocationId',
    },
  };
}

/** The documentation of Chains says `byProducts`. Its entries were not checked, and only whole objects count. */
function misspelt(run: object): readonly ResourceDescriptor[] | undefined {
  const found: unknown = Object.hasOwn(run, 'byProducts') ? Reflect.get(run, 'byProducts') : undefined;
  return Array.isArray(found) ? found.filter(isJsonObject) : undefined;
}

function viewV02(read: ProvenanceV02Predicate): Unwarned {
  const { invocation, metadata, buildConfig } = read;
  return {
    version: 'v0.2',
    builderId: read.builder.id,
    buildType: read.buildType,
    external: invocation?.parameters ?? {},
    internal: invocation?.environment ?? {},
    dependencies: read.materials ?? [],
    byproducts: [],
    ...withoutUnset({
      configSource: filled(invocation?.configSource),
      buildConfig,
      invocationId: metadata?.buildInvocationId,
      startedOn: metadata?.buildStartedOn,
      finishedOn: metadata?.buildFinishedOn,
      completeness: filled(metadata?.completeness),
      reproducible: metadata?.reproducible,
    }),
    pointers: {
      ...OLD_POINTERS,
      buildType: '/predicate/buildType',
      external: '/predicate/invocation/parameters',
      internal: '/predicate/invocation/environment',
      source: '/predicate/invocation/configSource',
    },
  };
}

function viewV01({ builder, recipe, metadata, materials = [] }: ProvenanceV01Predicate): Unwarned {
  const material = recipe?.definedInMaterial === undefined ? undefined : materials[recipe.definedInMaterial];
  const { arguments: parameters, environment, materials: all } = metadata?.completeness ?? {};
  return {
    version: 'v0.1',
    builderId: builder.id,
    buildType: recipe?.type,
    external: parametersOf(recipe?.arguments, '/predicate/recipe/arguments'),
    internal: parametersOf(recipe?.environment, '/predicate/recipe/environment'),
    dependencies: materials,
    byproducts: [],
    ...withoutUnset({
      configSource: filled({ uri: material?.uri, digest: material?.digest, entryPoint: recipe?.entryPoint }),
      invocationId: metadata?.buildInvocationId,
      startedOn: metadata?.buildStartedOn,
      finishedOn: metadata?.buildFinishedOn,
      completeness: filled({ parameters, environment, materials: all }),
      reproducible: metadata?.reproducible,
    }),
    pointers: {
      ...OLD_POINTERS,
      buildType: '/predicate/recipe/type',
      external: '/predicate/recipe/arguments',
      internal: '/predicate/recipe/environment',
      source: '/predicate/recipe/definedInMaterial',
    },
  };
}

/** The parameters of version 0.1, which its schema leaves open and its text calls an object. */
export function parametersOf(value: JsonValue | undefined, pointer: string): Readonly<JsonObject> {
  if (value === undefined || value === null || value === '') return {};
  if (!isJsonObject(value)) throw new SlsaError('PREDICATE_WRONG_TYPE', 'expected an object', { pointer });
  return value;
}

const OLD_POINTERS = {
  builderId: '/predicate/builder/id',
  dependencies: '/predicate/materials',
  invocationId: '/predicate/metadata/buildInvocationId',
};
