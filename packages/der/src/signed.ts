/**
 * What certificates and revocation lists have in common: SIGNED (RFC 5280 section 4.1.1) and extensions (section 4.1.2.9).
 *
 * @module
 */
import { type Bytes, copyBytes, equalBytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { type DerElement, DerReader } from './reader.js';
import { DerTag } from './tag.js';

/** An extension, undecoded. */
export interface CertificateExtension {
  /** Its object identifier, dotted. */
  readonly oid: string;
  /** Whether a reader that does not know it must refuse. */
  readonly critical: boolean;
  /** What its OCTET STRING holds. */
  readonly value: Bytes;
}

/** A structure with its signature, as received. */
export interface SignedStructure {
  /** The signed part as received. */
  readonly signed: Bytes;
  /** The issuer's name, as encoded. */
  readonly issuer: Bytes;
  /** The signature's AlgorithmIdentifier, as encoded; the signed copy is the same. */
  readonly signatureAlgorithm: Bytes;
  /** The signature. */
  readonly signature: Bytes;
}

/** Take the signed part, the algorithm and the signature apart. */
export function readSigned(
  der: Uint8Array,
  most: number,
): { raw: Bytes; tbs: DerReader; signed: Bytes; signatureAlgorithm: Bytes; signature: Bytes } {
  if (der.byteLength > most) throw new DerError('ERR_DER_LIMIT', `expected at most ${most} bytes`);
  const raw = copyBytes(der);
  const whole = new DerReader(raw);
  const outer = whole.enter();
  whole.end();
  const start = outer.offset;
  const tbs = outer.enter();
  const signed = raw.subarray(start, outer.offset);
  const signatureAlgorithm = viewOf(raw, outer.element(DerTag.sequence));
  const signature = outer.bitString();
  outer.end();
  return { raw, tbs, signed, signatureAlgorithm, signature };
}

/** An element as it stands in the input: a view. */
export function viewOf(input: Bytes, { offset, raw }: DerElement): Bytes {
  return input.subarray(offset, offset + raw.byteLength);
}

/** Read the signed copy of the AlgorithmIdentifier. */
export function mustAgree(tbs: DerReader, algorithm: Bytes): void {
  const { raw, offset } = tbs.element(DerTag.sequence);
  if (!equalBytes(raw, algorithm))
    throw new DerError('ERR_DER_VALUE', 'the two signature algorithms differ', { offset });
}

/** Read extensions inside their context-specific tag. */
export function readWrapped(wrapper: DerReader): CertificateExtension[] {
  const extensions = readExtensions(wrapper.enter());
  wrapper.end();
  return extensions;
}

/** Read the contents of an Extensions. */
export function readExtensions(list: DerReader): CertificateExtension[] {
  const extensions: CertificateExtension[] = [];
  const seen = new Set<string>();
  while (!list.done) {
    const offset = list.offset;
    const extension = list.enter();
    const oid = extension.oid();
    const critical = extension.peek() === DerTag.boolean && readTrue(extension);
    // A view of the copy that readSigned made; a subarray has the buffer of what it is of.
    const value = extension.element(DerTag.octetString).contents as Bytes;
    extension.end();
    if (seen.has(oid)) throw new DerError('ERR_DER_VALUE', 'an extension occurs twice', { offset });
    seen.add(oid);
    extensions.push({ oid, critical, value });
  }
  return extensions;
}

/** Read a BOOLEAN whose default is false, so that DER writes it only when it is true. */
export function readTrue(reader: DerReader): true {
  const { contents, offset } = reader.element(DerTag.boolean);
  if (contents.byteLength !== 1 || contents[0] !== 0xff)
    throw new DerError('ERR_DER_VALUE', 'a boolean here is true, written as 0xff', { offset });
  return true;
}
