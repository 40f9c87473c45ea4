import { encodeHex } from '@sealwright/bytes';
import {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  type SignatureCheck,
} from '../src/index.js';

/** What to put into a certificate; all of it has a default. */
export interface Subject {
  readonly name?: string;
  readonly issuer?: string;
  /** Stands for a key: whoever has it can sign. */
  readonly key?: number;
  readonly signedBy?: number;
  readonly from?: string;
  readonly to?: string;
  readonly serial?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  readonly algorithm?: Uint8Array;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const ECDSA_SHA256: Uint8Array = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
export const time = (value: string): Uint8Array =>
  encodeElement(value.length === 13 ? 0x17 : 0x18, text(value));
export const nameOf = (value: string): Uint8Array =>
  encodeSequence(encodeElement(0x31, encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, text(value)))));
export const extension = (oid: string, value: Uint8Array, critical = false): Uint8Array =>
  encodeSequence(
    encodeOid(oid),
    ...(critical ? [encodeElement(0x01, Uint8Array.of(0xff))] : []),
    encodeOctetString(value),
  );
export const authority = (pathLength?: number): Uint8Array =>
  extension(
    '2.5.29.19',
    encodeSequence(
      encodeElement(0x01, Uint8Array.of(0xff)),
      ...(pathLength === undefined ? [] : [encodeInteger(Uint8Array.of(pathLength))]),
    ),
    true,
  );
export const usage = (...bits: number[]): Uint8Array =>
  extension('2.5.29.15', encodeElement(0x03, Uint8Array.of(...bits)), true);

/** A certificate whose signature is the key that made it, one byte. */
export function certificate({
  name = 'someone',
  issuer = name,
  key = 1,
  signedBy = key,
  from = '240102030405Z',
  to = '20500102030405Z',
  serial = Uint8Array.of(0),
  extensions = [authority()],
  algorithm = ECDSA_SHA256,
}: Subject = {}): Uint8Array {
  const body = encodeSequence(
    encodeElement(0xa0, encodeInteger(Uint8Array.of(2))),
    encodeElement(0x02, serial),
    algorithm,
    nameOf(issuer),
    encodeSequence(time(from), time(to)),
    nameOf(name),
    spkiOf(key),
    ...(extensions.length === 0 ? [] : [encodeElement(0xa3, encodeSequence(...extensions))]),
  );
  return encodeSequence(body, algorithm, encodeBitString(Uint8Array.of(signedBy)));
}

/** A revocation list in the same manner. */
export function list({
  issuer = 'someone',
  signedBy = 1,
  from = '250102030405Z',
  to = '260102030405Z',
  entries = [] as readonly Uint8Array[],
  extensions = [] as readonly Uint8Array[],
} = {}): Uint8Array {
  const body = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    ECDSA_SHA256,
    nameOf(issuer),
    time(from),
    ...(to === '' ? [] : [time(to)]),
    ...(entries.length === 0 ? [] : [encodeSequence(...entries)]),
    ...(extensions.length === 0 ? [] : [encodeElement(0xa0, encodeSequence(...extensions))]),
  );
  return encodeSequence(body, ECDSA_SHA256, encodeBitString(Uint8Array.of(signedBy)));
}

export const entry = (serial: Uint8Array, ...extensions: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(
    encodeElement(0x02, serial),
    time('250102030405Z'),
    ...(extensions.length === 0 ? [] : [encodeSequence(...extensions)]),
  );

export const spkiOf = (key: number): Uint8Array => encodeSequence(encodeInteger(Uint8Array.of(key)));

/** A signature of the fixture is genuine when it names the key. */
export const verify = async ({ spki, signature }: SignatureCheck): Promise<boolean> =>
  encodeHex(spkiOf(signature[0] ?? 0)) === encodeHex(spki);
