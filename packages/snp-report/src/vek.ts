/**
 * The leaf certificates of AMD's key service (publication 57230): VCEK and VLEK, and their extensions.
 *
 * @module
 */
import { type Bytes, copyBytes, decodeUtf8 } from '@sealwright/bytes';
import { type Certificate, DerReader } from '@sealwright/der';
import { SnpReportError } from './errors.js';
import type { SnpProduct, SnpTcb } from './tcb.js';

/** What a VCEK or VLEK says about the processor or the provider that it stands for. */
export interface SnpVek {
  /** The kind of key, from the common name. */
  readonly kind: 'VCEK' | 'VLEK';
  /** Product line, from the product name up to its first dash. */
  readonly product: SnpProduct;
  /** The security versions that the key was derived for. */
  readonly tcb: SnpTcb;
  /** Hardware id of the processor: 64 bytes, on Turin 8. Only of a VCEK. */
  readonly hardwareId: Bytes | undefined;
  /** Name of the provider. Only of a VLEK. */
  readonly cspId: string | undefined;
}

/** The kind of a leaf, by its common name. */
function vekKind(leaf: Certificate): SnpVek['kind'] {
  if (leaf.commonName === 'SEV-VCEK') return 'VCEK';
  if (leaf.commonName === 'SEV-VLEK') return 'VLEK';
  return fail('a leaf is named SEV-VCEK or SEV-VLEK');
}

/** Product line of a leaf, by its name up to the first dash. */
function vekProduct(leaf: Certificate): SnpProduct {
  const [name = ''] = readIa5(find(leaf, '2') ?? fail('a leaf names its product')).split('-', 1);
  return PRODUCTS.get(name) ?? fail('a leaf is for Milan, Genoa or Turin');
}

/**
 * Read a leaf certificate. Nothing is verified.
 *
 * @param leaf - a parsed certificate
 * @throws {@link SnpReportError} `ERR_SNP_VEK_FORMAT`.
 */
export function readSnpVek(leaf: Certificate): SnpVek {
  const kind = vekKind(leaf);
  const product = vekProduct(leaf);
  const id = find(leaf, '4');
  const csp = find(leaf, '5');
  if ((kind === 'VCEK') !== (id !== undefined) || (kind === 'VLEK') !== (csp !== undefined))
    throw malformed('a VCEK has a hardware id, a VLEK a provider, and neither has both');
  const spl = (suffix: string): number => readSpl(find(leaf, `3.${suffix}`));
  const structure = readSpl(find(leaf, '1'));
  if (structure !== (product === 'Turin' ? 1 : 0))
    throw malformed('the structure version is 1 on Turin and 0 before');
  return {
    kind,
    product,
    tcb: {
      fmc: product === 'Turin' ? spl('9') : undefined,
      bootloader: spl('1'),
      tee: spl('2'),
      snp: spl('3'),
      microcode: spl('8'),
    },
    hardwareId: id === undefined ? undefined : readHardwareId(id, product),
    cspId: csp === undefined ? undefined : readIa5(csp),
  };
}

/** Raw or in an OCTET STRING: the length tells, because a raw id may begin with any bytes. */
function readHardwareId(value: Bytes, product: SnpProduct): Bytes {
  const size = product === 'Turin' ? 8 : 64;
  if (value.byteLength === size) return copyBytes(value);
  if (value.byteLength !== size + 2) throw malformed(`a hardware id of ${product} has ${size} bytes`);
  return only(value, (reader) => reader.octetString());
}

function readSpl(value: Bytes | undefined): number {
  const [number = 0, ...more] = only(value ?? fail('a leaf has every security version'), (reader) =>
    reader.unsigned(),
  );
  return more.length === 0 ? number : fail('a security version is 0 to 255');
}

function readIa5(value: Bytes): string {
  const contents = only(value, (reader) => copyBytes(reader.element(IA5_STRING).contents));
  if (contents.some((byte) => byte < 0x20 || byte > 0x7e)) throw malformed('expected printable text');
  return decodeUtf8(contents);
}

/** Read the one element that an extension holds. */
function only(value: Bytes, read: (reader: DerReader) => Bytes): Bytes {
  try {
    const reader = new DerReader(value);
    const contents = read(reader);
    reader.end();
    return contents;
  } catch (cause) {
    throw malformed('an extension does not hold what it should', cause);
  }
}

function find(leaf: Certificate, suffix: string): Bytes | undefined {
  return leaf.extensions.find(({ oid }) => oid === `1.3.6.1.4.1.3704.1.${suffix}`)?.value;
}

function fail(message: string): never {
  throw malformed(message);
}

function malformed(message: string, cause?: unknown): SnpReportError {
  return new SnpReportError('ERR_SNP_VEK_FORMAT', message, { cause });
}

const IA5_STRING = 0x16;
/** By the name in a leaf. Processors of Zen 4c have leaves of their own name under the roots of Genoa. */
const PRODUCTS: ReadonlyMap<string, SnpProduct> = new Map([
  ['Milan', 'Milan'],
  ['Genoa', 'Genoa'],
  ['Bergamo', 'Genoa'],
  ['Siena', 'Genoa'],
  ['Turin', 'Turin'],
]);
