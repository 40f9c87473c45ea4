/** Real bundles, with the authorities and logs of their instances, against the signature checks under them: `pnpm bench cosign-sig`. */
import crypto from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { paired, report } from '../../../tools/bench.ts';
import { createBundleVerifier, parseBundle, parseTrustedRoot } from '../src/index.js';

const folder = `${process.env['SEALWRIGHT_VECTORS']}/bundle/conformance`;
const policy = { dangerouslyAcceptAnyIdentity: true };

/** The checks that a work makes, each with its key prepared. */
async function checksOf(work: () => Promise<unknown>): Promise<Parameters<typeof crypto.verify>[]> {
  const { verify } = crypto;
  const made: Parameters<typeof crypto.verify>[] = [];
  crypto.verify = ((...given: Parameters<typeof crypto.verify>) => {
    made.push(given);
    return verify(...given);
  }) as typeof verify;
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    crypto.verify = verify;
    syncBuiltinESMExports();
  }
  return made;
}

function read(...names: string[]): Buffer {
  const found = names.map((name) => `${folder}/${name}`).find(existsSync);
  if (found === undefined) throw new TypeError(`the bench wants ${names[0]} of the vectors`);
  return readFileSync(found);
}

const results = [];
for (const name of ['happy-path-v0.3', 'rekor2-happy-path', 'intoto-with-custom-trust-root']) {
  const json = read(`${name}/bundle.sigstore.json`).toString();
  const root = parseTrustedRoot(
    read(`${name}/trusted_root.json`, 'public-good-trusted_root.json').toString(),
  );
  const artifact = { bytes: new Uint8Array(read(`${name}/artifact`, 'a.txt')) };
  const forgetful = createBundleVerifier(root, { memory: 0 });
  const remembering = createBundleVerifier(root);
  for (const [verifier, what] of [
    [forgetful, 'no chain remembered'],
    [remembering, 'chains remembered'],
  ] as const) {
    const verify = async (): Promise<number> =>
      (await verifier.verify(parseBundle(json), artifact, policy)).checks.length;
    await verify();
    const checks = await checksOf(verify);
    const bare = (): number => checks.filter((given) => crypto.verify(...given)).length;
    if (bare() !== checks.length) throw new TypeError('a check of a good bundle does not hold');
    results.push(await paired(`${name}: ${what}, against its ${checks.length} checks alone`, verify, bare));
  }
}
report(results);
