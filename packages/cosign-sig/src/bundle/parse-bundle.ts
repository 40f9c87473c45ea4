/**
 * Sigstore bundles, versions 0.1 to 0.3: a signature with everything that it takes to verify it later, offline.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import type { DsseEnvelope } from '@sealwright/in-toto';
import { HASH_NAMES } from '../hash-names.js';
import { type LogEntry, readBundleEntry } from '../log/log-entry.js';
import { ProtoMessage } from '../proto-json.js';

/** What was signed, and the signature. */
export type BundleContent =
  | {
      readonly kind: 'message';
      /** What the signer says that the artifact's digest is; a hint, compared all the same. */
      readonly digest: { readonly algorithm: string; readonly value: Bytes } | undefined;
      readonly signature: Bytes;
    }
  | { readonly kind: 'dsse'; readonly envelope: DsseEnvelope };

/** Whose signature it is. */
export type BundleMaterial =
  | {
      readonly kind: 'publicKey';
      /** Names the key among others; a hint. */
      readonly hint: string;
    }
  | {
      readonly kind: 'certificate';
      /** The signer's certificate, DER. */
      readonly certificate: Bytes;
      /** What came along with it, DER. Nothing makes it trusted. */
      readonly intermediates: readonly Bytes[];
    };

/** A signature with its material, decoded but not verified. */
export interface SigstoreBundle {
  /** Version of the bundle's form; `none` for material that never was in a bundle. */
  readonly version: '0.1' | '0.2' | '0.3' | 'none';
  /** Whose signature it is. */
  readonly material: BundleMaterial;
  /** Entries of transparency logs. */
  readonly logEntries: readonly LogEntry[];
  /** Time-stamp responses, DER. */
  readonly timestamps: readonly Bytes[];
  /** What was signed. */
  readonly content: BundleContent;
  /** The envelope exactly as it was stored, for entries that name its hash; only for material that never was in a bundle. */
  readonly envelope?: Bytes;
  /** What timestamps are made over. Default the signature. */
  readonly stamped?: Bytes;
}

/** How to read a bundle. */
export interface ParseBundleOptions {
  /** Take a chain of certificates in version 0.3 too, as `--allow-certificate-chain` of cosign does. Default `false`. */
  readonly allowCertificateChain?: boolean;
  /** Cap on the text, in bytes. Default 32 MiB. */
  readonly maxBytes?: number;
}

/** The media types of bundles that are written and read here. */
export const BUNDLE_MEDIA_TYPES: ReadonlyMap<string, '0.1' | '0.2' | '0.3'> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', '0.3'],
]);

/** The media type of bundles that are written. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * Read a bundle and hold it to the rules of its version. Unknown members are ignored, as other readers of this format do.
 *
 * @param input - the JSON
 * @param options - leniency and caps
 * @throws {@link CosignError} `ERR_COSIGN_BUNDLE`.
 */
export function parseBundle(input: string | Uint8Array, options: ParseBundleOptions = {}): SigstoreBundle {
  const message = ProtoMessage.parse(input, 'ERR_COSIGN_BUNDLE', options.maxBytes ?? 32 << 20);
  const mediaType = message.text('mediaType');
  const version = BUNDLE_MEDIA_TYPES.get(mediaType);
  if (version === undefined)
    return message.fail(
      'mediaType',
      `expected a bundle of version 0.1 to 0.3, found ${mediaType.slice(0, 128)}`,
    );
  const verification = message.required('verificationMaterial');
  const entries = verification.messages('tlogEntries', MAX_ENTRIES);
  return {
    version,
    material: readMaterial(verification, version === '0.3' && options.allowCertificateChain !== true),
    logEntries: entries.map((entry) => readEntry(entry, version)),
    timestamps: (
      verification.message('timestampVerificationData')?.messages('rfc3161Timestamps', MAX_TIMESTAMPS) ?? []
    ).map((timestamp) => timestamp.requiredBytes('signedTimestamp')),
    content: readContent(message),
  };
}

function readMaterial(verification: ProtoMessage, refuseChain: boolean): BundleMaterial {
  const given = ['publicKey', 'x509CertificateChain', 'certificate'].filter((name) => verification.has(name));
  if (given.length !== 1)
    return verification.fail('', 'expected one of a public key, a certificate and a chain');
  const publicKey = verification.message('publicKey');
  if (publicKey !== undefined) return { kind: 'publicKey', hint: publicKey.text('hint') };
  const single = verification.message('certificate');
  if (single !== undefined)
    return { kind: 'certificate', certificate: single.requiredBytes('rawBytes'), intermediates: [] };
  if (refuseChain) return verification.fail('x509CertificateChain', 'version 0.3 has a single certificate');
  const chain = verification.required('x509CertificateChain').messages('certificates', MAX_CHAIN);
  const [certificate, ...intermediates] = chain.map((part) => part.requiredBytes('rawBytes'));
  if (certificate === undefined) return verification.fail('x509CertificateChain', 'the chain is empty');
  return { kind: 'certificate', certificate, intermediates };
}

function readEntry(message: ProtoMessage, version: '0.1' | '0.2' | '0.3'): LogEntry {
  const entry = readBundleEntry(message);
  if (version === '0.1' && entry.inclusionPromise === undefined)
    return message.fail('inclusionPromise', 'version 0.1 needs a promise of the log');
  if (version !== '0.1' && (entry.inclusionProof?.checkpoint ?? '') === '')
    return message.fail('inclusionProof', `version ${version} needs a proof of inclusion with a checkpoint`);
  return entry;
}

function readContent(message: ProtoMessage): BundleContent {
  if (message.has('messageSignature') === message.has('dsseEnvelope'))
    return message.fail('', 'expected one of a message signature and an envelope');
  const signature = message.message('messageSignature');
  if (signature !== undefined) {
    return {
      kind: 'message',
      digest: readDigest(signature.message('messageDigest')),
      signature: signature.requiredBytes('signature'),
    };
  }
  const envelope = message.required('dsseEnvelope');
  const signatures = envelope.messages('signatures', 100);
  if (signatures.length !== 1)
    return envelope.fail('signatures', `a bundle has one signature, found ${signatures.length}`);
  return {
    kind: 'dsse',
    envelope: {
      payloadType: envelope.text('payloadType'),
      payload: envelope.bytes('payload') ?? new Uint8Array(0),
      signatures: signatures.map((part) => ({
        keyid: part.text('keyid'),
        sig: part.requiredBytes('sig'),
        unknown: {},
      })),
    },
  };
}

function readDigest(digest: ProtoMessage | undefined): { algorithm: string; value: Bytes } | undefined {
  if (digest === undefined) return undefined;
  const algorithm = digest.enumeration('algorithm', HASH_NAMES);
  if (![...HASH_NAMES.values()].includes(algorithm))
    return digest.fail('algorithm', `expected a hash, found ${algorithm.slice(0, 64)}`);
  return { algorithm, value: digest.requiredBytes('digest') };
}

const MAX_ENTRIES = 32;
const MAX_TIMESTAMPS = 32;
const MAX_CHAIN = 10;
