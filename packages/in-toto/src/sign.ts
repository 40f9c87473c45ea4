import { copyBytes } from '@sealwright/bytes';
import type { Signer } from '@sealwright/crypto';
import { type DsseEnvelope, INTOTO_PAYLOAD_TYPE } from './envelope.js';
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
 */
export async function signEnvelope(options: SignEnvelopeOptions): Promise<DsseEnvelope> {
  let envelope: DsseEnvelope = {
    payloadType: options.payloadType ?? INTOTO_PAYLOAD_TYPE,
    payload: copyBytes(options.payload),
    signatures: [],
  };
  for (const signer of options.signers) envelope = await addSignature(envelope, signer);
  return envelope;
}

/**
 * Add a signature to an envelope. Those that are there are kept as they are and not checked.
 *
 * @param envelope - what to sign again
 * @param signer - who signs
 */
export async function addSignature(envelope: DsseEnvelope, signer: Signer): Promise<DsseEnvelope> {
  const sig = await signer.sign(pae(envelope.payloadType, envelope.payload));
  return {
    ...envelope,
    signatures: [...envelope.signatures, { keyid: signer.keyid ?? '', sig, unknown: {} }],
  };
}
