/**
 * `trusted_root.json`: which authorities and logs to believe, and when they were to be believed.
 *
 * @module
 */
import { type Bytes, equalBytes } from '@sealwright/bytes';
import { CryptoError, importSpki, type PublicKey, type SignatureScheme } from '@sealwright/crypto';
import { encodeSpki } from '@sealwright/der';
import { CosignError } from '../errors.js';
import { HASH_NAMES } from '../hash-names.js';
import { ProtoMessage } from '../proto-json.js';
import { type ChainCertificate, readCertificate } from '../x509/chain.js';
import { detailsFit, KEY_DETAILS, schemeOfDetails } from './key-details.js';
import type { Validity } from './validity.js';

/** A log that is trusted: of signatures, or of certificates. */
export interface TrustedLog {
  /** Its address. */
  readonly baseUrl: string;
  /** Its key; `undefined` for a kind that is not known here, so that nothing of that log counts. */
  readonly key: PublicKey | undefined;
  /** How it signs. */
  readonly scheme: SignatureScheme | undefined;
  /** How entries name it. */
  readonly logId: Bytes;
  /** How its checkpoints name it, where that differs. */
  readonly checkpointKeyId: Bytes | undefined;
  /** When its key was to be believed. */
  readonly validFor: Validity;
  /** Who runs it; empty when unknown. Logs of one operator count as one. */
  readonly operator: string;
}

/** An authority that is trusted: of certificates, or of timestamps. */
export interface TrustedAuthority {
  /** Its address. */
  readonly uri: string;
  /** The certificate that signs, where the authority signs something other than certificates and names it. */
  readonly leaf: ChainCertificate | undefined;
  /** Authorities between. */
  readonly intermediates: readonly ChainCertificate[];
  /** What is trusted: the last of the chain, by its name and key. */
  readonly anchor: ChainCertificate;
  /** When it was to be believed. */
  readonly validFor: Validity;
  /** Who runs it; empty when unknown. */
  readonly operator: string;
}

/** What is trusted. It comes from the caller, never out of what is verified. */
export interface TrustedRoot {
  /** Logs of signatures (Rekor). */
  readonly tlogs: readonly TrustedLog[];
  /** Authorities that certify signers (Fulcio). */
  readonly certificateAuthorities: readonly TrustedAuthority[];
  /** Logs of certificates. */
  readonly ctlogs: readonly TrustedLog[];
  /** Authorities that make timestamps. */
  readonly timestampAuthorities: readonly TrustedAuthority[];
}

/** The media types of trusted roots that are taken. */
export const TRUSTED_ROOT_MEDIA_TYPES: readonly string[] = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];

/**
 * Read a trusted root. An authority with an unusable chain is refused like everything else that is malformed; only keys of kinds
 * that are not known yet are passed over.
 *
 * @param input - the JSON, at most 4 MiB
 * @throws {@link CosignError} `ERR_COSIGN_TRUSTED_ROOT`.
 */
export function parseTrustedRoot(input: string | Uint8Array): TrustedRoot {
  const root = ProtoMessage.parse(input, 'ERR_COSIGN_TRUSTED_ROOT', 4 << 20);
  const mediaType = root.text('mediaType');
  if (!TRUSTED_ROOT_MEDIA_TYPES.includes(mediaType))
    root.fail('mediaType', `expected a trusted root, found ${mediaType.slice(0, 128) || 'none'}`);
  return {
    tlogs: root.messages('tlogs', MAX_ITEMS).map(readLog),
    certificateAuthorities: root.messages('certificateAuthorities', MAX_ITEMS).map(readCertificateAuthority),
    ctlogs: root.messages('ctlogs', MAX_ITEMS).map(readLog),
    timestampAuthorities: root.messages('timestampAuthorities', MAX_ITEMS).map(readAuthority),
  };
}

/**
 * Read one authority, in the form that it has inside a trusted root, with its whole chain: it must end with a root. Inside a trusted
 * root, the last certificate is trusted as it is.
 *
 * @param input - the JSON
 * @param use - what it signs
 * @throws {@link CosignError} `ERR_COSIGN_TRUSTED_ROOT`.
 */
export function parseTrustedAuthority(
  input: string | Uint8Array,
  use: 'certificates' | 'timestamps',
): TrustedAuthority {
  const message = ProtoMessage.parse(input, 'ERR_COSIGN_TRUSTED_ROOT', 1 << 20);
  const authority = use === 'timestamps' ? readAuthority(message) : readCertificateAuthority(message);
  const { subject, issuer } = authority.anchor.certificate;
  if (!equalBytes(subject, issuer)) message.fail('certChain', 'the chain ends before its root');
  return authority;
}

