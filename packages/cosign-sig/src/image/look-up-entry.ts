/**
 * Ask a log for the entry of a signature that came without one.
 *
 * @module
 */
import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, type PublicKey } from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import { encodeEnvelope } from '@sealwright/in-toto';
import type { SigstoreBundle } from '../bundle/parse-bundle.js';
import { type ProposedEntry, proposeDsse, proposeHashedRekord } from '../log/proposed-entry.js';
import type { RekorClient } from '../service/rekor.js';

/** What a log is asked for. */
export interface LookUpEntryOptions {
  /** A log of version 1. It should know the log as it is trusted, so that every answer is verified. */
  readonly log: Pick<RekorClient, 'retrieve'>;
  /** What was signed, where the evidence does not hold it. */
  readonly payload?: Uint8Array;
  /** Keys that may have signed, where the evidence has no certificate. */
  readonly keys?: readonly PublicKey[];
}

/**
 * Ask a log for the entry of a signature that came without one, as cosign does where it is allowed to: with the entry that somebody who
 * logs the signature would send. Of several, the earliest counts. Whether it is about the signature is for the verifier.
 *
 * @param evidence - the signature
 * @param options - the log
 * @returns the evidence, with the entry if there is one
 * @throws {@link CosignError} `ERR_COSIGN_SERVICE`, or what an entry that does not hold is refused with.
 */
export async function lookUpEntry(
  evidence: SigstoreBundle,
  options: LookUpEntryOptions,
): Promise<SigstoreBundle> {
  if (evidence.logEntries.length > 0) return evidence;
  const { material } = evidence;
  const pems =
    material.kind === 'certificate'
      ? [encodePem('CERTIFICATE', material.certificate)]
      : (options.keys ?? []).map(exportPublicPem);
  const entries = pems.flatMap((pem) => proposals(evidence, options.payload, pem)).slice(0, MAX_ENTRIES);
  if (entries.length === 0) return evidence;
  const found = await options.log.retrieve({ entries });
  const [earliest] = [...found].sort((a, b) => a.integratedTime - b.integratedTime);
  return earliest === undefined ? evidence : { ...evidence, logEntries: [earliest] };
}

function proposals(
  { content, envelope }: SigstoreBundle,
  payload: Uint8Array | undefined,
  pem: string,
): readonly ProposedEntry[] {
  if (content.kind === 'dsse') {
    const text = envelope === undefined ? encodeEnvelope(content.envelope) : decodeUtf8(envelope);
    const publicKey = encodeBase64(encodeUtf8(pem));
    const old = { apiVersion: '0.0.1', kind: 'intoto', spec: { content: { envelope: text }, publicKey } };
    return [proposeDsse(text, [pem]), old];
  }
  if (payload === undefined) return [];
  return [
    proposeHashedRekord(content.signature, { algorithm: 'sha256', value: digest('sha256', payload) }, pem),
  ];
}

const MAX_ENTRIES = 10;
