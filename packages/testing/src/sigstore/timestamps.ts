import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest, type PrivateKey, sign } from '@sealwright/crypto';
import {
  DerReader,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '@sealwright/der';
import { ECDSA_SHA256, nameOf, SERIAL } from './certificates.js';

/** Answer a time-stamp query (RFC 3161). */
export async function stamp(query: Uint8Array, key: PrivateKey, issuer: string, now: number): Promise<Bytes> {
  const fields = new DerReader(query).enter();
  fields.unsigned();
  const imprint = fields.element(0x30).raw;
  const nonce = fields.peek() === 0x02 ? [fields.element(0x02).raw] : [];
  const info = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    encodeOid('1.3.6.1.4.1.57264.2'),
    imprint,
    encodeInteger(Uint8Array.of(7)),
    encodeElement(0x18, encodeUtf8(`${new Date(now).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`)),
    ...nonce,
  );
  const attributes = concatBytes(
    attribute('1.2.840.113549.1.9.3', encodeOid(TST_INFO)),
    attribute('1.2.840.113549.1.9.4', encodeOctetString(digest('sha256', info))),
  );
  const signature = await sign(key, encodeElement(0x31, attributes));
  const sha256 = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'), encodeNull());
  const signer = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    encodeSequence(nameOf(issuer), encodeInteger(SERIAL)),
    sha256,
    encodeElement(0xa0, attributes),
    ECDSA_SHA256,
    encodeOctetString(signature),
  );
  const data = encodeSequence(
    encodeInteger(Uint8Array.of(3)),
    encodeElement(0x31, sha256),
    encodeSequence(encodeOid(TST_INFO), encodeElement(0xa0, encodeOctetString(info))),
    encodeElement(0x31, signer),
  );
  const token = encodeSequence(encodeOid('1.2.840.113549.1.7.2'), encodeElement(0xa0, data));
  return encodeSequence(encodeSequence(encodeInteger(Uint8Array.of(0))), token);
}

function attribute(oid: string, value: Uint8Array): Bytes {
  return encodeSequence(encodeOid(oid), encodeElement(0x31, value));
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
