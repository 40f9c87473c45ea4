import { decodeUtf8, equalBytes } from '@sealwright/bytes';
import { digest, importPublicKey, type PublicKey, CryptoError } from '@sealwright/crypto';
import { decodePem, DerError } from '@sealwright/der';
import { CosignError } from '../errors.js';
import { fulcioExtensions } from '../fulcio/extensions.js';
import { whyNotIdentity } from '../fulcio/identity.js';
import { isVerifier, parseEntryBody } from '../log/entry-body.js';
import { type LogEntry, parseRekorBundle } from '../log/log-entry.js';
import { logIdOf } from '../log/log-id.js';
import { verifyPromise } from '../log/verify-log-entry.js';
import { trustedLog } from '../trust/trusted-root.js';
import { type ChainCertificate, readCertificate, verifyChain } from '../x509/chain.js';
import { CODE_SIGNING, subjectNames } from '../x509/extensions.js';
import { SignatureMemo } from '../x509/signature-memo.js';
import type { SigstoreSignature } from './evidence.js';
import type { FulcioRule, PkiRule } from './policy-file.js';
import { keyOf } from './sigstore-signed.js';
import { refuse } from './refuse.js';

/** What certificates chain up to. */
export interface CertificateTrust {
  /** Authorities that are trusted, PEM. */
  readonly roots: Uint8Array;
  /** Authorities between, PEM. */
  readonly intermediates: Uint8Array | undefined;
  /** Keys of logs. */
  readonly logs: readonly PublicKey[];
}

/** Keys of logs: ECDSA, as Rekor's are. */
export function readLogKeys(files: readonly Uint8Array[]): readonly PublicKey[] {
  return files.map((bytes) => {
    try {
      const key = importPublicKey(decodeUtf8(bytes));
      if (key.kind.startsWith('ec-')) return key;
    } catch (cause) {
      if (!(cause instanceof CryptoError)) throw cause;
    }
    throw refuse('expected the ECDSA key of a log, PEM');
  });
}

/** A log promised to keep the signature by a key; when. */
export async function promisedFor(
  signature: SigstoreSignature,
  bytes: Uint8Array,
  verifierKind: 'publicKey' | 'certificate',
  verifier: Uint8Array,
  logs: readonly PublicKey[],
): Promise<number> {
  const annotation = signature.annotations[BUNDLE];
  if (annotation === undefined) throw refuse('no log promised to keep the signature');
  const entry = parseRekorBundle(annotation);
  await promisedByOne(entry, logs);
  if (entry.kind !== 'hashedrekord' || entry.version !== '0.0.1') {
    throw refuse('expected a log entry of kind hashedrekord 0.0.1');
  }
  const { data, signatures } = parseEntryBody(entry);
  const [logged] = signatures;
  const same =
    data !== undefined &&
    equalBytes(data.value, digest(data.algorithm, signature.payload)) &&
    logged?.signature !== undefined &&
    equalBytes(logged.signature, bytes) &&
    isVerifier(logged, verifierKind, verifier);
  if (!same) throw refuse('the log entry is about another signature');
  return entry.integratedTime * 1000;
}

/** Signed with a certificate of Fulcio for the address, at a time that a log vouches for. */
export async function signedByFulcio(
  signature: SigstoreSignature,
  bytes: Uint8Array,
  rule: FulcioRule,
  trust: CertificateTrust,
): Promise<string> {
  const { leaf, der, given } = certificatesOf(signature);
  const at = await promisedFor(signature, bytes, 'certificate', der, trust.logs);
  await mustChain(leaf, given, trust, at);
  const names = subjectNames(leaf.certificate).filter(({ type }) => type === 'email');
  const identity = { issuer: rule.oidcIssuer, subject: rule.subjectEmail };
  const why = whyNotIdentity({ names, extensions: fulcioExtensions(leaf.certificate) }, identity);
  if (why !== undefined) throw refuse(why);
  await keyOf([leaf.key], signature.payload, bytes);
  return `by ${rule.subjectEmail}, vouched for by ${rule.oidcIssuer}`;
}

/** Signed with a certificate of one's own authority that is valid now. */
export async function signedByPki(
  signature: SigstoreSignature,
  bytes: Uint8Array,
  rule: PkiRule,
  trust: CertificateTrust,
  now: number,
): Promise<string> {
  const { leaf, given } = certificatesOf(signature);
  await mustChain(leaf, given, trust, now);
  const names = subjectNames(leaf.certificate);
  for (const [type, wanted] of [
    ['email', rule.subjectEmail],
    ['dns', rule.subjectHostname],
  ] as const) {
    if (wanted !== undefined && !names.some((name) => name.type === type && name.value === wanted)) {
      throw refuse(`the certificate is not for ${wanted}`);
    }
  }
  await keyOf([leaf.key], signature.payload, bytes);
  return `by a certificate for ${rule.subjectEmail ?? rule.subjectHostname}`;
}

async function mustChain(
  leaf: ChainCertificate,
  given: readonly ChainCertificate[],
  trust: CertificateTrust,
  at: number,
): Promise<void> {
  const anchors = readPem(decodeUtf8(trust.roots)).map(readCertificate);
  const own =
    trust.intermediates === undefined ? [] : readPem(decodeUtf8(trust.intermediates)).map(readCertificate);
  const intermediates = own.length > 0 ? own : given;
  await verifyChain(leaf, { anchors, intermediates, at, purpose: CODE_SIGNING, memo: new SignatureMemo(0) });
}

/** The certificate beside a signature, and those it brings along, which are trusted by nobody. */
function certificatesOf({ annotations }: SigstoreSignature): {
  leaf: ChainCertificate;
  der: Uint8Array;
  given: readonly ChainCertificate[];
} {
  const [der, ...more] = readPem(annotations[CERTIFICATE] ?? '');
  if (der === undefined || more.length > 0) throw refuse('there is no certificate beside the signature');
  return { leaf: readCertificate(der), der, given: readPem(annotations[CHAIN] ?? '').map(readCertificate) };
}

function readPem(text: string): readonly Uint8Array[] {
  try {
    const blocks = decodePem(text).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length <= MAX_CERTIFICATES) return blocks.map(({ bytes }) => bytes);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the certificates are no PEM', { cause });
  }
  throw new CosignError('ERR_COSIGN_LIMIT', `there are at most ${MAX_CERTIFICATES} certificates`);
}

async function promisedByOne(entry: LogEntry, logs: readonly PublicKey[]): Promise<void> {
  let last: CosignError = refuse('there is no key of a log');
  for (const key of logs) {
    try {
      await verifyPromise(entry, trustedLog(key, logIdOf(key)));
      return;
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      last = error;
    }
  }
  throw last;
}

const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const CHAIN = 'dev.sigstore.cosign/chain';
const BUNDLE = 'dev.sigstore.cosign/bundle';
const MAX_CERTIFICATES = 20;
