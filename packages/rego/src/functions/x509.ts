import { encodeBase64, equalBytes } from '@sealwright/bytes';
import {
  type Certificate,
  decodePem,
  DerError,
  parseRsaPublicKey,
  parseSpki,
  type PemBlock,
} from '@sealwright/der';
import { decodeLeniently } from '../builtins/base64.js';
import { type Builtins, BuiltinFault, object, of, text } from '../builtins/builtin.js';
import { fromJson } from '../json.js';
import { RegoObject, type Value } from '../values.js';
import { certificateJson, certificatesIn, withUris } from './x509/certificates.js';
import { findPath, type PathOptions } from './x509/path.js';
import { pathOptions } from './x509/path-options.js';
import { type PrivateKeyParts, privateKeyJson, privateKeyJwk, privateKeyOf } from './x509/private-keys.js';
import { requestJson } from './x509/requests.js';

/** Certificates, requests and keys, as JSON of the structures of Go. */
export const X509: Builtins = {
  'crypto.x509.parse_certificates': of(1, (args) => {
    const given = text(args, 0);
    return read('x509: malformed certificate', () => fromJson(certificatesOf(given).map(withUris)));
  }),
  'crypto.x509.parse_and_verify_certificates': of(1, (args, { now, spend }) => {
    const given = text(args, 0);
    return verified(
      given,
      { ...pathOptions(new RegoObject([]), now), spend: () => spend(VERIFY_STEPS) },
      withUris,
    );
  }),
  'crypto.x509.parse_and_verify_certificates_with_options': of(2, (args, { now, spend }) => {
    const given = text(args, 0);
    const options = object(args, 1);
    if (certificatesOrNone(given) === undefined) return [false, []];
    return verified(
      given,
      { ...pathOptions(options, now), spend: () => spend(VERIFY_STEPS) },
      certificateJson,
    );
  }),
  'crypto.x509.parse_certificate_request': of(1, (args) => {
    const given = text(args, 0);
    const bytes = given.startsWith('-----BEGIN CERTIFICATE REQUEST-----') ? given : decoded(given);
    return read('asn1: structure error', () => {
      const [block] = typeof bytes === 'string' ? decodePem(bytes) : [];
      if (block !== undefined && block.label !== 'CERTIFICATE REQUEST')
        throw new BuiltinFault('invalid PEM-encoded certificate signing request');
      return fromJson(requestJson(block?.bytes ?? (typeof bytes === 'string' ? new Uint8Array() : bytes)));
    });
  }),
  'crypto.x509.parse_keypair': of(2, (args) => keyPair(text(args, 0), text(args, 1))),
  'crypto.x509.parse_rsa_private_key': of(1, (args) => {
    const given = text(args, 0);
    if (given === '') throw new BuiltinFault('input PEM data was empty');
    const [key] = privateKeysIn(given.startsWith('-----BEGIN') ? given : pemOrEmpty(decoded(given)));
    return key === undefined ? null : fromJson(privateKeyJwk(key));
  }),
  'crypto.parse_private_keys': of(1, (args) => {
    const given = text(args, 0);
    if (given === '') return null;
    return fromJson(privateKeysIn(maybeDecoded(given)).map(privateKeyJson));
  }),
};

/** Whether a list of certificates, root first and leaf last, has a path; and that path, leaf first. */
function verified(given: string, options: PathOptions, toJson: (certificate: Certificate) => object): Value {
  const certificates = certificatesOrNone(given) ?? [];
  const [root, ...others] = certificates;
  const leaf = others.pop();
  const path = root === undefined || leaf === undefined ? undefined : findPath(root, others, leaf, options);
  return path === undefined ? [false, []] : [true, fromJson(path.map(toJson))];
}

function certificatesOrNone(given: string): readonly Certificate[] | undefined {
  try {
    return certificatesOf(given);
  } catch (error) {
    if (error instanceof DerError || error instanceof BuiltinFault) return undefined;
    throw error;
  }
}

function certificatesOf(given: string): readonly Certificate[] {
  const content = given.startsWith('-----BEGIN') ? given : decoded(given);
  if (typeof content !== 'string') return certificatesIn(content);
  return decodePem(content).flatMap(({ label, bytes }) => {
    if (label !== 'CERTIFICATE') throw new BuiltinFault(`PEM block type is '${label}', expected CERTIFICATE`);
    return certificatesIn(bytes);
  });
}

/** Base64 of PEM, or of something else. */
function decoded(given: string): string | Uint8Array {
  const bytes = decodeLeniently(given, false);
  const isPem = BEGIN.every((byte, index) => bytes[index] === byte);
  return isPem ? new TextDecoder().decode(bytes) : bytes;
}

function pemOrEmpty(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : '';
}

function maybeDecoded(given: string): string {
  try {
    return pemOrEmpty(decoded(given));
  } catch (error) {
    if (error instanceof BuiltinFault) return given;
    throw error;
  }
}

function privateKeysIn(pem: string): readonly PrivateKeyParts[] {
  return read('x509: failed to parse private key', () =>
    decodePem(pem).flatMap((block) => privateKeyOf(block) ?? []),
  );
}

/** A chain and the private key of its first certificate. */
function keyPair(chain: string, secret: string): Value {
  const certificates = read('tls: failed to parse certificate', () =>
    blocksOf(chain, 'CERTIFICATE')
      .filter(({ label }) => label === 'CERTIFICATE')
      .map(({ bytes }) => bytes),
  );
  const [first] = certificates;
  if (first === undefined) throw new BuiltinFault('tls: failed to find any PEM data in certificate input');
  const [key] = read('tls: failed to parse private key', () =>
    blocksOf(secret, 'PRIVATE KEY').flatMap((block) => privateKeyOf(block) ?? []),
  );
  if (key === undefined) throw new BuiltinFault('tls: failed to find any PEM data in key input');
  return read('x509: malformed certificate', () => {
    const [leaf] = certificatesIn(first);
    if (leaf === undefined || !belongs(key, leaf))
      throw new BuiltinFault('tls: private key does not match public key');
    return fromJson({
      Certificate: certificates.map(encodeBase64),
      PrivateKey: privateKeyJson(key),
      Leaf: certificateJson(leaf),
      OCSPStaple: null,
      SignedCertificateTimestamps: null,
      SupportedSignatureAlgorithms: null,
    });
  });
}

/** PEM, base64 of it, or base64 of what one block would hold. */
function blocksOf(given: string, label: string): readonly PemBlock[] {
  const content = given.startsWith('-----BEGIN ') ? given : decoded(given);
  return typeof content === 'string' ? decodePem(content) : [{ label, bytes: new Uint8Array(content) }];
}

function belongs(key: PrivateKeyParts, { spki }: Certificate): boolean {
  const { kind, publicKey } = parseSpki(spki);
  if (key.kind !== 'rsa') return equalBytes(key.point, publicKey);
  const [modulus = new Uint8Array()] = key.numbers;
  return kind === 'rsa' && equalBytes(parseRsaPublicKey(publicKey).modulus, modulus);
}

function read<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DerError) throw new BuiltinFault(`${message}: ${error.message}`);
    throw error;
  }
}

const BEGIN = Array.from('-----BEGIN', (character) => character.charCodeAt(0));

/** What one check of a signature takes off the budget: about a millisecond. */
const VERIFY_STEPS = 10_000;
