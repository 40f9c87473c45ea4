import fc from 'fast-check';
import { encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { encodePem, parseCertificate } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  amdTrustAnchors,
  decodeSnpTcb,
  parseSnpReport,
  prepareSnpChain,
  productFromCpuid,
  readSnpVek,
  SnpReportError,
  type SnpTrust,
  verifySnpReport,
} from '../src/index.js';
import { crl, intermediate, leaf, report, root } from './milan.fixture.js';

const anchors = [parseCertificate(root)];
const trust: SnpTrust = { leaf, intermediate, root, anchors, crl, at: new Date('2025-06-01T00:00:00Z') };

describe('verifySnpReport', () => {
  it('accepts a genuine report', async () => {
    const found = await verifySnpReport(parseSnpReport(report), trust);
    expect(found).toMatchObject({ product: 'Milan', signer: 'VCEK', revocationChecked: true });
  });

  it.each([
    ['another root than AMD', { anchors: amdTrustAnchors() }, 'ERR_SNP_UNTRUSTED_ROOT'],
    ['a time before', { at: new Date(0) }, 'ERR_SNP_CERT_NOT_YET_VALID'],
    ['a time after', { at: new Date('2090-01-01T00:00:00Z') }, 'ERR_SNP_CERT_EXPIRED'],
    ['another product', { product: 'Turin' }, 'ERR_SNP_PRODUCT_MISMATCH'],
    ['a leaf in the place of the intermediate', { intermediate: leaf }, 'ERR_SNP_CHAIN_NAME_MISMATCH'],
    ['a list that is none', { crl: leaf }, 'ERR_SNP_CRL_MALFORMED'],
    ['a leaf that is none', { leaf: report }, 'ERR_SNP_CERT_MALFORMED'],
  ] as const)('refuses %s', async (_, change, code) => {
    const changed = verifySnpReport(parseSnpReport(report), { ...trust, ...change });
    await expect(changed).rejects.toMatchObject({ code });
  });

  it('takes certificates and lists as PEM', async () => {
    const pem = (label: string, der: Uint8Array): Uint8Array => encodeUtf8(encodePem(label, der));
    const texts = {
      leaf: pem('CERTIFICATE', leaf),
      intermediate: pem('CERTIFICATE', intermediate),
      root: pem('CERTIFICATE', root),
      crl: pem('X509 CRL', crl),
    };
    const found = await verifySnpReport(parseSnpReport(report), { ...trust, ...texts });
    expect(found.revocationChecked).toBe(true);
    for (const [change, code] of [
      [{ leaf: pem('X509 CRL', leaf) }, 'ERR_SNP_CERT_MALFORMED'],
      [
        { leaf: encodeUtf8(`${encodePem('CERTIFICATE', leaf)}${encodePem('CERTIFICATE', root)}`) },
        'ERR_SNP_CERT_MALFORMED',
      ],
      [{ crl: pem('CERTIFICATE', crl) }, 'ERR_SNP_CRL_MALFORMED'],
    ] as const)
      await expect(
        verifySnpReport(parseSnpReport(report), { ...trust, ...texts, ...change }),
      ).rejects.toMatchObject({ code });
  });

  it('believes only the raw bytes of the report given', async () => {
    const forged = { ...parseSnpReport(report), measurement: new Uint8Array(48) };
    const found = await verifySnpReport(forged, trust);
    expect(found.measurement).not.toEqual(forged.measurement);
  });

  it('refuses a report with any signed bit flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(0x2a0 * 8 - 1), async (bit) => {
        const changed = Uint8Array.from(report);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const answer = await (async () => await verifySnpReport(parseSnpReport(changed), trust))().catch(
          String,
        );
        expect(answer).toMatch(/^SnpReportError/);
      }),
      { numRuns: 40 },
    );
  });
});

