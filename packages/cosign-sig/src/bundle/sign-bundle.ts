/**
 * Make bundles: sign, have the signature stamped and logged, and verify the whole before it is given away.
 *
 * @module
 */
import { type Bytes, concatBytes } from '@sealwright/bytes';
import {
  defaultScheme,
  digest,
  exportPublicPem,
  generateKeyPair,
  keySigner,
  type PrivateKey,
  type SignatureHash,
  type SignatureScheme,
  type Signer,
} from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import { encodeEnvelope, INTOTO_PAYLOAD_TYPE, pae } from '@sealwright/in-toto';
import { bundleHint } from '../key-pair.js';
import type { LogEntry } from '../log/log-entry.js';
import { proposeDsse, proposeHashedRekord } from '../log/proposed-entry.js';
import { requestCertificate } from '../service/fulcio.js';
import type { RekorClient } from '../service/rekor.js';
import type { RekorTilesClient } from '../service/rekor-tiles.js';
import type { ServiceOptions } from '../service/exchange.js';
import { encodeBundle } from './encode-bundle.js';
import { type BundleContent, parseBundle, type SigstoreBundle } from './parse-bundle.js';

/** What makes the signature of a bundle. */
export interface BundleSigner {
  /** The key, or whatever stands for it. */
  readonly signer: Signer;
  /** How it signs. */
  readonly scheme: SignatureScheme;
  /** The certificate of the key, DER; without it the bundle only hints at the key. */
  readonly certificate?: Bytes;
  /** Intermediates and root as they came with the certificate, DER. Bundles leave them out, tags hold them. */
  readonly chain?: readonly Bytes[];
}

/** Who is asked to vouch for the signature. */
export interface SignBundleOptions {
  /** What signs. */
  readonly by: BundleSigner;
  /** Logs that are to have it, of either version. Default none. */
  readonly logs?: readonly (RekorClient | RekorTilesClient)[];
  /** Authorities that are to stamp it: each gives a time-stamp response for the signature. Default none. */
  readonly timestamps?: readonly ((signature: Bytes) => Promise<Bytes>)[];
  /**
   * Looks at the bundle before it is given away or attached: its rejection ends everything, and nothing was written. Default none.
   */
  readonly accept?: (bundle: SigstoreBundle) => Promise<unknown>;
}

/** A bundle that was made. */
export interface SignedBundle {
  /** Its text. */
  readonly json: string;
  /** The same, decoded. */
  readonly bundle: SigstoreBundle;
}

/**
 * A private key as a signer of bundles: Ed25519 prehashed, as logs need it, everything else as the key's default is.
 *
 * @param key - the private key
 */
export function bundleSigner(key: PrivateKey): BundleSigner {
  const scheme = key.kind === 'ed25519' ? 'ed25519ph' : defaultScheme(key);
  return { signer: keySigner(key, { scheme }), scheme };
}

/**
 * Make a key for one signature and have Fulcio certify it. The private key never leaves memory.
 *
 * @param fulcio - how to reach it
 * @param token - an identity token for the audience `sigstore`
 * @param key - what is certified instead of a P-256 key made for this once
 * @throws {@link CosignError} `ERR_COSIGN_SERVICE`, `ERR_COSIGN_IDENTITY` or `ERR_COSIGN_CERTIFICATE`.
 *
 * @example
 * ```ts
 * const by = await keylessSigner({ url: 'https://fulcio.test', fetch }, token);
 * console.log(subjectNames(parseCertificate(by.certificate ?? file))[0]?.value); // ada@example.com
 * ```
 */
export async function keylessSigner(
  fulcio: ServiceOptions,
  token: string,
  key?: PrivateKey,
): Promise<BundleSigner> {
  const by = bundleSigner(key ?? (await generateKeyPair('ec-p256')));
  const { certificate, chain } = await requestCertificate(fulcio, token, by.signer);
  return { ...by, certificate, chain };
}

/**
 * Sign a file.
 *
 * @param artifact - the file
 * @param options - signer, logs and authorities
 * @throws {@link CosignError}
 *
 * @example
 * ```ts
 * const { json } = await signBlob(file, { by: bundleSigner(key), logs: [createRekorClient({ url: 'https://rekor.test', fetch })] });
 * console.log(parseBundle(json).logEntries.length); // 1
 * ```
 */
export async function signBlob(artifact: Uint8Array, options: SignBundleOptions): Promise<SignedBundle> {
  const { by } = options;
  const hash = hashOf(by.scheme);
  const value = digest(hash, artifact);
  const signature = await by.signer.sign(artifact);
  const content: BundleContent = {
    kind: 'message',
    digest: { algorithm: `SHA2_${hash.slice(3)}`, value },
    signature,
  };
  return finish(content, signature, options, async (log) => {
    if ('hashTile' in log) return log.upload({ ...loggedBy(by), digest: value, signature });
    return (await log.upload(proposeHashedRekord(signature, { algorithm: hash, value }, verifierPem(by))))
      .entry;
  });
}

/**
 * Sign a payload in an envelope, such as a statement.
 *
 * @param payload - exactly as it is to be signed
 * @param options - signer, logs and authorities, and the type of the payload. Default `application/vnd.in-toto+json`.
 * @throws {@link CosignError}
 */
export async function signEnvelopeBundle(
  payload: Uint8Array,
  options: SignBundleOptions & {
    /** Type of the payload. */
    readonly payloadType?: string;
  },
): Promise<SignedBundle> {
  const { by, payloadType = INTOTO_PAYLOAD_TYPE } = options;
  const message = pae(payloadType, payload);
  const signature = await by.signer.sign(message);
  const envelope = {
    payloadType,
    payload: concatBytes(payload),
    signatures: [{ keyid: '', sig: signature, unknown: {} }],
  };
  return finish({ kind: 'dsse', envelope }, signature, options, async (log) => {
    if ('hashTile' in log)
      return log.upload({ ...loggedBy(by), digest: digest(hashOf(by.scheme), message), signature });
    return (await log.upload(proposeDsse(encodeEnvelope(envelope), [verifierPem(by)]))).entry;
  });
}

async function finish(
  content: BundleContent,
  signature: Bytes,
  { by, logs = [], timestamps = [], accept }: SignBundleOptions,
  upload: (log: RekorClient | RekorTilesClient) => Promise<LogEntry>,
): Promise<SignedBundle> {
  const stamped: Bytes[] = [];
  for (const stamp of timestamps) stamped.push(await stamp(signature));
  const logEntries: LogEntry[] = [];
  for (const log of logs) logEntries.push(await upload(log));
  const json = encodeBundle({
    version: '0.3',
    material:
      by.certificate === undefined
        ? { kind: 'publicKey', hint: bundleHint(by.signer.publicKey) }
        : { kind: 'certificate', certificate: by.certificate, intermediates: [] },
    logEntries,
    timestamps: stamped,
    content,
  });
  const bundle = parseBundle(json);
  await accept?.(bundle);
  return { json, bundle };
}

function loggedBy({ signer, scheme, certificate }: BundleSigner): {
  key: Signer['publicKey'];
  scheme: SignatureScheme;
  certificate?: Bytes;
} {
  return { key: signer.publicKey, scheme, ...(certificate === undefined ? {} : { certificate }) };
}

function verifierPem({ signer, certificate }: BundleSigner): string {
  return certificate === undefined
    ? exportPublicPem(signer.publicKey)
    : encodePem('CERTIFICATE', certificate);
}

function hashOf(scheme: SignatureScheme): SignatureHash {
  if (scheme.endsWith('sha256')) return 'sha256';
  return scheme.endsWith('sha384') ? 'sha384' : 'sha512';
}
