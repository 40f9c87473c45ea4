/**
 * Who says so: a report, bound to the leaf that signed it and through it to AMD's root.
 *
 * @module
 */
import { type Bytes, equalBytes } from '@sealwright/bytes';
import { prepareSnpChain, type SnpCertificates, type SnpPreparedChain } from './chain.js';
import { SnpReportError } from './errors.js';
import { parseSnpReport, type SnpReport } from './parse.js';
import { isSigned, isZero } from './signature.js';
import { decodeSnpTcb, type SnpProduct, type SnpTcb } from './tcb.js';
import type { SnpVek } from './vek.js';

declare const verified: unique symbol;

/** What a verdict rests on besides the certificates. */
export interface SnpCircumstances {
  /** The time for which to decide. */
  readonly at: Date;
  /** What the product must be. Taken from CPUID, in version 2 from the leaf, unless given. */
  readonly product?: SnpProduct;
}

/** Certificates, trusted roots, revocation and time; or a chain that was prepared, and the time. */
export type SnpTrust = SnpCircumstances & (SnpCertificates | { readonly chain: SnpPreparedChain });

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
  /** SHA-256 of the certificates used, as DER: leaf, intermediate, root. */
  readonly fingerprints: readonly [leaf: Bytes, intermediate: Bytes, root: Bytes];
}

/**
 * Verify a report. It says who signed, not whether the guest is one to trust: that is for an appraisal.
 *
 * @param report - decoded; its `raw` bytes are decoded again, so nothing else in it is believed
 * @param trust - certificates, roots, revocation list and time; see {@link prepareSnpChain} for many reports of one chip
 * @returns a frozen report that shares no memory with the one given: a new one, unless the chain remembers it
 * @throws {@link SnpReportError} with the first check that failed.
 *
 * @example
 * ```ts
 * const trust = { leaf, intermediate, root, crl, at: new Date() };
 * const { product, signer } = await verifySnpReport(parseSnpReport(bytes), trust);
 * console.log(product, signer);
 * ```
 */
export async function verifySnpReport(report: SnpReport, trust: SnpTrust): Promise<VerifiedSnpReport> {
  const { at, product } = trust;
  const known = 'chain' in trust ? trust.chain.memo.recall(report.raw) : undefined;
  if (known !== undefined && (product ?? known.product) === known.product && 'chain' in trust) {
    trust.chain.mustBeValid(at);
    return known;
  }
  const own = parseSnpReport(report.raw);
  if (own.cpuidFamily !== undefined && own.cpuidProduct === undefined)
    throw new SnpReportError('ERR_SNP_UNKNOWN_PRODUCT', 'no product with published roots', { offset: 0x188 });
  const expected = own.cpuidProduct ?? product;
  if (product !== undefined && product !== expected)
    throw new SnpReportError('ERR_SNP_PRODUCT_MISMATCH', 'the report is of another product than was given');
  if (own.signingKey === 'NONE' || own.chipKeyMasked)
    throw new SnpReportError('ERR_SNP_REPORT_UNSIGNED', 'the report says that it is not signed', {
      offset: 0x048,
    });
  const chain = 'chain' in trust ? trust.chain : await prepareSnpChain(trust, { at });
  const { vek } = chain;
  chain.mustBeValid(at);
  if (vek.kind !== own.signingKey)
    throw new SnpReportError('ERR_SNP_SIGNING_KEY_MISMATCH', `the report was signed by a ${own.signingKey}`);
  if (expected !== undefined && vek.product !== expected)
    throw new SnpReportError('ERR_SNP_PRODUCT_MISMATCH', `the leaf is for ${vek.product}, not ${expected}`);
  if (!(await isSigned(chain.key, own.raw.subarray(0, 0x2a0), own.raw.subarray(0x2a0, 0x330))))
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
    revocationChecked: chain.revocationChecked,
    notBefore: chain.notBefore,
    notAfter: chain.notAfter,
    fingerprints: chain.fingerprints,
  };
  // The brand exists in types only; this is the one place that puts it on.
  const made = Object.freeze(Object.assign(own, facts)) as VerifiedSnpReport;
  chain.memo.keep(made);
  return made;
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
