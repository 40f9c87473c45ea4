/** Bundles against the bare signature checks under them, and against @sigstore/verify: `pnpm bench cosign-sig`. */
import { createRequire } from 'node:module';
import { generateKeyPair, type PublicKey, sign, type SignatureScheme, verify } from '@sealwright/crypto';
import { createSigstore } from '@sealwright/testing';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import {
  createBundleVerifier,
  createRekorClient,
  createRekorTilesClient,
  keylessSigner,
  parseBundle,
  parseTrustedRoot,
  requestTimestamp,
  signBlob,
} from '../src/index.js';

// They are CommonJS, which cannot be bundled along; the bench is run from the root of the repository.
const load = createRequire(`${process.cwd()}/packages/cosign-sig/package.json`);
const { bundleFromJSON } = load('@sigstore/bundle') as typeof import('@sigstore/bundle');
const { TrustedRoot: ProtoTrustedRoot } = load(
  '@sigstore/protobuf-specs',
) as typeof import('@sigstore/protobuf-specs');
const { toSignedEntity, toTrustMaterial, Verifier } = load(
  '@sigstore/verify',
) as typeof import('@sigstore/verify');

const artifact = new TextEncoder().encode('an artifact');
const identity = { subject: 'signer@example.com', issuer: 'https://issuer.example' };
const policy = { identities: [identity] };
const sigstore = await createSigstore(() => Date.now());
const fetch = (request: Request): Promise<Response> => sigstore.fetch(request);
const trustedRoot = parseTrustedRoot(sigstore.trustedRoot);
const [first, second] = trustedRoot.tlogs;
if (first === undefined || second === undefined) throw new TypeError('there are two logs');

/** A bundle of Fulcio and one of the logs, stamped. */
async function bundleOf(version: 1 | 2): Promise<string> {
  const token = sigstore.token(identity);
  const by = await keylessSigner({ url: 'https://fulcio.test', fetch }, token);
  const log =
    version === 1
      ? createRekorClient({ url: 'https://rekor.test', fetch, log: first ?? fail() })
      : createRekorTilesClient({ url: 'https://log.test', fetch, log: second ?? fail() });
  const stamp = (signature: Uint8Array) => requestTimestamp({ url: 'https://tsa.test', fetch }, signature);
  return (await signBlob(artifact, { by, logs: [log], timestamps: [stamp] })).json;
}

function fail(): never {
  throw new TypeError('there are two logs');
}

/** As many bare checks of P-256 as a bundle has distinct signatures. */
async function floorOf(count: number): Promise<() => Promise<number>> {
  const checks: { key: PublicKey; signature: Uint8Array; scheme: SignatureScheme }[] = [];
  for (let index = 0; index < count; index += 1) {
    const key = await generateKeyPair('ec-p256');
    checks.push({ key: key.publicKey, signature: await sign(key, artifact), scheme: 'ecdsa-sha256' });
  }
  return async () => {
    let held = 0;
    for (const { key, signature, scheme } of checks)
      held += (await verify(key, artifact, signature, { scheme })) ? 1 : 0;
    return held;
  };
}

const theirs = new Verifier(toTrustMaterial(ProtoTrustedRoot.fromJSON(JSON.parse(sigstore.trustedRoot))), {
  tlogThreshold: 1,
  ctlogThreshold: 1,
});
const remembering = createBundleVerifier(trustedRoot);

/** The trusted root is read; no chain is remembered. */
const forgetful = createBundleVerifier(trustedRoot, { memory: 0 });

async function unremembered(json: string): Promise<number> {
  return (await forgetful.verify(parseBundle(json), { bytes: artifact }, policy)).checks.length;
}

/** A new trusted root as well, so that nothing of it is prepared. */
async function cold(json: string): Promise<number> {
  const verifier = createBundleVerifier(parseTrustedRoot(sigstore.trustedRoot), { memory: 0 });
  return (await verifier.verify(parseBundle(json), { bytes: artifact }, policy)).checks.length;
}

async function warm(json: string): Promise<number> {
  return (await remembering.verify(parseBundle(json), { bytes: artifact }, policy)).checks.length;
}

function other(json: string): number {
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(json)), Buffer.from(artifact));
  return theirs.verify(entity, { subjectAlternativeName: identity.subject }).key === undefined ? 0 : 1;
}

function otherCold(json: string): number {
  const trust = toTrustMaterial(ProtoTrustedRoot.fromJSON(JSON.parse(sigstore.trustedRoot)));
  const verifier = new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 1 });
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(json)), Buffer.from(artifact));
  return verifier.verify(entity, { subjectAlternativeName: identity.subject }).key === undefined ? 0 : 1;
}

const results = [];
for (const [version, signatures] of [
  [1, 8],
  [2, 7],
] as const) {
  const next = inTurn([await bundleOf(version), await bundleOf(version), await bundleOf(version)]);
  const what = `Rekor v${version}`;
  const floor = await floorOf(signatures);
  results.push(
    await paired(
      `${what}: no chain remembered, against its ${signatures} signature checks alone`,
      () => unremembered(next()),
      floor,
    ),
    await paired(
      `${what}: @sigstore/verify with a new trusted root, against ours with one`,
      () => otherCold(next()),
      () => cold(next()),
    ),
    await paired(
      `${what}: @sigstore/verify, against ours with no chain remembered`,
      () => other(next()),
      () => unremembered(next()),
    ),
    await paired(
      `${what}: @sigstore/verify, against ours with chains remembered`,
      () => other(next()),
      () => warm(next()),
    ),
  );
}
report(results);
