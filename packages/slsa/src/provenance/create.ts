import type { Finding, ResourceDescriptor, Statement, Subject } from '@sealwright/in-toto';
import {
  type Infer,
  type Predicate,
  provenanceV01,
  provenanceV02,
  provenanceV1,
  type ProvenanceV01Predicate,
  type ProvenanceV02Predicate,
  type ProvenanceV1Predicate,
  type StatementOf,
  statementOf,
} from '@sealwright/in-toto/predicates';
import { type JsonObject, jsonPointer } from '@sealwright/json';
import { asSlsaError, SlsaError } from '../errors.js';
import { type BuildType, checkParameters } from './build-type.js';
import { withoutUnset } from './members.js';

/** What provenance of version 1 is to say. */
export interface ProvenanceInput<E extends object = JsonObject, I extends object = JsonObject> {
  /** What was built; at least one. */
  readonly subject: readonly Subject[];
  /** How to read the parameters: a URI, or a {@link BuildType} that also checks them. */
  readonly buildType: string | BuildType<E, I>;
  /** Everything that the tenant controls: few, flat, texts. */
  readonly external: E;
  /** What the platform sets. */
  readonly internal?: I;
  /** The platform. */
  readonly builder: ProvenanceV1Predicate['runDetails']['builder'];
  /** What was fetched: at least the source, where there is one. */
  readonly dependencies?: readonly ResourceDescriptor[];
  /** Which run it was: globally unique. */
  readonly invocationId: string;
  /** When it began: a date, or RFC 3339 in UTC. */
  readonly startedOn: Date | string;
  /** When it was done: a date, or RFC 3339 in UTC. */
  readonly finishedOn: Date | string;
  /** Logs and the like. */
  readonly byproducts?: readonly ResourceDescriptor[];
}

/**
 * Make provenance of version 1: a statement whose `bytes` are to be signed. What the schema leaves optional and a verifier
 * wants to see (the id of the run and its times) is required here.
 *
 * @param input - what it is to say
 * @throws {@link SlsaError} where it is not what a strict reader takes: `PREDICATE_…`, `INTOTO_…`, `SLSA_BAD_URI`;
 * `SLSA_EXTERNAL_PARAMETER` for a name that is an internal parameter too, and for what the build type refuses
 * @example
 * ```ts
 * const statement = createProvenance({
 *   subject: [{ name: 'app.tgz', digest: { sha256: 'ab'.repeat(32) } }],
 *   buildType: 'https://example.com/make/v1',
 *   external: { target: 'all' },
 *   builder: { id: 'https://example.com/builder' },
 *   invocationId: 'https://example.com/runs/1',
 *   startedOn: new Date('2026-11-20T09:00:00Z'),
 *   finishedOn: new Date('2026-11-20T09:03:30Z'),
 * });
 * console.log(statement.predicateType); // https://slsa.dev/provenance/v1
 * ```
 */
export function createProvenance<E extends object = JsonObject, I extends object = JsonObject>(
  input: ProvenanceInput<E, I>,
): Statement<'https://slsa.dev/provenance/v1', ProvenanceV1Predicate> {
  const { subject, buildType, external, internal, builder, invocationId } = input;
  if (typeof buildType !== 'string') checkParameters(buildType, external, internal);
  const twice = Object.keys(external).find((name) => internal !== undefined && Object.hasOwn(internal, name));
  if (twice !== undefined) {
    throw new SlsaError('SLSA_EXTERNAL_PARAMETER', 'a parameter is either external or internal', {
      pointer: `/predicate/buildDefinition/externalParameters${jsonPointer(twice)}`,
    });
  }
  const metadata = { invocationId, startedOn: time(input.startedOn), finishedOn: time(input.finishedOn) };
  for (const [name, value] of Object.entries(metadata)) {
    const pointer = `/predicate/runDetails/metadata/${name}`;
    if (value === '')
      throw new SlsaError('PREDICATE_MISSING_FIELD', `member ${name} is missing`, { pointer });
  }
  const predicate = {
    buildDefinition: {
      buildType: typeof buildType === 'string' ? buildType : buildType.uri,
      externalParameters: { ...external },
      ...withoutUnset({
        internalParameters: internal === undefined ? undefined : { ...internal },
        resolvedDependencies: input.dependencies,
      }),
    },
    runDetails: { builder, metadata, ...withoutUnset({ byproducts: input.byproducts }) },
  };
  return made(provenanceV1, { subject, predicate: predicate as ProvenanceV1Predicate }); // checked there, member by member
}

/** Provenance of an old version: what it is about, and the predicate. */
export interface OldProvenanceInput<P> {
  /** What was built; at least one. */
  readonly subject: readonly Subject[];
  /** What it is to say. */
  readonly predicate: P;
  /** The version of the statement. Default `v0.1`, as readers of old provenance want it. */
  readonly statementVersion?: 'v1' | 'v0.1';
}

/**
 * Make provenance of version 0.2, for readers that know no other.
 *
 * @param input - what it is to say
 * @throws {@link SlsaError} where it is not what a strict reader takes
 */
export function createProvenanceV02(
  input: OldProvenanceInput<ProvenanceV02Predicate>,
): Statement<'https://slsa.dev/provenance/v0.2', ProvenanceV02Predicate> {
  const { subject, predicate, statementVersion: version = 'v0.1' } = input;
  return made(provenanceV02, { subject, predicate, version });
}

/**
 * Make provenance of version 0.1, for readers that know no other.
 *
 * @param input - what it is to say
 * @throws {@link SlsaError} where it is not what a strict reader takes
 */
export function createProvenanceV01(
  input: OldProvenanceInput<ProvenanceV01Predicate>,
): StatementOf<typeof provenanceV01> {
  const { subject, predicate, statementVersion: version = 'v0.1' } = input;
  return made(provenanceV01, { subject, predicate, version });
}

/** A statement that a strict reader takes, and whose builder and build type are URIs. */
function made<D extends Predicate>(
  definition: D,
  input: { subject: readonly Subject[]; predicate: Infer<D>; version?: 'v1' | 'v0.1' },
): StatementOf<D> {
  const statement = asSlsaError(() => statementOf(definition).create(input));
  const warnings: readonly Finding[] = statement.warnings;
  const bad = warnings.find(({ code, pointer }) => code === 'INTOTO_BAD_URI' && IDS.has(pointer));
  if (bad !== undefined) {
    throw new SlsaError('SLSA_BAD_URI', bad.message, { pointer: bad.pointer, findings: warnings });
  }
  return statement;
}

/** A time as RFC 3339, to the second; empty when it is none. */
function time(value: Date | string): string {
  if (!(value instanceof Date)) return value;
  return Number.isNaN(value.getTime()) ? '' : `${value.toISOString().slice(0, -5)}Z`;
}

const IDS: ReadonlySet<string> = new Set([
  '/predicate/buildDefinition/buildType',
  '/predicate/runDetails/builder/id',
  '/predicate/buildType',
  '/predicate/builder/id',
  '/predicate/recipe/type',
]);
