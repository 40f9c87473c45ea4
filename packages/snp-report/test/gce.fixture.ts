/** Endorsements made to measure, under roots of their own. */
import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, type PrivateKey, type PublicKey, sign } from '@sealwright/crypto';
import {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodePem,
  encodeSequence,
} from '@sealwright/der';

/** A field of a message: a number, or bytes. */
export function field(number: number, value: number | bigint | Uint8Array): Bytes {
  if (value instanceof Uint8Array)
    return concatBytes(varint(number * 8 + 2), varint(value.byteLength), value);
  return concatBytes(varint(number * 8), varint(value));
}

/** A number in the wire format. */
export function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(left));
}

/** A certificate by a key on P-256. */
export async function certify(
  names: { readonly subject: string; readonly issuer: string },
  key: PublicKey,
  by: PrivateKey,
  isAuthority: boolean,
): Promise<Bytes> {
  const ecdsa = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
  const authority = encodeSequence(
    encodeOid('2.5.29.19'),
    encodeElement(0x01, Uint8Array.of(0xff)),
    encodeOctetString(encodeSequence(encodeElement(0x01, Uint8Array.of(0xff)))),
  );
  const time = (text: string): Uint8Array => encodeElement(0x17, encodeUtf8(text));
  const body = encodeSequence(
    encodeElement(0xa0, encodeInteger(Uint8Array.of(2))),
    encodeInteger(Uint8Array.of(1)),
    ecdsa,
    nameOf(names.issuer),
    encodeSequence(time('240101000000Z'), time('340101000000Z')),
    nameOf(names.subject),
    key.spki,
    ...(isAuthority ? [encodeElement(0xa3, encodeSequence(authority))] : []),
  );
  return encodeSequence(body, ecdsa, encodeBitString(await sign(by, body)));
}

function nameOf(text: string): Bytes {
  const name = encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, encodeUtf8(text)));
  return encodeSequence(encodeElement(0x31, name));
}

/** The key of the root. */
export const root: PrivateKey = await generateKeyPair('ec-p256');
const [middle, signer] = [await generateKeyPair('ec-p256'), await generateKeyPair('rsa', { bits: 2048 })];
/** The root. */
export const rootDer: Bytes = await certify({ subject: 'root', issuer: 'root' }, root.publicKey, root, true);
/** What stands between. */
export const middleDer: Bytes = await certify(
  { subject: 'middle', issuer: 'root' },
  middle.publicKey,
  root,
  true,
);
const signerDer = await certify({ subject: 'signer', issuer: 'middle' }, signer.publicKey, middle, false);
const bundle = encodeUtf8(encodePem('CERTIFICATE', rootDer) + encodePem('CERTIFICATE', middleDer));
/** A digest that is none. */
export const digest = (byte: number): Uint8Array => new Uint8Array(48).fill(byte);
/** A golden measurement. */
export const golden: Bytes = concatBytes(
  field(1, concatBytes(field(1, 1_700_000_000), field(2, 5_000_000))),
  field(2, 2n ** 63n),
  field(3, encodeUtf8('commit')),
  field(4, signerDer),
  field(5, digest(5)),
  field(6, bundle),
  field(
    7,
    concatBytes(
      field(1, 3),
      field(2, concatBytes(field(1, 1), field(2, digest(0x11)))),
      field(2, concatBytes(field(1, 64), field(2, digest(0x12)))),
      field(3, new Uint8Array(16).fill(3)),
      field(5, 0x30000n),
    ),
  ),
  field(
    8,
    concatBytes(
      field(1, 4),
      field(2, concatBytes(field(1, 16), field(3, digest(0x21)))),
      field(2, concatBytes(field(1, 16), field(2, 1), field(3, digest(0x22)))),
    ),
  ),
  field(99, 7),
);
const endorse = async (signed: Uint8Array): Promise<Bytes> =>
  concatBytes(field(1, signed), field(2, await sign(signer, signed, { scheme: 'rsa-pss-sha256' })));
/** Its endorsement. */
export const bytes: Bytes = await endorse(golden);
/** What a guest with 64 processors measures. */
export const measurement: Uint8Array = digest(0x12);
