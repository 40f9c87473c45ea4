import type { Signer } from '@sealwright/crypto';
import { type DsseEnvelope, type DsseSignature, INTOTO_PAYLOAD_TYPE } from './envelope.js';
import { pae } from './pae.js';

/** What to sign, and who signs. */
export interface SignEnvelopeOptions {
  /** The bytes to sign. They travel along, so any serialisation will do. */
  readonly payload: Uint8Array;
  /** What they are. Default: an in-toto statement. */
  readonly payloadType?: string;
  /** Who signs; at least one. */
  readonly signers: readonly [Signer, ...Signer[]];
}

/**
 * Sign a payload.
 *
 * @param options - what to sign, and who signs
 *
 * @example
 * ```ts
 * const envelope = await signEnvelope({ payload: statement.bytes, signers: [keySigner(key)] });
 * console.log(envelope.payloadType); // application/vnd.in-toto+json
 * ```
 */
export async function signEnvelope(options: SignEnvelopeOptions): Promise<DsseEnvelope> {
  const payloadType = options.payloadType ?? INTOTO_PAYLOAD_TYPE;
  const message = pae(payloadType, options.payload);
  // What was signed, whatever becomes of the memory that was given.
  const payload = message.subarray(message.byteLength - options.payload.byteLength);
  const signatures: DsseSignature[] = [];
  for (const signer of options.signers) signatures.push(await signatureBy(signer, message));
  return { payloadType, payload, signatures };
}

/**
 * Add a signature to an envelope. Those that are there are kept as they are and not checked.
 *
 * @param envelope - what to sign again
 * @param signer - who signs
 */
export async function addSignature(envelope: DsseEnvelope, signer: Signer): Promise<DsseEnvelope> {
  const signature = await signatureBy(signer, pae(envelope.payloadType, envelope.payload));
  return { ...envelope, signatures: [...envelope.signatures, signature] };
}

async function signatureBy(signer: Signer, message: Uint8Array): Promise<DsseSignature> {
  return { keyid: signer.keyid ?? '', sig: await signer.sign(message), unknown: {} };
}
