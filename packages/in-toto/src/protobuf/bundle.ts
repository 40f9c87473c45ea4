import { type Bytes, copyBytes } from '@sealwright/bytes';
import { DSSE_LIMITS, type DsseEnvelope } from '../envelope.js';
import { InTotoError } from '../errors.js';
import { encodeEnvelopeProto, type EnvelopeProtoOptions, parseEnvelopeProto } from './envelope.js';
import { Message, mustBeWithin } from './message.js';
import { WireWriter } from './wire.js';

/** A Sigstore bundle around an envelope. */
export interface EnvelopeBundle {
  /** Which version of bundle. */
  readonly mediaType: string;
  /** The `VerificationMaterial` message as it stands, for whoever knows it; empty for none. */
  readonly verificationMaterial: Bytes;
  /** The envelope, with exactly one signature. */
  readonly envelope: DsseEnvelope;
}

/**
 * Read a `dev.sigstore.bundle.v1.Bundle` that holds an envelope. Nothing is verified, and the verification material is not read.
 *
 * @param bytes - the message
 * @param options - caps
 * @throws {@link InTotoError} also for a bundle around something else, or with a number of signatures other than one.
 */
export function parseBundleProto(bytes: Uint8Array, options: EnvelopeProtoOptions = {}): EnvelopeBundle {
  mustBeWithin(bytes, options.limits?.maxBytes ?? DSSE_LIMITS.maxBytes, 'DSSE');
  const message = new Message(bytes, BUNDLE);
  const content = message.bytes('dsseEnvelope');
  if (content === undefined || message.bytes('messageSignature') !== undefined)
    throw new InTotoError('DSSE_MISSING_FIELD', 'a bundle here holds an envelope and nothing else', {
      pointer: '/dsseEnvelope',
    });
  return {
    mediaType: message.text('mediaType'),
    verificationMaterial: copyBytes(message.bytes('verificationMaterial') ?? new Uint8Array()),
    envelope: mustHaveOneSignature(parseEnvelopeProto(content, options)),
  };
}

/**
 * Write a `dev.sigstore.bundle.v1.Bundle`.
 *
 * @param bundle - what to write
 * @throws {@link InTotoError} for a number of signatures other than one.
 */
export function encodeBundleProto(bundle: EnvelopeBundle): Bytes {
  return new WireWriter()
    .text(1, bundle.mediaType)
    .bytes(2, bundle.verificationMaterial)
    .bytes(4, encodeEnvelopeProto(mustHaveOneSignature(bundle.envelope)), { always: true })
    .finish();
}

function mustHaveOneSignature(envelope: DsseEnvelope): DsseEnvelope {
  if (envelope.signatures.length === 1) return envelope;
  const message = 'the envelope of a bundle has exactly one signature';
  throw new InTotoError('DSSE_LIMIT_EXCEEDED', message, { pointer: '/dsseEnvelope/signatures' });
}

const BUNDLE = {
  names: { 1: 'mediaType', 2: 'verificationMaterial', 3: 'messageSignature', 4: 'dsseEnvelope' },
  layer: 'DSSE',
} as const;