describe('prepareSnpChain', () => {
  const at = trust.at;

  it('checks dates on each use', async () => {
    const chain = await prepareSnpChain(trust);
    expect(chain).toMatchObject({ revocationChecked: true, vek: { product: 'Milan', kind: 'VCEK' } });
    for (const [when, code] of [
      [new Date(0), 'ERR_SNP_CERT_NOT_YET_VALID'],
      [new Date('2090-01-01'), 'ERR_SNP_CERT_EXPIRED'],
      [new Date('2024-12-31'), 'ERR_SNP_CRL_NOT_YET_VALID'],
      [new Date('2026-01-01'), 'ERR_SNP_CRL_EXPIRED'],
    ] as const)
      await expect(verifySnpReport(parseSnpReport(report), { chain, at: when })).rejects.toMatchObject({
        code,
      });
    const verified = await verifySnpReport(parseSnpReport(report), { chain, at });
    expect(verified.fingerprints).toEqual([leaf, intermediate, root].map((each) => digest('sha256', each)));
    await expect(
      verifySnpReport(parseSnpReport(report), { chain, at: new Date(Number.NaN) }),
    ).rejects.toThrow(TypeError);
  });

  it('remembers genuine reports, whole ones and no others', async () => {
    const chain = await prepareSnpChain(trust, { remember: 1 });
    for (let turn = 0; turn < 2; turn += 1)
      expect((await verifySnpReport(parseSnpReport(report), { chain, at })).product).toBe('Milan');
    for (const place of [0x50, 0x2a0, 0x2e8]) {
      const changed = Uint8Array.from(report);
      changed[place] = (changed[place] ?? 0) ^ 1;
      for (let turn = 0; turn < 2; turn += 1)
        await expect(verifySnpReport(parseSnpReport(changed), { chain, at })).rejects.toMatchObject({
          code: 'ERR_SNP_REPORT_SIGNATURE_INVALID',
        });
    }
    await expect(
      verifySnpReport(parseSnpReport(report), { chain, at: new Date('2090-01-01') }),
    ).rejects.toMatchObject({ code: 'ERR_SNP_CERT_EXPIRED' });
    await expect(
      verifySnpReport(parseSnpReport(report), { chain, at, product: 'Turin' }),
    ).rejects.toMatchObject({ code: 'ERR_SNP_PRODUCT_MISMATCH' });
  });

  it('gives a remembered report out once more only while nobody has changed it', async () => {
    const chain = await prepareSnpChain(trust, { remember: 1 });
    const verify = (bytes: Uint8Array) => verifySnpReport(parseSnpReport(bytes), { chain, at });
    const first = await verify(report);
    expect(await verify(report)).toBe(first);
    first.measurement.fill(7);
    const second = await verify(report);
    expect(second.measurement).toEqual(parseSnpReport(report).measurement);
    // What somebody wrote over a genuine report is not genuine.
    await expect(verify(first.raw)).rejects.toMatchObject({ code: 'ERR_SNP_REPORT_SIGNATURE_INVALID' });
    expect(() => Object.assign(second.current, { build: 99 })).toThrow(TypeError);
  });
});

describe('parseSnpReport', () => {
  it('answers any bytes with a report or an SnpReportError', () => {
    const sized = fc.uint8Array({ minLength: 0x4a0, maxLength: 0x4a0 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), sized), (bytes) => {
        try {
          parseSnpReport(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SnpReportError);
        }
      }),
    );
  });

  it('keeps nothing of the buffer it was given', () => {
    const buffer = Uint8Array.from(report);
    const parsed = parseSnpReport(buffer);
    buffer.fill(0xff);
    expect(parsed).toEqual(parseSnpReport(report));
  });
});

describe('what depends on the product', () => {
  it('knows the products that have roots', () => {
    expect([productFromCpuid(0x19, 0x0f), productFromCpuid(0x19, 0x11)]).toEqual(['Milan', 'Genoa']);
    expect([productFromCpuid(0x1a, 0x11), productFromCpuid(0x1a, 0x50)]).toEqual(['Turin', undefined]);
  });

  it('reads the same eight bytes in two layouts', () => {
    expect(decodeSnpTcb(0x0807_0605_0403_0201n, 'Turin')).toEqual({
      fmc: 1,
      bootloader: 2,
      tee: 3,
      snp: 4,
      microcode: 8,
    });
    expect(decodeSnpTcb(0x0807_0605_0403_0201n, 'Milan')).toMatchObject({ bootloader: 1, tee: 2, snp: 7 });
  });

  it('reads a leaf', () => {
    expect(readSnpVek(parseCertificate(leaf))).toMatchObject({
      kind: 'VCEK',
      product: 'Milan',
      cspId: undefined,
    });
  });
});
