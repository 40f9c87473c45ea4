/**
 * Who says so: a report, bound to the leaf that signed it and through it to AMD's root.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes } from '@sealwright/bytes';
import { importPublicKey, type PublicKey, verify } from '@sealwright/crypto';
import type { Certificate } from '@sealwright/der';
import { type SnpChain, verifyChain } from './chain.js';
import { SnpReportError } from './errors.js';
import { parseSnpReport, type SnpReport } from './parse.js';
import { decodeSnpTcb, type SnpProduct, type SnpTcb } from './tcb.js';
import { readSnpVek, type SnpVek, vekKind, vekProduct } from './vek.js';

declare const verified: unique symbol;

/** Certificates, trusted roots, revocation and time: everything that a verdict rests on. */
export interface SnpTrust extends SnpChain {
  /** What the product must be. Taken from CPUID, in version 2 from the leaf, unless given. */
  readonly product?: SnpProduct;
}

/** A report whose signature, chain, security versions and chip were checked. Only `verifySnpReport` makes one. */
export interface VerifiedSnpReport extends SnpReport {
  /** Marks the type; there is no such property at run time. */
  readonly [verified]: true;
  /** Product line, on which CPUID, leaf and intermediate agree. */
  readonly product: SnpProduct;
  /** Which kind of key signed. */
  readonly signer: 'VCEK' | 'VLEK';
  /** Whether CHIP_ID is all zero, so that the report does not say which chip it is from. */
  readonly chipIdMasked: boolean;
  /** Provider that a VLEK names; `undefined` with a VCEK. */
  readonly cspId: string | undefined;
  /** Whether a revocation list was consulted. */
  readonly revocationChecked: boolean;
  /** First moment at which all three certificates are valid, milliseconds since 1970. */
  readonly notBefore: number;
  /** Last moment at which all three certificates are valid, milliseconds since 1970. */
  readonly notAfter: number;
}

/**
 * Verify a report. It says who signed, not whether the guest is one to trust: that is for an appraisal.
 *
 * @param report - decoded; its `raw` bytes are decoded again, so nothing else in it is believed
 * @param trust - certificates, roots, revocation list and time
 * @returns a new, frozen report that shares no memory with the one given
 * @throws {@link SnpReportError} with the first check that failed.
 */
export async function verifySnpReport(report: SnpReport, trust: SnpTrust): Promise<VerifiedSnpReport> {
  const own = parseSnpReport(report.raw);
  const chain = { ...trust };
  if (own.cpuidFamily !== undefined && own.cpuidProduct === undefined)
    throw new SnpReportError('ERR_SNP_UNKNOWN_PRODUCT', 'no product with published roots', { offset: 0x188 });
  const expected = own.cpuidProduct ?? chain.product;
  if (chain.product !== undefined && chain.product !== expected)
    throw new SnpReportError('ERR_SNP_PRODUCT_MISMATCH', 'the report is of another product than was given');
  if (own.signingKey === 'NONE' || own.chipKeyMasked)
    throw new SnpReportError('ERR_SNP_REPORT_UNSIGNED', 'the report says that it is not signed', {
      offset: 0x048,
    });
  const { leaf, intermediate, root } = await verifyChain(chain);
  const { vek, key } = bindLeaf(own, leaf, intermediate, expected);
  if (!(await signatureHolds(own, key)))
    throw new SnpReportError('ERR_SNP_REPORT_SIGNATURE_INVALID', 'the signature does not verify', {
      offset: 0x2a0,
    });
  if (!sameTcb(decodeSnpTcb(own.reportedTcb, vek.product), vek.tcb))
    throw new SnpReportError('ERR_SNP_TCB_MISMATCH', 'the leaf is for other security versions', {
      offset: 0x180,
    });
  const facts = {
    product: vek.product,
    signer: vek.kind,
    chipIdMasked: checkChip(own, vek),
    cspId: vek.cspId,
    revocationChecked: chain.crl !== undefined,
    notBefore: Math.max(leaf.notBefore, intermediate.notBefore, root.notBefore),
    notAfter: Math.min(leaf.notAfter, intermediate.notAfter, root.notAfter),
  };
  // The brand exists in types only; this is the one place that puts it on.
  return Object.freeze({ ...own, ...facts }) as VerifiedSnpReport;
}

function bindLeaf(
  report: SnpReport,
  leaf: Certificate,
  intermediate: Certificate,
  expected: SnpProduct | undefined,
): { vek: SnpVek; key: PublicKey } {
  const key = leafKey(leaf);
  const kind = vekKind(leaf);
  if (kind !== report.signingKey)
    throw new SnpReportError(
      'ERR_SNP_SIGNING_KEY_MISMATCH',
      `the report was signed by a ${report.signingKey}`,
    );
  const product = vekProduct(leaf);
  if (expected !== undefined && product !== expected)
    throw new SnpReportError('ERR_SNP_PRODUCT_MISMATCH', `the leaf is for ${product}, not ${expected}`);
  const vek = readSnpVek(leaf);
  if (intermediate.commonName !== `${kind === 'VLEK' ? 'SEV-VLEK' : 'SEV'}-${product}`)
    throw new SnpReportError(
      'ERR_SNP_PRODUCT_MISMATCH',
      `the intermediate is not that of ${product} for a ${kind}`,
    );
  return { vek, key };
}

function leafKey(leaf: Certificate): PublicKey {
  let key: PublicKey;
  try {
    key = importPublicKey(leaf.spki);
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_VEK_KEY_INVALID', 'the key of the leaf cannot be used', { cause });
  }
  if (key.kind !== 'ec-p384') throw new SnpReportError('ERR_SNP_VEK_KEY_INVALID', 'a leaf has a P-384 key');
  return key;
}

async function signatureHolds(report: SnpReport, key: PublicKey): Promise<boolean> {
  const numbers = [report.signatureR, report.signatureS];
  if (numbers.some((number) => number.subarray(48).some((byte) => byte !== 0))) return false;
  const signature = concatBytes(...numbers.map((number) => number.slice(0, 48).reverse()));
  const options = { scheme: 'ecdsa-sha384', encoding: 'raw' } as const;
  return await verify(key, report.raw.subarray(0, 0x2a0), signature, options);
}

function sameTcb(one: SnpTcb, other: SnpTcb): boolean {
  const parts = ['fmc', 'bootloader', 'tee', 'snp', 'microcode'] as const;
  return parts.every((part) => one[part] === other[part]);
}

/** Compare the chip with that of the leaf; gives whether it was masked and could not be compared. */
function checkChip(report: SnpReport, { hardwareId }: SnpVek): boolean {
  if (isZero(report.chipId)) return true;
  if (hardwareId === undefined) return false;
  const size = hardwareId.byteLength;
  if (!equalBytes(report.chipId.subarray(0, size), hardwareId) || !isZero(report.chipId.subarray(size)))
    throw new SnpReportError('ERR_SNP_HWID_MISMATCH', 'the report is of another chip than the leaf', {
      offset: 0x1a0,
    });
  return false;
}

function isZero(bytes: Bytes | Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
