import type { Bytes } from '@sealwright/bytes';
import {
  encodeInteger,
  encodeOctetString,
  encodeSequence,
  encodeSpki,
  DerReader,
  type KeyKind,
} from '@sealwright/der';

/** Wrap the private key of a curve into PKCS#8, taking the AlgorithmIdentifier from where public keys have it. */
export function wrapCurveKey(kind: KeyKind, privateKey: Uint8Array): Bytes {
  const algorithm = new DerReader(encodeSpki(kind, new Uint8Array())).enter().element().raw;
  return encodeSequence(encodeInteger(Uint8Array.of(0)), algorithm, encodeOctetString(privateKey));
}
