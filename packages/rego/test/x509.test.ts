import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../src/functions/index.js';
import { preparePolicy, RegoError, toJson } from '../src/index.js';

const CERTIFICATE =
  '-----BEGIN CERTIFICATE-----\nMIIBLjCB4aADAgECAhQhraBQaF8n/XZIvW2im1eVX9uzsjAFBgMrZXAwDTELMAkG\nA1UEAwwCZWQwHhcNMjYxMTIxMTAwNzUwWhcNMjYxMjAxMTAwNzUwWjANMQswCQYD\nVQQDDAJlZDAqMAUGAytlcAMhAF5t56h7U3pf6PIl2iT6GBABu/03ZacU3Nj6ofjf\n7dNlo1MwUTAdBgNVHQ4EFgQUxHDJlA2+YoqOjWDRQRzY+ilF+CcwHwYDVR0jBBgw\nFoAUxHDJlA2+YoqOjWDRQRzY+ilF+CcwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXAD\nQQBkKM/5oSGKz0wYPP7LPlJaqH4QRNDCm1zTkeGKK7uJrew/VDbHCfoEiH2eCbyF\nqd62lTXnv+Hxpq9keN8u45YA\n-----END CERTIFICATE-----\n';
const REQUEST =
  '-----BEGIN CERTIFICATE REQUEST-----\nMIGyMGYCAQAwDDEKMAgGA1UEAwwBdDAqMAUGAytlcAMhAF5t56h7U3pf6PIl2iT6\nGBABu/03ZacU3Nj6ofjf7dNloCcwJQYJKoZIhvcNAQkOMRgwFjAUBgNVHREEDTAL\ngglhLmV4YW1wbGUwBQYDK2VwA0EAa9OS/gme0IJfHIPQYe/U0FzluHyDdGE/tnzY\nc0Bi6qiAWuf316EM2959P4zDbXQco/BIbj3ifWljJHb0DtWkBA==\n-----END CERTIFICATE REQUEST-----\n';
const KEY =
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHguEB8KWZ/umeTOJSiBNIE9JPpA6yMVwYTuCGiElXHT\n-----END PRIVATE KEY-----\n';
const EC_KEY =
  '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIEgMJuLwmQbXLq7//GJsyary+8lbSUsjDCVmEYIgzceboAoGCCqGSM49\nAwEHoUQDQgAEcLnmORBNBznSBTVp9jtC4CUsXWhNpQs0yexZzOVvGFaLZhYZNP8+\nJWQzMLTohznCtT4zxqxioouOwPxRLdsuPA==\n-----END EC PRIVATE KEY-----\n';

const evaluate = (term: string): unknown => {
  const value = preparePolicy([], { functions: FUNCTIONS }).value(term, {
    input: { certificate: CERTIFICATE, request: REQUEST, key: KEY, ecKey: EC_KEY },
  });
  return value === undefined ? undefined : toJson(value);
};

describe('certificates and keys', () => {
  it('are read as the structures of the reference', () => {
    expect(evaluate('crypto.x509.parse_certificates(input.certificate)')).toMatchObject([
      {
        BasicConstraintsValid: true,
        IsCA: true,
        MaxPathLen: -1,
        PublicKeyAlgorithm: 4,
        SignatureAlgorithm: 16,
        Version: 3,
        Subject: { CommonName: 'ed', Country: null, Names: [{ Type: [2, 5, 4, 3], Value: 'ed' }] },
        URIStrings: null,
      },
    ]);
    expect(evaluate('crypto.x509.parse_certificate_request(input.request)')).toMatchObject({
      DNSNames: ['a.example'],
      Subject: { CommonName: 't' },
      Version: 0,
    });
  });

  it.each([
    ['crypto.x509.parse_rsa_private_key(input.key).crv', 'Ed25519'],
    ['crypto.x509.parse_rsa_private_key(input.ecKey).crv', 'P-256'],
    ['count(crypto.parse_private_keys(concat("", [input.key, input.ecKey])))', 2],
    ['crypto.parse_private_keys("nope")', []],
    ['crypto.parse_private_keys("")', null],
    ['crypto.x509.parse_keypair(input.certificate, input.key).Leaf.Subject.CommonName', 'ed'],
    ['crypto.x509.parse_certificates(base64.encode(input.certificate))[0].Version', 3],
  ])('%s', (term, wanted) => {
    expect(evaluate(term)).toEqual(wanted);
  });

  it.each([
    ['crypto.x509.parse_certificates("foobar")', /illegal base64/],
    ['crypto.x509.parse_certificates("YmFkc3RyaW5n")', /malformed certificate/],
    ['crypto.x509.parse_certificates(input.key)', /PEM block type is 'PRIVATE KEY'/],
    ['crypto.x509.parse_certificate_request("YmFkc3RyaW5n")', /asn1: structure error/],
    ['crypto.x509.parse_rsa_private_key("")', /empty/],
    ['crypto.x509.parse_keypair(input.certificate, input.ecKey)', /does not match/],
  ])('%s is refused', (term, message) => {
    expect(() => evaluate(term)).toThrow(RegoError);
    expect(() => evaluate(term)).toThrow(message);
  });

  it('gives values or faults for changed certificates', () => {
    const der = evaluate('crypto.x509.parse_certificates(input.certificate)[0].Raw');
    const bytes = Uint8Array.from(atob(String(der)), (character) => character.charCodeAt(0));
    const policy = preparePolicy([], { functions: FUNCTIONS });
    for (let index = 0; index < bytes.length * 4; index += 1) {
      const changed = bytes.slice();
      const at = index % bytes.length;
      changed[at] = (changed[at] ?? 0) ^ ([0x01, 0x10, 0x80, 0xff][Math.floor(index / bytes.length)] ?? 0);
      const input = btoa(String.fromCharCode(...changed));
      try {
        policy.value('crypto.x509.parse_certificates(input)', { input });
      } catch (error) {
        expect(error).toBeInstanceOf(RegoError);
      }
    }
  });
});
