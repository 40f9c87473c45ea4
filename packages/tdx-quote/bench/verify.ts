/**
 * Verification of a quote against the bare signature checks under it, and against @phala/dcap-qvl: `pnpm bench tdx-quote`.
 * The floors are called on the platform itself.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type Peer from '@phala/dcap-qvl';
import { type Bytes, concatBytes, decodeBase64, decodeUtf8, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import {
  type Certificate,
  decodePem,
  encodeSpki,
  parseCertificate,
  parseCertificateList,
} from '@sealwright/der';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import { appraiseQuote, parseQuote, prepareCollateral, type TdQuote, verifyQuote } from '../src/index.js';
import { anchors, at, collateral, forgeQuote } from '../test/forge.fixture.js';
import synthetic from '../test/vectors/synthetic.json' with { type: 'json' };

const quotes: [TdQuote, TdQuote, TdQuote] = [
  await forgeQuote({ body: { reportData: new Uint8Array(64).fill(1) } }),
  await forgeQuote({
    body: { reportData: new Uint8Array(64).fill(2) },
    qeAuthData: new Uint8Array(32).fill(2),
  }),
  await forgeQuote({
    body: { reportData: new Uint8Array(64).fill(3) },
    qeAuthData: new Uint8Array(32).fill(3),
  }),
];
const next = inTurn(quotes);
const raw = { dsaEncoding: 'ieee-p1363' } as const;

/** The key of a platform, as DER for each call. */
const importSpki = (spki: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

/** The checks that differ from quote to quote: the attestation key, its binding, two signatures. */
function checkQuote(quote: TdQuote, pck: KeyObject): boolean {
  const key = importSpki(encodeSpki('ec-p256', concatBytes(Uint8Array.of(4), quote.attestationKey)));
  const bound = hash('sha256', concatBytes(quote.attestationKey, quote.qeAuthData), 'hex');
  return (
    verify('sha256', quote.qeReport.raw, { key: pck, ...raw }, quote.qeReportSignature) &&
    bound === encodeHex(quote.qeReport.reportData.subarray(0, 32)) &&
    verify('sha256', quote.signed, { key, ...raw }, quote.quoteSignature)
  );
}

const certificatesOf = (pem: string | Bytes): Certificate[] =>
  decodePem(typeof pem === 'string' ? pem : decodeUtf8(pem)).map(({ bytes }) => parseCertificate(bytes));

/** Nine signatures, six imports, seven structures, two documents. */
function checkEverything(quote: TdQuote): boolean {
  if (quote.certification.type !== 5) return false;
  const [leaf, intermediate, root] = certificatesOf(quote.certification.pem);
  const [signer] = certificatesOf(collateral.tcbInfoIssuerChain);
  if (leaf === undefined || intermediate === undefined || root === undefined || signer === undefined)
    return false;
  const [rootKey, issuerKey, signerKey, pck] = [root, intermediate, signer, leaf].map(({ spki }) =>
    importSpki(spki),
  );
  if (rootKey === undefined || issuerKey === undefined || signerKey === undefined || pck === undefined)
    return false;
  const lists = [collateral.rootCaCrl, collateral.pckCrl].map((der) => parseCertificateList(der));
  const isSigned = (
    { signed, signature }: Pick<Certificate, 'signed' | 'signature'>,
    key: KeyObject,
  ): boolean => verify('sha256', signed, key, signature);
  const documents = [JSON.parse(collateral.tcbInfo), JSON.parse(collateral.qeIdentity)];
  return (
    documents.length === 2 &&
    isSigned(leaf, issuerKey) &&
    isSigned(intermediate, rootKey) &&
    isSigned(signer, rootKey) &&
    lists.every((list, index) => isSigned(list, index === 0 ? rootKey : issuerKey)) &&
    verify(
      'sha256',
      encodeUtf8(collateral.tcbInfo),
      { key: signerKey, ...raw },
      collateral.tcbInfoSignature,
    ) &&
    verify(
      'sha256',
      encodeUtf8(collateral.qeIdentity),
      { key: signerKey, ...raw },
      collateral.qeIdentitySignature,
    ) &&
    checkQuote(quote, pck)
  );
}

const prepared = await prepareCollateral(collateral, { at, anchors });
const [first] = quotes;
const [leaf] = certificatesOf(first.certification.type === 5 ? first.certification.pem : new Uint8Array(0));
if (leaf === undefined) throw new Error('expected a leaf');
const pck = importSpki(leaf.spki);
const warm = async (): Promise<boolean> =>
  (await verifyQuote(next(), { collateral: prepared, at })).tcb.status === 'UpToDate';
const cold = async (): Promise<boolean> =>
  (await verifyQuote(next(), { collateral, anchors, at })).tcb.status === 'UpToDate';
const verified = await verifyQuote(first, { collateral: prepared, at });

const seconds = Math.floor(at.getTime() / 1000);
// It is CommonJS, which the bundle of a benchmark cannot hold.
const { QuoteVerifier } = createRequire(resolve('packages/tdx-quote/package.json'))(
  '@phala/dcap-qvl',
) as typeof Peer;
const verifier = new QuoteVerifier(Buffer.from(decodeBase64(synthetic.root)));
const flat = {
  ...synthetic.collateral,
  ...Object.fromEntries(
    (['root_ca_crl', 'pck_crl', 'tcb_info_signature', 'qe_identity_signature'] as const).map((name) => [
      name,
      Buffer.from(synthetic.collateral[name], 'hex'),
    ]),
  ),
};
const peer = (): boolean => verifier.verify(Buffer.from(next().raw), flat, seconds).status === 'UpToDate';

for (const [name, work] of Object.entries({ warm, cold, peer, floor: async () => checkEverything(next()) }))
  if (!(await work())) throw new Error(`${name} does not verify`);

const policy = { mrTds: [encodeHex(first.body.mrTd)], reportData: encodeHex(first.body.reportData) };
report([
  await paired('verify, collateral prepared, against 2 checks and 1 import', warm, () =>
    checkQuote(next(), pck),
  ),
  await paired('verify, all cold, against 9 checks and their imports and parsing', cold, () =>
    checkEverything(next()),
  ),
  await paired('verify, all cold, against @phala/dcap-qvl', cold, peer),
  await paired(
    'parse, against a copy of the bytes',
    () => parseQuote(next().raw).raw.length,
    () => next().raw.slice().length,
  ),
  await paired(
    'appraise, against one comparison of 64 bytes',
    () => appraiseQuote(verified, policy).ok,
    () => Buffer.compare(first.body.reportData, verified.body.reportData) === 0,
  ),
]);
