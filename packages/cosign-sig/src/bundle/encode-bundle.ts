/**
 * Bundles as text, version 0.3.
 *
 * @module
 */
import { encodeBase64 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { CosignError } from '../errors.js';
import type { LogEntry } from '../log/log-entry.js';
import {
  BUNDLE_MEDIA_TYPE,
  type BundleContent,
  type BundleMaterial,
  type SigstoreBundle,
} from './parse-bundle.js';

/**
 * Write a bundle in version 0.3.
 *
 * @param bundle - with a single certificate or a key, and proofs in its log entries
 * @returns JSON
 * @throws {@link CosignError} `ERR_COSIGN_BUNDLE` for what version 0.3 cannot hold.
 */
export function encodeBundle(bundle: SigstoreBundle): string {
  const { logEntries, timestamps } = bundle;
  if (logEntries.some(({ inclusionProof }) => (inclusionProof?.checkpoint ?? '') === ''))
    throw new CosignError('ERR_COSIGN_BUNDLE', 'version 0.3 needs a proof with a checkpoint for each entry');
  return JSON.stringify({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: {
      ...materialOf(bundle.material),
      ...(logEntries.length === 0 ? {} : { tlogEntries: logEntries.map(entryOf) }),
      ...(timestamps.length === 0
        ? {}
        : {
            timestampVerificationData: {
              rfc3161Timestamps: timestamps.map((der) => ({ signedTimestamp: encodeBase64(der) })),
            },
          }),
    },
    ...contentOf(bundle.content),
  });
}

function materialOf(material: BundleMaterial): JsonObject {
  if (material.kind === 'publicKey') return { publicKey: { hint: material.hint } };
  return { certificate: { rawBytes: encodeBase64(material.certificate) } };
}

function contentOf(content: BundleContent): JsonObject {
  if (content.kind === 'message') {
    const { digest, signature } = content;
    const messageDigest =
      digest === undefined
        ? {}
        : { messageDigest: { algorithm: digest.algorithm, digest: encodeBase64(digest.value) } };
    return { messageSignature: { ...messageDigest, signature: encodeBase64(signature) } };
  }
  const { payload, payloadType, signatures } = content.envelope;
  return {
    dsseEnvelope: {
      payload: encodeBase64(payload),
      payloadType,
      signatures: signatures.map(({ keyid, sig }) => ({
        sig: encodeBase64(sig),
        ...(keyid === '' ? {} : { keyid }),
      })),
    },
  };
}

function entryOf(entry: LogEntry): JsonObject {
  const { inclusionPromise, inclusionProof: proof } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: encodeBase64(entry.logId) },
    kindVersion: { kind: entry.kind, version: entry.version },
    ...(entry.integratedTime === 0 ? {} : { integratedTime: String(entry.integratedTime) }),
    ...(inclusionPromise === undefined
      ? {}
      : { inclusionPromise: { signedEntryTimestamp: encodeBase64(inclusionPromise) } }),
    ...(proof === undefined
      ? {}
      : {
          inclusionProof: {
            logIndex: String(proof.logIndex),
            rootHash: encodeBase64(proof.rootHash),
            treeSize: String(proof.treeSize),
            hashes: proof.hashes.map(encodeBase64),
            checkpoint: { envelope: proof.checkpoint },
          },
        }),
    canonicalizedBody: encodeBase64(entry.body),
  };
}
