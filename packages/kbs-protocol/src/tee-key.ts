/**
 * The key that lives in the TEE: resources are sealed to its public half.
 *
 * @module
 */
import { decodeBase64url, Secret, encodeUtf8 } from '@sealwright/bytes';
import {
  exportPkcs8,
  exportPkcs8Pem,
  exportPublicJwk,
  generateKeyPair,
  importPrivateKey,
  importPublicKey,
  type Jwk,
  type PrivateKey,
  type PublicKey,
} from '@sealwright/crypto';
import { encodePem, parsePkcs8 } from '@sealwright/der';
import type { JsonValue } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';
import { objectAt, own, stringAt } from './fields.js';

/** The kinds of TEE keys. `rsa` has 2048 bits when made here. */
export type TeeKeyKind = 'ec-p256' | 'ec-p521' | 'rsa';

/** How the content key of a response is wrapped to a TEE key. */
export type TeeKeyAlgorithm = 'ECDH-ES+A256KW' | 'RSA-OAEP-256' | 'RSA1_5';

/** An EC TEE key on the wire. */
export interface EcTeeJwk {
  /** The key type. */
  readonly kty: 'EC';
  /** The curve. */
  readonly crv: 'P-256' | 'P-521';
  /** How content keys are wrapped to it. */
  readonly alg: 'ECDH-ES+A256KW';
  /** The x coordinate, 32 or 66 bytes, base64url. */
  readonly x: string;
  /** The y coordinate, 32 or 66 bytes, base64url. */
  readonly y: string;
}

/** An RSA TEE key on the wire. */
export interface RsaTeeJwk {
  /** The key type. */
  readonly kty: 'RSA';
  /** How content keys are wrapped to it. */
  readonly alg: 'RSA-OAEP-256' | 'RSA1_5';
  /** The modulus, base64url. */
  readonly n: string;
  /** The public exponent, base64url. */
  readonly e: string;
}

/** A TEE key on the wire: exactly the members that are hashed into the runtime data. */
export type TeeJwk = EcTeeJwk | RsaTeeJwk;

/** The public half of a TEE key. */
export interface TeePublicKey {
  /** Its kind. */
  readonly kind: TeeKeyKind;
  /** How content keys are wrapped to it. */
  readonly alg: TeeKeyAlgorithm;
  /** Its form on the wire, without members that the protocol does not know. */
  readonly jwk: TeeJwk;
  /** The key, checked to be on its curve. */
  readonly key: PublicKey;
}

/** A TEE key with both halves. */
export interface TeeKey {
  /** The public half. */
  readonly publicKey: TeePublicKey;
  /** The private half. */
  readonly privateKey: PrivateKey;
  /** The private half as the clients keep it in files: PKCS#8 PEM for EC, PKCS#1 PEM for RSA. */
  readonly privatePem: Secret;
}

/** What a reader of TEE keys lets pass beyond the default. */
export interface TeeKeyOptions {
  /** Let RSA keys of the algorithm `RSA1_5` pass, which clients up to v0.11 send. Default false. */
  readonly dangerouslyAllowRsa15?: boolean;
}

/**
 * Read a TEE's public key. Members that its form does not know are dropped.
 *
 * @param value - the JWK
 * @param options - what to let pass beyond the default
 * @throws {@link KbsProtocolError} `ERR_KBS_TEE_KEY`
 */
export function parseTeeKey(value: JsonValue, options: TeeKeyOptions = {}): TeePublicKey {
  const object = objectAt(value, '', 'ERR_KBS_TEE_KEY');
  const text = (name: string): string => stringAt(own(object, name), `/${name}`, 'ERR_KBS_TEE_KEY');
  const kty = text('kty');
  if (kty === 'EC') return parseEc(text);
  if (kty === 'RSA') return parseRsa(text, options.dangerouslyAllowRsa15 === true);
  throw refused('expected the key type EC or RSA', '/kty');
}

/**
 * Make a fresh TEE key.
 *
 * @param kind - its kind, P-256 by default
 */
export async function generateTeeKey(kind: TeeKeyKind = 'ec-p256'): Promise<TeeKey> {
  return teeKeyOf(await generateKeyPair(kind, { bits: 2048 }));
}

