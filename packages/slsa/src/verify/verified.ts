import {
  parsePayloadType,
  parseStatement,
  type Statement,
  type StatementOptions,
  type VerifiedPayload,
} from '@sealwright/in-toto';
import { asSlsaError, SlsaError } from '../errors.js';
import { parseProvenance, type ProvenanceOptions, type ProvenanceView } from '../provenance/view.js';
import { keyIdentities, type SignerIdentity } from './signer.js';

declare const verified: unique symbol;

/** Provenance whose signature was checked. Only {@link provenanceOf} and {@link verifyCloudBuild} make it. */
export interface VerifiedProvenance {
  /** Marks that the signatures were checked. */
  readonly [verified]: true;
  /** The statement. */
  readonly statement: Statement;
  /** What it says. */
  readonly view: ProvenanceView;
  /** Who signed. */
  readonly signers: readonly SignerIdentity[];
}

/** How to read what was verified. */
export interface VerifiedOptions extends ProvenanceOptions {
  /**
   * Who signed, where it is more than a key: from {@link certificateIdentity}, called by whoever checked the certificate of the
   * key that verified the payload. Default: the keys that signed.
   */
  readonly signers?: readonly SignerIdentity[];
  /** Caps of the statement. */
  readonly limits?: NonNullable<StatementOptions['limits']>;
}

/**
 * Read provenance out of a payload whose signatures were checked.
 *
 * @param payload - from `verifyEnvelope` of `@sealwright/in-toto`
 * @param options - who signed
 * @throws {@link SlsaError} where it is no provenance: the level of its artifact is 0 then
 */
export function provenanceOf(payload: VerifiedPayload, options: VerifiedOptions = {}): VerifiedProvenance {
  return verifiedFrom(payload, options.signers ?? keyIdentities(payload), options);
}

/** The same, for payloads that were checked in another way. */
export function verifiedFrom(
  payload: VerifiedPayload | Uint8Array,
  signers: readonly SignerIdentity[],
  options: VerifiedOptions = {},
): VerifiedProvenance {
  const statement = statementFrom(payload, options.limits);
  const view = parseProvenance(statement, options);
  const result: Omit<VerifiedProvenance, typeof verified> = { statement, view, signers };
  return result as VerifiedProvenance; // the brand has no value
}

/** The statement of a payload: strict about subjects, tolerant beyond. */
export function statementFrom(
  payload: VerifiedPayload | Uint8Array,
  limits: StatementOptions['limits'] = {},
): Statement {
  if (!(payload instanceof Uint8Array) && parsePayloadType(payload.payloadType) === undefined)
    throw new SlsaError('DSSE_PAYLOAD_TYPE', 'what was signed is no statement', { pointer: '/payloadType' });
  return asSlsaError(() => parseStatement(payload, { mode: 'tolerant', limits }));
}
