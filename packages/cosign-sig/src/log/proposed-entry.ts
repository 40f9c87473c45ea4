/**
 * What is sent to Rekor v1, and what it makes of it.
 *
 * @module
 */
import {
  type Bytes,
  BytesError,
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
} from '@sealwright/bytes';
import {
  CryptoError,
  defaultScheme,
  digest,
  exportPublicPem,
  importPublicKey,
  type PublicKey,
  type SignatureHash,
  type SignatureScheme,
  verify,
} from '@sealwright/crypto';
import { decodePem, DerError, encodePem, parseCertificate } from '@sealwright/der';
import { InTotoError, pae, parseEnvelope } from '@sealwright/in-toto';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { CosignError } from '../errors.js';

/** An entry as it is sent. */
export interface ProposedEntry {
  /** Version of the kind. */
  readonly apiVersion: string;
  /** Such as `hashedrekord`. */
  readonly kind: string;
  /** What the kind asks for. */
  readonly spec: JsonObject;
}

/**
 * An entry for a signature over a file or a payload.
 *
 * @param signature - over the data
 * @param hashed - the digest of the data, with its hash
 * @param verifierPem - key or certificate, PEM
 */
export function proposeHashedRekord(
  signature: Uint8Array,
  hashed: { readonly algorithm: SignatureHash; readonly value: Uint8Array },
  verifierPem: string,
): ProposedEntry {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: hashed.algorithm, value: encodeHex(hashed.value) } },
      signature: {
        content: encodeBase64(signature),
        publicKey: { content: verifierText(verifierPem) },
      },
    },
  };
}

/**
 * An entry for an envelope. The log keeps hashes and signatures, not the payload.
 *
 * @param envelope - the envelope as JSON text, exactly as it is stored elsewhere
 * @param verifierPems - keys or certificates that its signatures verify with, PEM
 */
export function proposeDsse(envelope: string, verifierPems: readonly string[]): ProposedEntry {
  const verifiers = verifierPems.map(verifierText);
  return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: { envelope, verifiers } } };
}

/**
 * An entry for an envelope, of the kind whose payload the log keeps beside it and gives back.
 *
 * @param envelope - the envelope as JSON text, exactly as it is stored elsewhere: the entry holds its hash
 * @param verifierPem - key or certificate, PEM, of each signature
 * @throws {@link CosignError} `ERR_COSIGN_ENVELOPE`.
 */
export function proposeIntoto(envelope: string, verifierPem: string): ProposedEntry {
  const parsed = envelopeOf(envelope);
  const twice = (bytes: Uint8Array): string => encodeBase64(encodeUtf8(encodeBase64(bytes)));
  return {
    apiVersion: '0.0.2',
    kind: 'intoto',
    spec: {
      content: {
        envelope: {
          payload: twice(parsed.payload),
          payloadType: parsed.payloadType,
          signatures: parsed.signatures.map(({ keyid, sig }) => ({
            ...(keyid === '' ? {} : { keyid }),
            publicKey: verifierText(verifierPem),
            sig: twice(sig),
          })),
        },
        hash: sha256(encodeUtf8(envelope)),
        payloadHash: sha256(parsed.payload),
      },
    },
  };
}

/** The log keeps keys and certificates in one spelling of PEM, whatever it was sent. What is no PEM is for the log to refuse. */
function verifierText(pem: string): string {
  try {
    const text = decodePem(pem).map(({ label, bytes }) =>
      label === 'CERTIFICATE' ? encodePem(label, bytes) : exportPublicPem(importPublicKey(bytes)),
    );
    return encodeBase64(encodeUtf8(text.length === 0 ? pem : text.join('')));
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof CryptoError)) throw error;
    return encodeBase64(encodeUtf8(pem));
  }
}

/**
 * The body that the log hashes into its tree for a proposed entry.
 *
 * @param entry - of kind `hashedrekord` 0.0.1, `dsse` 0.0.1 or `intoto` 0.0.2
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY` for other kinds; `ERR_COSIGN_ENVELOPE`.
 */
export async function canonicalBody(entry: ProposedEntry): Promise<Bytes> {
  const { apiVersion, kind } = entry;
  return encodeUtf8(canonicalJson({ apiVersion, kind, spec: await canonicalSpec(entry) }));
}

