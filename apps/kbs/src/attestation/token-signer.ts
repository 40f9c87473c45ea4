import { equalBytes } from '@sealwright/bytes';
import {
  exportPkcs8,
  generateKeyPair,
  importPrivateKey,
  importSpki,
  type PrivateKey,
} from '@sealwright/crypto';
import { decodePem, parseCertificate } from '@sealwright/der';
import type { EarKeyOptions } from '@sealwright/kbs-protocol';
import { UsageError } from '@sealwright/service';
import type { TokenBrokerConfig } from '../config/types.js';
import type { LoadText } from '../load-text.js';
import type { RecordStore } from '../storage/types.js';
import type { TokenSigner } from './token-issuer.js';

/**
 * The key that signs tokens: the configured one, else one that is made at the first start and kept, sealed, in the database, so
 * that a restart or a second process does not make every token worthless.
 *
 * @param config - `signer` of the token broker
 * @param load - reads key files
 * @param records - where the generated key is kept
 * @throws {@link UsageError} when the configured key or chain cannot be used.
 */
export async function loadTokenSigner(
  config: TokenBrokerConfig['signer'],
  load: LoadText,
  records: RecordStore,
): Promise<TokenSigner> {
  if (config === null) return { key: await keptKey(records), chain: {} };
  const key = await configured('key_path', config.key_path, async (path) => {
    const found = await importPrivateKey(await load(path));
    if (found.kind !== 'ec-p256') throw new Error('expected a P-256 key');
    return found;
  });
  const { cert_path: path, cert_url: x5u } = config;
  const x5c =
    path === null
      ? undefined
      : await configured('cert_path', path, async () => chainOf(await load(path), key));
  const chain: EarKeyOptions = { ...(x5c === undefined ? {} : { x5c }), ...(x5u === null ? {} : { x5u }) };
  return { key, chain };
}

async function keptKey(records: RecordStore): Promise<PrivateKey> {
  const kept =
    (await records.get(RECORD)) ??
    (await records.putIfAbsent(RECORD, exportPkcs8(await generateKeyPair('ec-p256')).expose()));
  return importPrivateKey(kept);
}

function chainOf(pem: string, key: PrivateKey): Uint8Array[] {
  const chain = decodePem(pem).map(({ bytes }) => bytes);
  const [leaf] = chain.map(parseCertificate);
  if (leaf === undefined || !equalBytes(importSpki(leaf.spki).spki, key.publicKey.spki)) {
    throw new Error('expected the certificate of the signing key first');
  }
  return chain;
}

async function configured<T>(name: string, path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new UsageError(`attestation_service.attestation_token_broker.signer.${name}: ${path}: ${reason}`, {
      cause,
    });
  }
}

const RECORD = 'token-signing-key';
