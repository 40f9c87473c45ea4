import { type Bytes, copyBytes } from '@sealwright/bytes';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { DSSE_LIMITS, type DsseEnvelope, type DsseLimits, type DsseSignature } from '../envelope.js';
import { InTotoError } from '../errors.js';
import { Message, mustBeWithin } from './message.js';
import { StructBudget, structBytes, structOf } from './struct.js';
import { WireWriter } from './wire.js';

/** How to read an envelope in protobuf. */
export interface EnvelopeProtoOptions {
  /** Caps other than `DSSE_LIMITS`. */
  readonly limits?: Partial<DsseLimits>;
}

/**
 * Read an `io.intoto.Envelope`. Nothing is verified. Unknown fields are skipped; an extension (DSSE 1.1 draft) becomes the unknown
 * member `extension` of its signature, as in JSON.
 *
 * @param bytes - the message
 * @param options - caps
 * @throws {@link InTotoError}
 */
export function parseEnvelopeProto(bytes: Uint8Array, options: EnvelopeProtoOptions = {}): DsseEnvelope {
  const { maxBytes, maxSignatures, maxDepth } = { ...DSSE_LIMITS, ...options.limits };
  mustBeWithin(bytes, maxBytes, 'DSSE');
  const message = new Message(bytes, { ...ENVELOPE, repeated: { signatures: maxSignatures } });
  const signatures = message.all('signatures');
  if (signatures.length === 0)
    throw new InTotoError('DSSE_NO_SIGNATURES', 'an envelope has a signature', { pointer: '/signatures' });
  const budget = new StructBudget(maxDepth);
  return {
    payloadType: message.text('payloadType'),
    payload: copyBytes(message.bytes('payload') ?? new Uint8Array()),
    signatures: signatures.map((signature) => signatureOf(signature, budget)),
  };
}

/**
 * Write an `io.intoto.Envelope`. Of the unknown members only `extension` has a field.
 *
 * @param envelope - what to write
 */
export function encodeEnvelopeProto(envelope: DsseEnvelope): Bytes {
  const writer = new WireWriter().bytes(1, envelope.payload).text(2, envelope.payloadType);
  for (const { sig, keyid, unknown } of envelope.signatures) {
    const signature = new WireWriter().bytes(1, sig).text(2, keyid);
    const extension = Object.hasOwn(unknown, 'extension') ? unknown['extension'] : undefined;
    if (isJsonObject(extension)) signature.bytes(3, extensionBytes(extension), { always: true });
    writer.bytes(3, signature.finish(), { always: true });
  }
  return writer.finish();
}

function signatureOf(bytes: Uint8Array, budget: StructBudget): DsseSignature {
  const message = new Message(bytes, SIGNATURE);
  const extension = message.bytes('extension');
  return {
    keyid: message.text('keyid'),
    sig: copyBytes(message.bytes('sig') ?? new Uint8Array()),
    unknown: extension === undefined ? {} : { extension: extensionOf(extension, budget) },
  };
}

function extensionOf(bytes: Uint8Array, budget: StructBudget): JsonObject {
  const message = new Message(bytes, EXTENSION);
  return { kind: message.text('kind'), ext: structOf(message.bytes('ext') ?? new Uint8Array(), budget) };
}

function extensionBytes(extension: JsonObject): Bytes {
  const { kind, ext } = extension;
  if (typeof kind !== 'string' || !isJsonObject(ext))
    throw new InTotoError('DSSE_WRONG_TYPE', 'an extension has the text kind and the object ext');
  return new WireWriter().text(1, kind).bytes(2, structBytes(ext)).finish();
}

const ENVELOPE = { names: { 1: 'payload', 2: 'payloadType', 3: 'signatures' }, layer: 'DSSE' } as const;
const SIGNATURE = { names: { 1: 'sig', 2: 'keyid', 3: 'extension' }, layer: 'DSSE' } as const;
const EXTENSION = { names: { 1: 'kind', 2: 'ext' }, layer: 'DSSE' } as const;