/**
 * Read a TEE key from the PEM text that clients keep, or that an attestation agent answers with as `tee_keypair`.
 *
 * @param pem - `PRIVATE KEY`, `EC PRIVATE KEY` or `RSA PRIVATE KEY`
 * @throws {@link KbsProtocolError} `ERR_KBS_TEE_KEY`
 */
export async function importTeeKey(pem: string): Promise<TeeKey> {
  let key: PrivateKey;
  try {
    key = await importPrivateKey(pem);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_TEE_KEY', 'expected a private key in PEM', { cause });
  }
  return teeKeyOf(key);
}

/**
 * A TEE key of a private key that is already here.
 *
 * @param privateKey - a P-256, P-521 or RSA key
 * @throws {@link KbsProtocolError} `ERR_KBS_TEE_KEY` for a key of another kind
 */
export function teeKeyOf(privateKey: PrivateKey): TeeKey {
  const { kty, crv = '', x = '', y = '', n = '', e = '' } = exportPublicJwk(privateKey.publicKey);
  const publicKey = parseTeeKey(
    kty === 'RSA' ? { kty, alg: 'RSA-OAEP-256', n, e } : { kty, crv, alg: 'ECDH-ES+A256KW', x, y },
  );
  if (publicKey.kind !== 'rsa') return { publicKey, privateKey, privatePem: exportPkcs8Pem(privateKey) };
  const pkcs8 = exportPkcs8(privateKey);
  const pem = encodePem('RSA PRIVATE KEY', parsePkcs8(pkcs8.expose()).privateKey);
  pkcs8.wipe();
  return { publicKey, privateKey, privatePem: Secret.of(encodeUtf8(pem)) };
}

function parseEc(text: (name: string) => string): TeePublicKey {
  const [crv, alg, x, y] = [text('crv'), text('alg'), text('x'), text('y')];
  if (crv !== 'P-256' && crv !== 'P-521') throw refused('expected the curve P-256 or P-521', '/crv');
  if (alg !== 'ECDH-ES+A256KW') throw refused('expected the algorithm ECDH-ES+A256KW', '/alg');
  mustHaveLength(x, COORDINATE_BYTES[crv], '/x');
  mustHaveLength(y, COORDINATE_BYTES[crv], '/y');
  const key = importJwk({ kty: 'EC', crv, x, y });
  return { kind: crv === 'P-256' ? 'ec-p256' : 'ec-p521', alg, jwk: { kty: 'EC', crv, alg, x, y }, key };
}

function parseRsa(text: (name: string) => string, allowRsa15: boolean): TeePublicKey {
  const [alg, n, e] = [text('alg'), text('n'), text('e')];
  if (alg !== 'RSA-OAEP-256' && !(alg === 'RSA1_5' && allowRsa15)) {
    throw refused('expected the algorithm RSA-OAEP-256', '/alg');
  }
  if (n.length > MAX_MODULUS_CHARACTERS || e.length > 8) throw refused('the RSA key is too long', '/n');
  const key = importJwk({ kty: 'RSA', n, e });
  if (key.bits === undefined || key.bits < 2048)
    throw refused('expected an RSA key of 2048 bits or more', '/n');
  return { kind: 'rsa', alg, jwk: { kty: 'RSA', alg, n, e }, key };
}

function importJwk(jwk: Jwk): PublicKey {
  try {
    return importPublicKey(jwk);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_TEE_KEY', 'the key is not one of its kind', { cause });
  }
}

function mustHaveLength(text: string, length: number, pointer: string): void {
  let found: number | undefined;
  try {
    found = text.length > 100 ? undefined : decodeBase64url(text).byteLength;
  } catch {
    found = undefined;
  }
  if (found !== length) throw refused(`expected ${length} bytes in base64url without padding`, pointer);
}

function refused(message: string, pointer: string): KbsProtocolError {
  return new KbsProtocolError('ERR_KBS_TEE_KEY', message, { pointer });
}

/** Bytes of one coordinate, by curve. */
const COORDINATE_BYTES = { 'P-256': 32, 'P-521': 66 } as const;

/** 8192 bits in base64url, with a leading zero byte to spare. */
const MAX_MODULUS_CHARACTERS = 1370;
