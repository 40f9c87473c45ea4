/**
 * What stands beside a signature in the tag layout, gathered into what the verifier takes.
 *
 * @module
 */
import { type Bytes, BytesError } from '@sealwright/bytes';
import { decodePem, DerError } from '@sealwright/der';
import { InTotoError, parseEnvelope } from '@sealwright/in-toto';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import type { BundleMaterial, SigstoreBundle } from '../bundle/parse-bundle.js';
import { CosignError } from '../errors.js';
import { parseRekorBundle } from '../log/log-entry.js';
import type { SignatureLayer } from '../tag-layout.js';
import { signatureOf } from '../verify-image.js';
import { decodeWrappedBase64 } from '../wrapped-base64.js';

/** The annotation with the signer's certificate, PEM. */
export const CERTIFICATE_ANNOTATION = 'dev.sigstore.cosign/certificate';
/** The annotation with intermediates and root, PEM. */
export const CHAIN_ANNOTATION = 'dev.sigstore.cosign/chain';
/** The annotation with a log's promise. */
export const BUNDLE_ANNOTATION = 'dev.sigstore.cosign/bundle';
/** The annotation with a timestamp. */
export const TIMESTAMP_ANNOTATION = 'dev.sigstore.cosign/rfc3161timestamp';

/** A signature or attestation in the tag layout. */
export interface LayerMaterial {
  /** What the layer says about itself; unsigned. */
  readonly layer: Pick<SignatureLayer, 'annotations'>;
  /** The payload or the envelope, exactly as stored. */
  readonly blob: Uint8Array;
}

/** What of a layer's evidence is asked for. What is not is not read either, so that it cannot be malformed. */
export interface AskedEvidence {
  /** Whether entries of logs matter. */
  readonly logEntries: boolean;
  /** Whether timestamps matter. */
  readonly timestamps: boolean;
}

/**
 * A signature layer as the verifier takes it; its artifact is the payload.
 *
 * @param material - layer and payload
 * @param withKey - whether a key is trusted, so that certificates do not matter
 * @param asked - what else matters. Default everything.
 * @throws {@link CosignError}
 */
export function signatureEvidence(
  material: LayerMaterial,
  withKey: boolean,
  asked: AskedEvidence = EVERYTHING,
): SigstoreBundle {
  const { annotations } = material.layer;
  return {
    version: 'none',
    material: materialOf(annotations, withKey),
    logEntries: asked.logEntries ? entriesOf(annotations) : [],
    timestamps: asked.timestamps ? timestampsOf(annotations) : [],
    content: { kind: 'message', digest: undefined, signature: signatureOf(material.layer) },
  };
}

/**
 * An attestation layer as the verifier takes it: once for each signature of its envelope.
 *
 * @param material - layer and envelope
 * @param withKey - whether a key is trusted, so that certificates do not matter
 * @param asked - what else matters. Default everything.
 * @throws {@link CosignError}
 */
export function attestationEvidence(
  { layer, blob }: LayerMaterial,
  withKey: boolean,
  asked: AskedEvidence = EVERYTHING,
): SigstoreBundle[] {
  const { annotations } = layer;
  const envelope = new Uint8Array(blob);
  try {
    const { signatures, ...rest } = parseEnvelope(envelope);
    return signatures.map((signature) => ({
      version: 'none',
      material: materialOf(annotations, withKey),
      logEntries: asked.logEntries ? entriesOf(annotations) : [],
      timestamps: asked.timestamps ? timestampsOf(annotations) : [],
      content: { kind: 'dsse', envelope: { ...rest, signatures: [signature] } },
      envelope,
      stamped: envelope,
    }));
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    throw new CosignError('ERR_COSIGN_ENVELOPE', cause.message, { cause });
  }
}

function materialOf(annotations: Readonly<Record<string, string>>, withKey: boolean): BundleMaterial {
  if (withKey) return { kind: 'publicKey', hint: '' };
  const [certificate] = certificatesIn(annotations[CERTIFICATE_ANNOTATION] ?? '');
  if (certificate === undefined)
    throw new CosignError('ERR_COSIGN_NO_CERTIFICATE', 'the signature has no certificate');
  return {
    kind: 'certificate',
    certificate,
    intermediates: certificatesIn(annotations[CHAIN_ANNOTATION] ?? ''),
  };
}

function certificatesIn(pem: string): Bytes[] {
  try {
    const blocks = decodePem(pem, { maxBytes: 256 << 10 }).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length <= MAX_CHAIN) return blocks.map(({ bytes }) => bytes);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CosignError('ERR_COSIGN_CERTIFICATE', `an annotation holds no PEM: ${cause.message}`, {
      cause,
    });
  }
  throw new CosignError('ERR_COSIGN_LIMIT', `a chain has at most ${MAX_CHAIN} certificates`);
}

function entriesOf(annotations: Readonly<Record<string, string>>): SigstoreBundle['logEntries'] {
  const bundle = annotations[BUNDLE_ANNOTATION];
  return bundle === undefined || bundle === '' ? [] : [parseRekorBundle(bundle)];
}

function timestampsOf(annotations: Readonly<Record<string, string>>): Bytes[] {
  const text = annotations[TIMESTAMP_ANNOTATION];
  if (text === undefined || text === '') return [];
  try {
    const json = parseJson(text, { maxBytes: 256 << 10 });
    const signed = isJsonObject(json) ? json['SignedRFC3161Timestamp'] : undefined;
    if (typeof signed === 'string') return [decodeWrappedBase64(signed)];
  } catch (cause) {
    if (!(cause instanceof JsonError) && !(cause instanceof BytesError)) throw cause;
  }
  throw new CosignError('ERR_COSIGN_TIMESTAMP', 'the timestamp annotation is malformed');
}

const EVERYTHING: AskedEvidence = { logEntries: true, timestamps: true };
const MAX_CHAIN = 10;
