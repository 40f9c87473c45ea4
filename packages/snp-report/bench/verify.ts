/** Reports against the bare checks under them: `pnpm bench snp-report`. */
import { createPublicKey, constants, type KeyObject, verify as nodeVerify } from 'node:crypto';
import { decodeBase64 } from '@sealwright/bytes';
import { type Certificate, parseCertificate } from '@sealwright/der';
import { inTurn, paired, report as print } from '../../../tools/bench.ts';
import { vectorArea } from '../../../tools/vectors.ts';
import { appraiseSnpReport, parseSnpReport, prepareSnpChain, verifySnpReport } from '../src/index.js';
import { intermediate, leaf, report, root } from '../test/milan.fixture.js';

interface VerifyCase {
  readonly report: string;
  readonly vek: string;
  readonly ask: string;
  readonly at: string;
  readonly expect: { readonly ok: boolean };
}

const at = new Date('2025-06-01T00:00:00Z');
const anchors = [parseCertificate(root)];
const trust = { leaf, intermediate, root, anchors };

/** Genuine reports of one chain: that of the fixture, and others from the vectors where there are some. */
function reports(): [Uint8Array, ...Uint8Array[]] {
  const area = vectorArea('snp-report');
  const found: [Uint8Array, ...Uint8Array[]] = [report];
  if (!area.present) return found;
  for (const given of area.json<{ cases: VerifyCase[] }>('synthetic', 'verify-cases.json').cases) {
    const bytes = decodeBase64(given.report);
    const same = area.bytes('synthetic', given.vek).join() === leaf.join();
    if (given.expect.ok && same && found.every((each) => each.join() !== bytes.join())) found.push(bytes);
  }
  return found;
}

const genuine = reports();
const next = inTurn(genuine);
const chain = await prepareSnpChain(trust);
const remembering = await prepareSnpChain(trust, { remember: 16 });
const key = keyOf(parseCertificate(leaf));
console.log(`${genuine.length} different reports in turn`);

function keyOf({ spki }: Certificate): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
}

/** The bare P-384 verification of a report. */
function bareReport(bytes: Uint8Array, by: KeyObject): boolean {
  const raw = new Uint8Array(96);
  raw.set(bytes.slice(0x2a0, 0x2d0).reverse());
  raw.set(bytes.slice(0x2e8, 0x318).reverse(), 48);
  return nodeVerify('sha384', bytes.subarray(0, 0x2a0), { key: by, dsaEncoding: 'ieee-p1363' }, raw);
}

/** The bare RSASSA-PSS verification of a certificate. */
function bareCertificate({ signed, signature }: Certificate, by: KeyObject): boolean {
  const options = { key: by, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
  return nodeVerify('sha384', signed, options, signature);
}

const [ark, ask, vek] = [parseCertificate(root), parseCertificate(intermediate), parseCertificate(leaf)];
for (const bytes of genuine)
  if (!bareReport(bytes, key)) throw new Error('a report of the benchmark is not genuine');

const parse = await paired(
  'parse a report, against a copy of its bytes',
  () => parseSnpReport(next()).version,
  () => Uint8Array.from(next()).length,
);
console.log(`parse alone: ${Math.round(1e6 / parse.candidate / 1000)} 000 reports a second of CPU`);

print([
  parse,
  await paired(
    'parse a certificate, against a copy of its bytes',
    () => parseCertificate(leaf).notAfter,
    () => Uint8Array.from(leaf).length,
  ),
  await paired(
    'warm: parse, verify and appraise under a prepared chain, against one P-384 verification',
    async () => appraiseSnpReport(await verifySnpReport(parseSnpReport(next()), { chain, at }), {}).ok,
    () => bareReport(next(), key),
  ),
  await paired(
    'cold: everything from bytes, against three RSA-4096 and one P-384 verification and the import of three keys',
    async () => (await verifySnpReport(parseSnpReport(next()), { ...trust, at })).vmpl,
    () => {
      const [rootKey, intermediateKey] = [keyOf(ark), keyOf(ask)];
      return (
        bareCertificate(ark, rootKey) &&
        bareCertificate(ask, rootKey) &&
        bareCertificate(vek, intermediateKey) &&
        bareReport(next(), keyOf(vek))
      );
    },
  ),
  await paired(
    'again: a report that the chain remembers, against one P-384 verification',
    async () => (await verifySnpReport(parseSnpReport(next()), { chain: remembering, at })).vmpl,
    () => bareReport(next(), key),
  ),
]);