async function canonicalSpec({ apiVersion, kind, spec }: ProposedEntry): Promise<JsonObject> {
  switch (`${kind} ${apiVersion}`) {
    case 'hashedrekord 0.0.1':
      return spec;
    case 'dsse 0.0.1':
      return canonicalDsse(spec);
    case 'intoto 0.0.2':
      return canonicalIntoto(spec);
    default:
      throw new CosignError(
        'ERR_COSIGN_LOG_ENTRY',
        `the body of ${kind} ${apiVersion} is not known`.slice(0, 128),
      );
  }
}

async function canonicalDsse(spec: JsonObject): Promise<JsonObject> {
  const { envelope, verifiers } = member(spec, 'proposedContent');
  if (typeof envelope !== 'string' || !Array.isArray(verifiers)) throw malformed();
  const parsed = envelopeOf(envelope);
  const message = pae(parsed.payloadType, parsed.payload);
  const signatures = [];
  for (const { sig } of parsed.signatures) {
    const verifier = await verifierOf(message, sig, verifiers);
    signatures.push({ signature: encodeBase64(sig), verifier });
  }
  return {
    envelopeHash: sha256(encodeUtf8(envelope)),
    payloadHash: sha256(parsed.payload),
    signatures: [...signatures].sort((a, b) => (a.signature < b.signature ? -1 : 1)),
  };
}

/** The log pairs each signature with the first verifier that takes it, and wants one for each. */
async function verifierOf(
  message: Uint8Array,
  signature: Uint8Array,
  verifiers: readonly JsonValue[],
): Promise<string> {
  for (const verifier of verifiers) {
    if (typeof verifier !== 'string') throw malformed();
    const key = keyIn(verifier);
    const schemes: readonly SignatureScheme[] = key.kind.startsWith('ec-')
      ? [defaultScheme(key), 'ecdsa-sha256']
      : [defaultScheme(key)];
    for (const scheme of schemes)
      if (await verify(key, message, signature, { scheme, encoding: 'either' })) return verifier;
  }
  throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'a signature verifies with none of the verifiers');
}

function keyIn(verifier: string): PublicKey {
  try {
    const [block] = decodePem(decodeUtf8(decodeBase64(verifier)));
    if (block?.label === 'CERTIFICATE') return importPublicKey(parseCertificate(block.bytes).spki);
    if (block !== undefined) return importPublicKey(block.bytes);
  } catch (error) {
    if (!(error instanceof BytesError) && !(error instanceof DerError) && !(error instanceof CryptoError))
      throw error;
  }
  throw malformed();
}

function canonicalIntoto(spec: JsonObject): JsonObject {
  const content = member(spec, 'content');
  const { payload, ...envelope } = member(content, 'envelope');
  const signatures = Array.isArray(envelope['signatures']) ? envelope['signatures'] : [];
  const kept = signatures.map((value): JsonValue => {
    if (!isJsonObject(value) || value['keyid'] !== '') return value;
    const { keyid: _empty, ...rest } = value;
    return rest;
  });
  const { payloadHash = hashOfPayload(payload) } = content;
  return { ...spec, content: { ...content, payloadHash, envelope: { ...envelope, signatures: kept } } };
}

/** The log hashes what the base64 of base64 stands for. */
function hashOfPayload(payload: JsonValue | undefined): JsonObject {
  try {
    if (typeof payload === 'string') return sha256(decodeBase64(decodeUtf8(decodeBase64(payload))));
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
  }
  throw malformed();
}

function member(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (isJsonObject(value)) return value;
  throw malformed();
}

function envelopeOf(text: string): ReturnType<typeof parseEnvelope> {
  try {
    return parseEnvelope(text);
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    throw new CosignError('ERR_COSIGN_ENVELOPE', cause.message, { cause });
  }
}

function sha256(bytes: Uint8Array): JsonObject {
  return { algorithm: 'sha256', value: encodeHex(digest('sha256', bytes)) };
}

function malformed(): CosignError {
  return new CosignError('ERR_COSIGN_LOG_ENTRY', 'the proposed entry is malformed');
}
