import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeBase64, decodeUtf8, encodeHex } from '@sealwright/bytes';
import { digest, verifySignature } from '@sealwright/crypto';
import { decodePem, parseCertificate, verifyCertificateChain } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  amdTrustAnchors,
  parseSnpReport,
  prepareSnpChain,
  SnpReportError,
  type SnpProduct,
  type SnpTrust,
  type TrustAnchor,
  verifySnpReport,
} from '../src/index.js';
import { vectorArea } from '../../../tools/vectors.ts';
import { fieldsOf, leafOf } from './fields.fixture.js';

interface Expectation {
  readonly ok: boolean;
  readonly reason: string | null;
  readonly result: null | { product: string; signer: string; chipIdMasked: boolean; cspId: string | null };
}
interface VerifyCase {
  readonly name: string;
  readonly report: string;
  readonly vek: string;
  readonly ask: string;
  readonly ark: string;
  readonly trustedRoots: readonly string[];
  readonly crl: string | null;
  readonly requireCrl: boolean;
  readonly product: SnpProduct | null;
  readonly at: string;
  readonly expect: Expectation;
}
interface Check {
  readonly note: string;
  readonly at: string;
  readonly xor: readonly (readonly [offset: string, value: string])[];
  readonly ask: string;
  readonly ark: string;
  readonly expect: Expectation;
}
interface RealCase {
  readonly file: string;
  readonly sha256: string;
  readonly vek?: { readonly file: string };
  readonly fields: Record<string, unknown>;
  readonly checks?: readonly Check[];
}

interface CertificateCase {
  readonly file: string;
  readonly issuerCn: string;
  readonly signatureVerifiesUnder: readonly string[];
}

const area = vectorArea('snp-report');
const roots = vectorArea('roots');
const suite = describe.skipIf(!area.present);
const lines = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

suite('synthetic/verify-cases.json', () => {
  const cases = area.present
    ? area.json<{ cases: VerifyCase[] }>('synthetic', 'verify-cases.json').cases
    : [];
  const file = (name: string): Uint8Array => area.bytes('synthetic', name);
  it.each(cases)('$name', async (given) => {
    const trust: SnpTrust = {
      leaf: file(given.vek),
      intermediate: file(given.ask),
      root: file(given.ark),
      anchors: given.trustedRoots.map((name) => anchorOf(file(name))),
      requireCrl: given.requireCrl,
      at: new Date(given.at),
      ...(given.crl === null ? {} : { crl: file(given.crl) }),
      ...(given.product === null ? {} : { product: given.product }),
    };
    expect(await outcome(decodeBase64(given.report), trust)).toEqual(given.expect);
  });
});

suite('real', () => {
  const names = area.list('real').filter((name) => name.endsWith('.json') && name !== 'certificates.json');
  const cases = names.map((name) => area.json<RealCase>('real', name));
  it.each(cases)('$file: every field', ({ file, sha256, fields }) => {
    const bytes = area.bytes('real', file);
    expect(encodeHex(digest('sha256', bytes))).toBe(sha256);
    expect(fieldsOf(parseSnpReport(bytes), fields['product'] as SnpProduct)).toEqual(fields);
  });

  const checks = cases.flatMap(({ file, vek, checks: list = [] }) =>
    list.map((check) => ({ file, vek, check, title: `${file}: ${check.note}` })),
  );
  it.each(checks)('$title', async ({ file, vek, check }) => {
    const report = area.bytes('real', file);
    for (const [at, value] of check.xor) report[Number(at)] = (report[Number(at)] ?? 0) ^ Number(value);
    // Paths are relative to the folder above `real`.
    const at = dirname(area.path('real'));
    const trust: SnpTrust = {
      leaf: area.bytes('real', vek?.file ?? ''),
      intermediate: lines(join(at, check.ask)),
      root: lines(join(at, check.ark)),
      at: new Date(check.at),
    };
    expect(await outcome(report, trust)).toEqual(check.expect);
  });

  it.each(cases.flatMap(({ vek }) => (vek === undefined ? [] : [vek])))('$file', ({ file, ...wanted }) => {
    expect(leafOf(parseCertificate(area.bytes('real', file)))).toEqual(wanted);
  });
});

describe.skipIf(!area.present || !roots.present)('real/certificates.json', () => {
  const cases = area.present ? area.json<CertificateCase[]>('real', 'certificates.json') : [];
  it.each(cases)('$file', async ({ file, signatureVerifiesUnder, ...wanted }) => {
    const { issuerCn } = wanted;
    const bytes = area.bytes('real', file);
    const { serial: _, ...found } = leafOf(parseCertificate(bytes));
    expect(found).toEqual(wanted);
    const genuine: string[] = [];
    for (const name of roots.list().filter((each) => /^amd-as(?:k|vk)-.*\.pem$/.test(each))) {
      const intermediate = parseCertificate(decodePem(decodeUtf8(roots.bytes(name)))[0]?.bytes ?? bytes);
      if (intermediate.commonName !== issuerCn) continue;
      const root = roots.bytes(name.replace(/as(?:k|vk)/, 'ark'));
      const answer = await prepareSnpChain({ leaf: bytes, intermediate: intermediate.raw, root }).catch(
        (error: unknown) => (error instanceof SnpReportError ? error.code : String(error)),
      );
      if (typeof answer === 'object') genuine.push(name);
      else expect(answer).toBe('ERR_SNP_CHAIN_SIGNATURE_INVALID');
    }
    expect(genuine).toEqual(signatureVerifiesUnder);
  });
});

(roots.present ? it : it.skip)('pins the keys of the published roots', () => {
  const names = roots.list().filter((name) => /^amd-ark-.*\.pem$/.test(name));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(amdTrustAnchors()).toContainEqual(anchorOf(roots.bytes(name)));
  expect(amdTrustAnchors()).toHaveLength(names.length);
});

describe.skipIf(!roots.present)('roots', () => {
  const names = roots.list().filter((name) => /^amd-.*\.pem$/.test(name));
  it.each(names)('%s is vouched for by a pinned root', async (name) => {
    const certificate = parseCertificate(
      decodePem(decodeUtf8(roots.bytes(name)))[0]?.bytes ?? new Uint8Array(0),
    );
    const options = { anchors: amdTrustAnchors(), verify: verifySignature };
    for (const at of [certificate.notBefore, certificate.notAfter])
      await verifyCertificateChain([certificate], { ...options, at });
    await expect(
      verifyCertificateChain([certificate], { ...options, at: certificate.notAfter + 1 }),
    ).rejects.toMatchObject({ code: 'ERR_DER_EXPIRED' });
  });
});

async function outcome(bytes: Uint8Array, trust: SnpTrust): Promise<Expectation> {
  try {
    const {
      product,
      signer,
      chipIdMasked,
      cspId = null,
    } = await verifySnpReport(parseSnpReport(bytes), trust);
    return { ok: true, reason: null, result: { product, signer, chipIdMasked, cspId } };
  } catch (error) {
    if (!(error instanceof SnpReportError)) throw error;
    return { ok: false, reason: error.code.slice('ERR_SNP_'.length).toLowerCase(), result: null };
  }
}

function anchorOf(pem: Uint8Array): TrustAnchor {
  const { subject, spki } = parseCertificate(decodePem(decodeUtf8(pem))[0]?.bytes ?? pem);
  return { subject, spki };
}
