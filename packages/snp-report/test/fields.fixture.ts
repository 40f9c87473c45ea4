/** Reports and leaves as the vectors write them: every field, under their names. */
import { type Bytes, decodeUtf8, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { type Certificate, DerReader, DerTag } from '@sealwright/der';
import {
  decodeSnpGuestPolicy,
  decodeSnpPlatformInfo,
  decodeSnpTcb,
  readSnpVek,
  type SnpProduct,
  type SnpReport,
} from '../src/index.js';

/** Every field of a report of a product. */
export function fieldsOf(report: SnpReport, product: SnpProduct): Record<string, unknown> {
  const { raw: _, authorKeyEnabled, chipKeyMasked, signingKey, cpuidProduct, ...fields } = report;
  const plain = Object.entries(fields).map(([name, value]) => [name, plainOf(name, value, product)]);
  // The parser has checked the two members that are not of ours: bit 17 is one, bits from 26 on are zero.
  const policy = { ...flagsOf(decodeSnpGuestPolicy(report.policy)), reservedOne: 1, reservedHigh: '0x0' };
  return {
    ...Object.fromEntries(plain),
    policy,
    platformInfo: flagsOf(decodeSnpPlatformInfo(report.platformInfo)),
    keyInfo: {
      raw: hex(report.keyInfo),
      authorKeyEn: authorKeyEnabled,
      maskChipKey: chipKeyMasked,
      signingKey: (report.keyInfo >> 2) & 7,
      signingKeyName: signingKey,
    },
    mbzViolations: [],
    product: cpuidProduct ?? product,
  };
}

function plainOf(name: string, value: unknown, product: SnpProduct): unknown {
  if (value === undefined) return null;
  if (value instanceof Uint8Array)
    return encodeHex(name.startsWith('signature') ? value.slice(0, 48).reverse() : value);
  if (typeof value !== 'bigint') return value;
  if (!name.endsWith('Tcb')) return hex(value);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return { fmc: null, ...defined(decodeSnpTcb(value, product)), raw: encodeHex(bytes) };
}

/** What a leaf certificate is and says. */
export function leafOf(certificate: Certificate): Record<string, unknown> {
  return {
    sha256: encodeHex(digest('sha256', certificate.raw)),
    notBefore: moment(certificate.notBefore),
    notAfter: moment(certificate.notAfter),
    serial: Number(`0x${encodeHex(certificate.serial)}`),
    issuerCn: commonName(certificate.issuer),
    extensions: extensionsOf(certificate),
  };
}

/** The extensions of a leaf; those that the package reads are as it reads them. */
export function extensionsOf(certificate: Certificate): Record<string, unknown> {
  const vek = readSnpVek(certificate);
  const find = (suffix: string): Bytes | undefined =>
    certificate.extensions.find(({ oid }) => oid === `1.3.6.1.4.1.3704.1.${suffix}`)?.value;
  const number = (suffix: string): number | undefined => {
    const value = find(suffix);
    return value && new DerReader(value).unsigned()[0];
  };
  const id = find('4');
  const name = new DerReader(find('2') ?? new Uint8Array(0)).element().contents;
  return defined({
    structVersion: number('1'),
    productName: decodeUtf8(name),
    fmcSPL: vek.tcb.fmc,
    blSPL: vek.tcb.bootloader,
    teeSPL: vek.tcb.tee,
    snpSPL: vek.tcb.snp,
    spl4: number('3.4'),
    spl5: number('3.5'),
    spl6: number('3.6'),
    spl7: number('3.7'),
    ucodeSPL: vek.tcb.microcode,
    hwid: vek.hardwareId && encodeHex(vek.hardwareId),
    hwidEncoding: id && (id.length === vek.hardwareId?.length ? 'raw' : 'octet-string'),
    cspId: vek.cspId,
  });
}

function commonName(name: Uint8Array): string | undefined {
  const sets = new DerReader(name).enter();
  while (!sets.done) {
    const pair = sets.enter(DerTag.set).enter();
    if (pair.oid() === '2.5.4.3') return decodeUtf8(pair.element().contents);
  }
  return undefined;
}

function flagsOf({ raw, ...flags }: { readonly raw: bigint }): Record<string, unknown> {
  return { raw: hex(raw), ...flags };
}

function defined(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000', '');
}
