import type { Bytes } from '@sealwright/bytes';
import { type EnvelopeOptions, openEnvelope } from './envelope.js';
import { InTotoError } from './errors.js';
import { PAE_HEADROOM, paeBefore } from './pae.js';
import { parsePayloadType } from './payload-type.js';
import type { Verifier } from './verifier.js';

declare const verified: unique symbol;

/** A payload whose signatures were checked. Only {@link verifyEnvelope} makes one. */
export interface VerifiedPayload {
  /** Marks that the signatures were checked. */
  readonly [verified]: true;
  /** The bytes that were signed, untouched. */
  readonly payload: Bytes;
  /** What they are; signed along with them. */
  readonly payloadType: string;
  /** The keys that signed, each once. */
  readonly accepted: readonly AcceptedKey[];
  /** Signatures that did not count. */
  readonly skipped: readonly SkippedSignature[];
}

/** A key that signed. */
export interface AcceptedKey {
  /** The verifier's identity. */
  readonly identity: string;
  /** Which signature of the envelope it was, from 0. */
  readonly signatureIndex: number;
}

/** A signature that did not count. */
export interface SkippedSignature {
  /** Which signature of the envelope it was, from 0. */
  readonly signatureIndex: number;
  /** No trusted key verifies it; a key that had counted already does; or, with strict key ids, no trusted key has its id. */
  readonly reason: 'mismatch' | 'repeated-key' | 'no-candidate';
}

/** Whom to trust, and with what. */
export interface VerifyEnvelopeOptions extends EnvelopeOptions {
  /** The trusted keys. */
  readonly verifiers: readonly Verifier[];
  /** How many different keys must have signed. Default 1. */
  readonly threshold?: number;
  /** The payload types to accept: a list or a rule. Default: in-toto statements, be it under the type of their predicate. */
  readonly payloadTypes?: readonly string[] | ((payloadType: string) => boolean);
  /** Whether a key id that no trusted key has leaves a signature without candidates. Default `false`: all keys are tried. */
  readonly strictKeyId?: boolean;
}

/**
 * Verify an envelope over the bytes as received. A threshold counts keys and never signatures: the same key twice is one.
 *
 * @param input - its JSON: text, or UTF-8
 * @param options - whom to trust
 * @throws {@link InTotoError}
 *
 * @example
 * ```ts
 * const verifiers = [verifierFromKey(key.publicKey), verifierFromKey(other.publicKey)];
 * const verified = await verifyEnvelope(text, { verifiers, threshold: 1 });
 * console.log(verified.accepted.length); // 1
 * ```
 */
export async function verifyEnvelope(
  input: string | Uint8Array,
  options: VerifyEnvelopeOptions,
): Promise<VerifiedPayload> {
  const { payload, payloadType, signatures } = openEnvelope(input, options, PAE_HEADROOM);
  const verifiers = [...options.verifiers];
  const threshold = thresholdOf(verifiers, options.threshold ?? 1);
  const message = paeBefore(payloadType, payload);
  const accepted: AcceptedKey[] = [];
  const skipped: SkippedSignature[] = [];
  for (const [signatureIndex, { keyid, sig }] of signatures.entries()) {
    const candidates = candidatesOf(verifiers, keyid, options.strictKeyId === true);
    const key = await firstThatVerifies(candidates, message, sig);
    const skip = (reason: SkippedSignature['reason']): unknown => skipped.push({ signatureIndex, reason });
    if (key === undefined) skip(candidates.length === 0 ? 'no-candidate' : 'mismatch');
    else if (accepted.some(({ identity }) => identity === key.identity)) skip('repeated-key');
    else accepted.push({ identity: key.identity, signatureIndex });
  }
  if (accepted.length === 0)
    throw new InTotoError('DSSE_NO_VALID_SIGNATURE', 'no trusted key signed this envelope');
  if (accepted.length < threshold) {
    throw new InTotoError(
      'DSSE_THRESHOLD_NOT_MET',
      `${threshold} trusted keys must sign, ${accepted.length} did`,
    );
  }
  mustBeAccepted(payloadType, options.payloadTypes ?? isStatementType);
  const result: Omit<VerifiedPayload, typeof verified> = { payload, payloadType, accepted, skipped };
  return result as VerifiedPayload; // the brand has no value
}

function thresholdOf(verifiers: readonly Verifier[], threshold: number): number {
  const keys = new Set(verifiers.map(({ identity }) => identity)).size;
  if (keys > 0 && Number.isSafeInteger(threshold) && threshold >= 1 && threshold <= keys) return threshold;
  throw new InTotoError(
    'DSSE_THRESHOLD_INVALID',
    `a threshold is 1 to the number of different keys, here ${keys}`,
  );
}

function mustBeAccepted(
  payloadType: string,
  types: readonly string[] | ((payloadType: string) => boolean),
): void {
  if (typeof types === 'function' ? types(payloadType) : types.includes(payloadType)) return;
  const expected = typeof types === 'function' ? 'not accepted' : `none of ${types.join(', ')}`;
  throw new InTotoError('DSSE_PAYLOAD_TYPE', `the payload type is ${expected}`, { pointer: '/payloadType' });
}

function isStatementType(payloadType: string): boolean {
  return parsePayloadType(payloadType) !== undefined;
}

function candidatesOf(verifiers: readonly Verifier[], keyid: string, strict: boolean): readonly Verifier[] {
  if (keyid === '') return verifiers;
  const named = verifiers.filter((verifier) => verifier.keyid === keyid);
  return named.length > 0 || strict ? named : verifiers;
}

async function firstThatVerifies(
  verifiers: readonly Verifier[],
  message: Uint8Array,
  signature: Uint8Array,
): Promise<Verifier | undefined> {
  for (const verifier of verifiers) {
    if (await verifier.verify(message, signature)) return verifier;
  }
  return undefined;
}
