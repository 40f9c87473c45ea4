/**
 * One appraisal of one signature: every check, in order.
 *
 * @module
 */
import type { VerifiedSct } from '../fulcio/sct.js';
import type { TrustedRoot } from '../trust/trusted-root.js';
import { type ChainCertificate, readCertificate } from '../x509/chain.js';
import { ChecksOnce, type SignatureMemo } from '../x509/signature-memo.js';
import { Artifact, type ArtifactInput } from './artifact.js';
import { checkChain, checkIdentity, checkScts } from './certificate-checks.js';
import { type Appraised, CheckList, reasonOf } from './check-list.js';
import { signedDataOf } from './check-signature.js';
import { checkDigest, checkEnvelope, checkSignature } from './content-checks.js';
import type { SigstoreBundle } from './parse-bundle.js';
import type { VerificationPolicy } from './policy.js';
import { checkLogEntries, checkTimes, checkTimestamps } from './source-checks.js';
import type { SignatureVerdict, VerifiedCertificate } from './verdict.js';

/** Check everything about a signature, and list it. */
export async function appraise(
  root: TrustedRoot,
  memo: SignatureMemo,
  bundle: SigstoreBundle,
  input: ArtifactInput | undefined,
  policy: VerificationPolicy,
): Promise<SignatureVerdict> {
  mustAskForSomebody(policy);
  const artifact = input === undefined ? undefined : new Artifact(input);
  const data = signedDataOf(bundle.content, artifact);
  const on: Appraised = {
    root,
    memo: new ChecksOnce(memo),
    bundle,
    policy,
    artifact,
    data,
    list: new CheckList(),
  };
  const leaf = leafOf(on, memo);
  const key = await checkSignature(on, leaf);
  checkDigest(on);
  const statement = checkEnvelope(on);
  const logEntries = await checkLogEntries(on, leaf, key);
  const timestamps = await checkTimestamps(on);
  const times = checkTimes(on, logEntries, timestamps, leaf !== undefined);
  const scts: VerifiedSct[] = [];
  let certificate: VerifiedCertificate | undefined;
  if (leaf !== undefined) {
    const issuer = await checkChain(on, leaf, times);
    scts.push(...(await checkScts(on, leaf, issuer)));
    certificate = checkIdentity(on, leaf);
  }
  return {
    verified: on.list.checks.every(({ outcome }) => outcome !== 'failed'),
    checks: on.list.checks,
    key,
    certificate,
    logEntries,
    timestamps,
    scts,
    times,
    statement,
  };
}

function leafOf(on: Appraised, memo: SignatureMemo): ChainCertificate | undefined {
  const { material } = on.bundle;
  const wantsKey = on.policy.keys !== undefined;
  if (material.kind === 'publicKey') {
    if (!wantsKey)
      on.list.fail(
        'key',
        '/verificationMaterial/publicKey',
        'it is signed with a key, and no key is trusted',
      );
    return undefined;
  }
  if (wantsKey) {
    on.list.fail('key', '/verificationMaterial', 'it is signed with a certificate, not with one of the keys');
    return undefined;
  }
  try {
    return memo.certificate(material.certificate, readCertificate);
  } catch (error) {
    on.list.fail('certificate', '/verificationMaterial', reasonOf(error));
    return undefined;
  }
}

function mustAskForSomebody(policy: VerificationPolicy): void {
  const { keys, identities, dangerouslyAcceptAnyIdentity } = policy;
  const anybody = dangerouslyAcceptAnyIdentity === true;
  if (keys === undefined ? !anybody && (identities ?? []).length === 0 : keys.length === 0)
    throw new TypeError('a policy names keys or identities');
  if (keys !== undefined && identities !== undefined)
    throw new TypeError('a policy names keys or identities, not both');
}
