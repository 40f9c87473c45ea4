/**
 * PKCS#8 and PKCS#1: clients keep RSA keys in the older of the two.
 *
 * @module
 */
import { copyBytes, type Bytes } from '@sealwright/bytes';
import { derChildren, derElement } from './der-element.js';
import { KbsProtocolError } from './errors.js';

/**
 * The RSAPrivateKey inside a PrivateKeyInfo: SEQUENCE (INTEGER 0, AlgorithmIdentifier, OCTET STRING).
 * The input is our own export, so anything else is a fault of ours.
 */
export function pkcs1OfPkcs8(der: Uint8Array): Bytes {
  const sequence = derElement(der, 0);
  const key = sequence === undefined ? undefined : derChildren(der, sequence)?.[2];
  if (key?.tag !== 0x04) throw new KbsProtocolError('ERR_KBS_TEE_KEY', 'expected an RSA key in PKCS#8');
  return copyBytes(der.subarray(key.from, key.to));
}
