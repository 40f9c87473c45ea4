/**
 * An image, judged by a policy file.
 *
 * @module
 */
import { decodeBase64, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { formatReference, type ImageReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { logIdOf } from '../log/log-id.js';
import { trustedLog, type TrustedRoot } from '../trust/trusted-root.js';
import { authoritiesOf } from './authorities.js';
import { type BundleTrust, checkBundleSigned } from './bundle-signed.js';
import { promisedFor, readLogKeys, signedByFulcio, signedByPki } from './certified.js';
import type { ImageEvidence } from './evidence.js';
import type { SignedIdentity } from './identity.js';
import { type OpenPgpVerifier, openPgpVerifier } from './openpgp.js';
import { type ContainersPolicy, PEM, type PolicyRequirement, type PolicySource } from './policy-file.js';
import { type PolicyScope, scopeFor } from './scope.js';
import { checkSignedBy } from './signed-by.js';
import { checkSigstoreSigned, keyOf, readKeys, type SigstoreTrust } from './sigstore-signed.js';
import { type PolicyCheck, type PolicyVerdict, reasonOf } from './verdict.js';
import { refuse } from './refuse.js';

/** What it takes to judge. */
export interface AppraisePolicyOptions {
  /** Gets what a policy names by path or URI: a key ring, a key, a certificate. A rejection fails the requirement. */
  readonly resource: (path: string) => Promise<Uint8Array>;
  /** What time it is: milliseconds since 1970. */
  readonly now: number;
  /** Opens OpenPGP messages. Default `openPgpVerifier()`, which needs the package `openpgp`. */
  readonly openPgp?: OpenPgpVerifier;
  /**
   * Which name a `sigstoreSigned` signature must be over where the policy does not say: `none`, as image-rs has it, or
   * `matchRepoDigestOrExact`, as containers/image has it. Default `none`.
   */
  readonly sigstoreIdentity?: 'none' | 'matchRepoDigestOrExact';
}

/**
 * Judge an image. The narrowest scope that matches decides alone, and all that it requires must hold. What cannot be checked does not hold.
 *
 * @param policy - the policy
 * @param image - as the user named it, not as a mirror has it
 * @param evidence - what there is to judge it by
 * @param options - keys and clock
 * @returns every requirement that was looked at, and why it holds or not
 */
export async function appraiseContainersPolicy(
  policy: ContainersPolicy,
  image: ImageReference,
  evidence: ImageEvidence,
  options: AppraisePolicyOptions,
): Promise<PolicyVerdict> {
  return appraiseScope(scopeFor(policy, image), image, evidence, options);
}

/**
 * Judge an image by one list of requirements.
 *
 * @param found - the list, from {@link scopeFor} or `scopeAmong`
 * @param image - as the user named it
 * @param evidence - what there is to judge it by
 * @param options - keys and clock
 */
export async function appraiseScope(
  found: PolicyScope,
  image: ImageReference,
  evidence: ImageEvidence,
  options: AppraisePolicyOptions,
): Promise<PolicyVerdict> {
  const place = found.scope === undefined ? 'default' : `scope "${found.scope}"`;
  const checks: PolicyCheck[] = [];
  for (const [index, requirement] of found.requirements.entries()) {
    const check = { pointer: `${place}/${index}`, check: requirement.type };
    try {
      checks.push({ ...check, passed: true, reason: await fulfil(requirement, image, evidence, options) });
    } catch (error) {
      checks.push({ ...check, passed: false, reason: reasonOf(error) });
    }
  }
  const allowed = checks.length > 0 && checks.every(({ passed }) => passed);
  return { allowed, decidedBy: `${place} for ${formatReference(image)}`, checks };
}

async function fulfil(
  requirement: PolicyRequirement,
  image: ImageReference,
  evidence: ImageEvidence,
  options: AppraisePolicyOptions,
): Promise<string> {
  switch (requirement.type) {
    case 'insecureAcceptAnything':
      return 'anything is accepted';
    case 'reject':
      throw refuse('everything is rejected');
    case 'signedBaseLayer':
      throw refuse('nothing fulfils signedBaseLayer');
    case 'signedBy': {
      const rings = await readSources(requirement.keys, options);
      const { openPgp = openPgpVerifier(), now } = options;
      return checkSignedBy(requirement, image, evidence, rings, openPgp, now);
    }
    case 'sigstoreSigned':
      return sigstoreSigned(requirement, image, evidence, options);
  }
}

async function sigstoreSigned(
  requirement: Extract<PolicyRequirement, { type: 'sigstoreSigned' }>,
  image: ImageReference,
  evidence: ImageEvidence,
  options: AppraisePolicyOptions,
): Promise<string> {
  const fallback: SignedIdentity | undefined =
    options.sigstoreIdentity === 'matchRepoDigestOrExact' ? { type: 'matchRepoDigestOrExact' } : undefined;
  const identity = requirement.signedIdentity ?? fallback;
  const trust = await trustOf(requirement, options);
  try {
    return await checkSigstoreSigned(image, evidence, { signer: trust.signer, identity });
  } catch (error) {
    if (!(error instanceof CosignError) || trust.bundles === undefined) throw error;
    return await checkBundleSigned(evidence, trust.bundles, identity).catch((other: unknown) => {
      throw evidence.sigstoreBundles !== undefined && other instanceof CosignError
        ? refuse(`${error.message}; ${other.message}`)
        : error;
    });
  }
}

/** What signatures of either kind are checked with. */
async function trustOf(
  { keys, fulcio, pki, rekorKeys }: Extract<PolicyRequirement, { type: 'sigstoreSigned' }>,
  options: AppraisePolicyOptions,
): Promise<{ signer: SigstoreTrust['signer']; bundles: BundleTrust | undefined }> {
  const logs = readLogKeys(await readSources(rekorKeys, options));
  const tlogs = logs.map((key) => trustedLog(key, logIdOf(key)));
  if (fulcio !== undefined) {
    const trust = { roots: await readSource(fulcio.ca, options), intermediates: undefined, logs };
    const identities = [{ issuer: fulcio.oidcIssuer, subject: fulcio.subjectEmail }];
    return {
      signer: (signature, bytes) => signedByFulcio(signature, bytes, fulcio, trust),
      bundles: {
        root: { ...NOTHING, tlogs, certificateAuthorities: authoritiesOf(decodeUtf8(trust.roots)) },
        policy: { identities, scts: 0 },
      },
    };
  }
  if (pki !== undefined) {
    const roots = await readSource(pki.roots, options);
    const intermediates =
      pki.intermediates === undefined ? undefined : await readSource(pki.intermediates, options);
    const trust = { roots, intermediates, logs };
    const signer: SigstoreTrust['signer'] = (signature, bytes) =>
      signedByPki(signature, bytes, pki, trust, options.now);
    return { signer, bundles: undefined };
  }
  const trusted = readKeys(await readSources(keys, options));
  return {
    signer: async (signature, bytes) => {
      const key = await keyOf(trusted, signature.payload, bytes);
      if (logs.length > 0) await promisedFor(signature, bytes, 'publicKey', key.spki, logs);
      return `by the key ${key.fingerprint}`;
    },
    bundles: { root: { ...NOTHING, tlogs }, policy: { keys: trusted, logEntries: logs.length > 0 ? 1 : 0 } },
  };
}

const NOTHING: TrustedRoot = { tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };

/** What a policy names or holds. All of it must be had. */
async function readSources(
  sources: readonly PolicySource[],
  options: AppraisePolicyOptions,
): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (const source of sources) all.push(await readSource(source, options));
  return all;
}

async function readSource(source: PolicySource, { resource }: AppraisePolicyOptions): Promise<Uint8Array> {
  if ('path' in source) return resource(source.path);
  return source.data.startsWith(PEM) ? encodeUtf8(source.data) : decodeBase64(source.data);
}
