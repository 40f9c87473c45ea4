/**
 * Who vouches for a signature under a tag: the annotations of its layer, as cosign 2 writes them.
 *
 * @module
 */
import { type Bytes, copyBytes, encodeBase64 } from '@sealwright/bytes';
import { exportPublicPem, type PublicKey } from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import type { SigstoreBundle } from '../bundle/parse-bundle.js';
import { encodeRekorBundle } from '../log/log-entry.js';
import type { ProposedEntry } from '../log/proposed-entry.js';
import type { RekorClient } from '../service/rekor.js';
import {
  BUNDLE_ANNOTATION,
  CERTIFICATE_ANNOTATION,
  CHAIN_ANNOTATION,
  TIMESTAMP_ANNOTATION,
} from './layer-evidence.js';

/** Who is asked to vouch for a signature that goes under a tag. */
export interface LayerVouchers {
  /** The certificate of the key that signs, DER. Default none: the key is known otherwise. */
  readonly certificate?: Bytes;
  /** Intermediates and root as they came with the certificate, DER. Default none. */
  readonly chain?: readonly Bytes[];
  /** A log of version 1, which promises to publish it; tags cannot hold what logs of version 2 say. Default none. */
  readonly log?: Pick<RekorClient, 'upload'>;
  /** An authority that stamps: signatures of images themselves, of attestations the envelope. Default none. */
  readonly timestamp?: (signed: Bytes) => Promise<Bytes>;
  /** Looks at all of it before anything is written, as a verifier would: its rejection ends everything. Default none. */
  readonly accept?: (evidence: SigstoreBundle, payload: Bytes) => Promise<unknown>;
}

/** The certificate, else the key, as a log wants it. */
export function vouchersPem(key: PublicKey, { certificate }: LayerVouchers): string {
  return certificate === undefined ? exportPublicPem(key) : encodePem('CERTIFICATE', certificate);
}

/** Ask everybody, and write down what they say. */
export async function vouchingAnnotations(
  { certificate, chain = [], log, timestamp }: LayerVouchers,
  stamped: Uint8Array,
  entry: () => ProposedEntry,
): Promise<Record<string, string>> {
  const stamp = await timestamp?.(copyBytes(stamped));
  const logged = await log?.upload(entry());
  const pem = (certificates: readonly Bytes[]): string =>
    certificates.map((der) => encodePem('CERTIFICATE', der)).join('');
  return {
    ...(logged === undefined ? {} : { [BUNDLE_ANNOTATION]: encodeRekorBundle(logged.entry) }),
    ...(certificate === undefined ? {} : { [CERTIFICATE_ANNOTATION]: pem([certificate]) }),
    ...(certificate === undefined || chain.length === 0 ? {} : { [CHAIN_ANNOTATION]: pem(chain) }),
    ...(stamp === undefined ? {} : { [TIMESTAMP_ANNOTATION]: encodeTimestampAnnotation(stamp) }),
  };
}

/**
 * Write cosign's annotation `dev.sigstore.cosign/rfc3161timestamp`, which is its file of a timestamp as well.
 *
 * @param response - TimeStampResp, DER
 * @returns JSON
 */
export function encodeTimestampAnnotation(response: Uint8Array): string {
  return JSON.stringify({ SignedRFC3161Timestamp: encodeBase64(response) });
}
