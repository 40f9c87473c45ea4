/**
 * The addresses of AMD's key distribution service (publication 57230, "VCEK certificate and KDS interface specification").
 *
 * @module
 */
import { type Bytes, decodeHex, encodeHex } from '@sealwright/bytes';
import { SnpReportError } from '../errors.js';
import type { SnpReport } from '../parse.js';
import { isZero } from '../signature.js';
import { decodeSnpTcb, type SnpProduct, type SnpTcb } from '../tcb.js';

/** Where AMD serves. */
export const SNP_KDS = 'https://kdsintf.amd.com';

/** What names a VCEK: a chip and the security versions that the key was derived for. */
export interface SnpVcekName {
  /** Product line. */
  readonly product: SnpProduct;
  /** Hardware id: 64 bytes, on Turin 8. */
  readonly hardwareId: Bytes;
  /** The security versions. */
  readonly tcb: SnpTcb;
}

/**
 * Name the VCEK that signed a report.
 *
 * @param report - a decoded report
 * @param product - for a version 2 report, which does not say; others have to agree
 * @throws `SnpReportError` `ERR_SNP_KDS_NO_NAME` when a VLEK signed or the chip is masked, so that nobody can look it up, and
 *   `ERR_SNP_UNKNOWN_PRODUCT` or `ERR_SNP_PRODUCT_MISMATCH`.
 */
export function snpVcekName(report: SnpReport, product?: SnpProduct): SnpVcekName {
  const { cpuidProduct, chipId, signingKey } = report;
  // Without CPUID, only a Turin has an id of eight bytes.
  const guessed = isZero(chipId.subarray(8)) ? 'Turin' : undefined;
  const found = cpuidProduct ?? product ?? (report.cpuidFamily === undefined ? guessed : undefined);
  if (signingKey !== 'VCEK' || isZero(chipId))
    throw new SnpReportError(
      'ERR_SNP_KDS_NO_NAME',
      'the leaf of this report cannot be looked up by its chip',
    );
  if (found === undefined)
    throw new SnpReportError('ERR_SNP_UNKNOWN_PRODUCT', 'the report does not say which product it is of');
  if (product !== undefined && product !== found)
    throw new SnpReportError('ERR_SNP_PRODUCT_MISMATCH', `the report is of ${found}, not ${product}`);
  const hardwareId = found === 'Turin' ? chipId.slice(0, 8) : chipId;
  return { product: found, hardwareId, tcb: decodeSnpTcb(report.reportedTcb, found) };
}

/**
 * Address of a VCEK.
 *
 * @param name - which one
 * @param baseUrl - where it is served; AMD's own unless given
 */
export function snpVcekUrl({ product, hardwareId, tcb }: SnpVcekName, baseUrl: string = SNP_KDS): string {
  const query = parameters(product).map(([name, part]) => `${name}=${tcb[part] ?? 0}`);
  return `${baseUrl}/vcek/v1/${product}/${encodeHex(hardwareId)}?${query.join('&')}`;
}

/**
 * Read the address of a VCEK; numbers may have a leading zero, parameters any order.
 *
 * @param url - an address on any host
 * @throws `SnpReportError` `ERR_SNP_KDS_URL`.
 */
export function parseSnpVcekUrl(url: string): SnpVcekName {
  const refuse = (cause?: unknown): SnpReportError =>
    new SnpReportError('ERR_SNP_KDS_URL', 'expected the address of a VCEK', { cause });
  if (url.length > 2048 || !URL.canParse(url)) throw refuse();
  const { pathname, searchParams } = new URL(url);
  const match = /\/vcek\/v1\/(Milan|Genoa|Turin)\/([0-9a-f]{16}|[0-9a-f]{128})$/i.exec(pathname);
  const product = PRODUCTS.find((known) => known === match?.[1]);
  const id = match?.[2];
  if (product === undefined || id === undefined || (id.length === 16) !== (product === 'Turin'))
    throw refuse();
  const wanted = parameters(product);
  const given = [...searchParams];
  const tcb = Object.fromEntries(
    wanted.map(([name, part]) => {
      const value = searchParams.get(name) ?? '';
      if (!/^[0-9]{1,3}$/.test(value) || Number(value) > 0xff) throw refuse();
      return [part, Number(value)];
    }),
  );
  if (given.length !== wanted.length) throw refuse();
  return {
    product,
    hardwareId: decodeHex(id),
    tcb: { fmc: undefined, bootloader: 0, tee: 0, snp: 0, microcode: 0, ...tcb },
  };
}

/**
 * Address of the chain above a leaf: PEM, first ASK or ASVK, then ARK.
 *
 * @param product - product line
 * @param signer - the kind of leaf
 * @param baseUrl - where it is served; AMD's own unless given
 */
export function snpCertChainUrl(
  product: SnpProduct,
  signer: 'VCEK' | 'VLEK',
  baseUrl: string = SNP_KDS,
): string {
  return `${baseUrl}/${signer.toLowerCase()}/v1/${product}/cert_chain`;
}

/**
 * Address of a revocation list, DER.
 *
 * @param product - product line
 * @param signer - the kind of leaf
 * @param baseUrl - where it is served; AMD's own unless given
 */
export function snpCrlUrl(product: SnpProduct, signer: 'VCEK' | 'VLEK', baseUrl: string = SNP_KDS): string {
  return `${baseUrl}/${signer.toLowerCase()}/v1/${product}/crl`;
}

/**
 * Places of a VCEK in a folder of Confidential Containers, best first: for these security versions, then for any.
 *
 * @param name - which one
 * @returns paths relative to the folder
 */
export function snpStorePaths({ product, hardwareId, tcb }: SnpVcekName): readonly [string, string] {
  const two = (value: number | undefined): string => String(value ?? 0).padStart(2, '0');
  const fmc = product === 'Turin' ? `_fmc${two(tcb.fmc)}` : '';
  const versions = `bl${two(tcb.bootloader)}_tee${two(tcb.tee)}_snp${two(tcb.snp)}_ucode${two(tcb.microcode)}`;
  const folder = `vcek/${encodeHex(hardwareId)}`;
  return [`${folder}/${versions}${fmc}_vcek.der`, `${folder}/vcek.der`];
}

function parameters(product: SnpProduct): readonly (readonly [name: string, part: keyof SnpTcb])[] {
  const common = [
    ['blSPL', 'bootloader'],
    ['teeSPL', 'tee'],
    ['snpSPL', 'snp'],
    ['ucodeSPL', 'microcode'],
  ] as const;
  return product === 'Turin' ? [['fmcSPL', 'fmc'], ...common] : common;
}

const PRODUCTS: readonly SnpProduct[] = ['Milan', 'Genoa', 'Turin'];