/**
 * An authority out of its certificates, for those who keep PEM files instead of a trusted root.
 *
 * @param chain - DER: the certificate that signs if it is no authority itself, intermediates, the one to trust last
 * @param options - address and validity
 * @throws {@link CosignError} `ERR_COSIGN_TRUSTED_ROOT` or `ERR_COSIGN_CERTIFICATE`.
 */
export function trustedAuthority(
  chain: readonly Uint8Array[],
  options: { readonly uri?: string; readonly validFor?: Validity; readonly operator?: string } = {},
): TrustedAuthority {
  const certificates = chain.map(readCertificate);
  const anchor = certificates.at(-1);
  if (anchor === undefined || certificates.length > MAX_CHAIN)
    throw new CosignError('ERR_COSIGN_TRUSTED_ROOT', `an authority has 1 to ${MAX_CHAIN} certificates`);
  const [first] = certificates;
  const leaf = first !== undefined && first !== anchor && !first.uses.authority ? first : undefined;
  const intermediates = certificates.slice(leaf === undefined ? 0 : 1, -1);
  if ([...intermediates, anchor].some(({ uses }) => !uses.authority))
    throw new CosignError('ERR_COSIGN_TRUSTED_ROOT', 'a certificate of an authority is no authority');
  const { uri = '', validFor = {}, operator = '' } = options;
  return { uri, leaf, intermediates, anchor, validFor, operator };
}

/**
 * A log out of its key, for those who keep a PEM file instead of a trusted root.
 *
 * @param key - of the log
 * @param logId - how entries name it
 * @param options - address and validity
 */
export function trustedLog(
  key: PublicKey,
  logId: Bytes,
  options: { readonly baseUrl?: string; readonly validFor?: Validity; readonly operator?: string } = {},
): TrustedLog {
  const { baseUrl = '', validFor = {}, operator = '' } = options;
  return { baseUrl, key, scheme: undefined, logId, checkpointKeyId: undefined, validFor, operator };
}

function readLog(message: ProtoMessage): TrustedLog {
  if (message.enumeration('hashAlgorithm', HASH_NAMES) !== 'SHA2_256')
    message.fail('hashAlgorithm', 'a log hashes with SHA2_256');
  const publicKey = message.required('publicKey');
  const validFor = readValidity(publicKey);
  if (validFor.start === undefined)
    publicKey.fail('validFor', 'the key of a log says from when on it is valid');
  const details = publicKey.enumeration('keyDetails', KEY_DETAILS);
  const scheme = schemeOfDetails(details);
  const key = scheme === undefined ? undefined : readKey(publicKey, details);
  if (key !== undefined && !detailsFit(details, key)) publicKey.fail('rawBytes', `the key is not ${details}`);
  return {
    baseUrl: message.text('baseUrl'),
    key,
    scheme,
    logId: message.required('logId').requiredBytes('keyId'),
    checkpointKeyId: message.message('checkpointKeyId')?.requiredBytes('keyId'),
    validFor,
    operator: message.text('operator'),
  };
}

function readKey(message: ProtoMessage, details: string): PublicKey {
  const raw = message.requiredBytes('rawBytes');
  try {
    return importSpki(details.startsWith('PKCS1_') ? encodeSpki('rsa', raw) : raw);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    return message.fail('rawBytes', `the key cannot be used: ${cause.message}`);
  }
}

function readCertificateAuthority(message: ProtoMessage): TrustedAuthority {
  const authority = readAuthority(message);
  if (authority.leaf !== undefined)
    message.fail('certChain', 'an authority of certificates issues certificates');
  return authority;
}

function readAuthority(message: ProtoMessage): TrustedAuthority {
  const chain = message
    .required('certChain')
    .messages('certificates', MAX_CHAIN)
    .map((certificate) => certificate.requiredBytes('rawBytes'));
  try {
    return trustedAuthority(chain, {
      uri: message.text('uri'),
      validFor: readValidity(message),
      operator: message.text('operator'),
    });
  } catch (cause) {
    if (!(cause instanceof CosignError)) throw cause;
    return message.fail('certChain', cause.message);
  }
}

function readValidity(message: ProtoMessage): Validity {
  const validFor = message.message('validFor');
  const start = validFor?.time('start');
  const end = validFor?.time('end');
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

const MAX_ITEMS = 256;
const MAX_CHAIN = 12;
