import {
  type ArtifactInput,
  attestationEvidence,
  CosignError,
  createBundleVerifier,
  lookUpEntry,
  parseBundle,
  parseLegacyBundle,
  predicateTypeOf,
  refusalOf,
  type SignatureVerdict,
  type SigstoreBundle,
} from '@sealwright/cosign-sig';
import { sshFingerprint } from '@sealwright/crypto';
import { isJsonObject, parseJson } from '@sealwright/json';
import { attestationPolicies } from './attestation-policy.js';
import { artifactOf } from './artifact.js';
import { print } from './command.js';
import { detachedEvidence, type DetachedFlags } from './detached.js';
import { about, CommandError } from './failure.js';
import type { VerificationFlags } from './identity-flags.js';
import type { Io } from './io.js';
import { askedLog, policyOf, trustedRootOf } from './verification.js';

/** The flags of `verify-blob-attestation`. */
export interface BlobAttestationFlags extends VerificationFlags, DetachedFlags {
  readonly bundle?: string;
  readonly type: string;
  readonly checkClaims: boolean;
  readonly digest?: string;
  readonly digestAlg: 'sha256' | 'sha384' | 'sha512';
  readonly policy?: readonly string[];
  readonly allowCertificateChain?: boolean;
  readonly json?: boolean;
}

/**
 * Verify the attestation of a file: of several signatures one that will do is enough.
 *
 * @param io - the world
 * @param file - its name
 * @param flags - of the command line
 */
export async function verifyBlobAttestations(
  io: Io,
  file: string | undefined,
  flags: BlobAttestationFlags,
): Promise<void> {
  const name = mustMakeSense(file, flags);
  const predicateType = predicateTypeOf(flags.type);
  const policy = await policyOf(io, flags);
  const root = await trustedRootOf(io, flags);
  const mustAllow = await attestationPolicies(io, flags.policy ?? []);
  const evidence = await evidenceOf(io, flags);
  const artifact = flags.checkClaims ? await subjectOf(io, file, flags) : undefined;
  const log = askedLog(io, flags, root);
  const verifier = createBundleVerifier(root);
  const skip = flags.checkClaims ? {} : { dangerouslySkipArtifact: true };
  let refused: unknown = new CosignError('ERR_COSIGN_NO_SIGNATURE', 'it has no signature');
  for (const each of evidence) {
    const logged =
      log === undefined
        ? each
        : await lookUpEntry(each, { log, ...(policy.keys === undefined ? {} : { keys: policy.keys }) });
    const verdict = await about(name, () => verifier.appraise(logged, artifact, { ...policy, ...skip }));
    if (!verdict.verified) refused = refusalOf(verdict);
    else if (verdict.statement?.predicateType === predicateType) {
      await mustAllow(verdict.statement.bytes);
      tell(io, flags, verdict);
      return;
    } else
      refused = new CosignError(
        'ERR_COSIGN_NO_MATCH',
        `predicate type: expected ${predicateType}, found ${(verdict.statement?.predicateType ?? 'none').slice(0, 256)}`,
      );
  }
  return about(name, () => {
    throw refused;
  });
}

function mustMakeSense(file: string | undefined, flags: BlobAttestationFlags): string {
  const name = flags.bundle ?? flags.signature;
  if (name === undefined)
    throw new CommandError('--bundle is needed, or --signature: the file with the DSSE envelope');
  if (flags.bundle !== undefined && flags.signature !== undefined)
    throw new CommandError('give --bundle or --signature, not both');
  if (file !== undefined && flags.digest !== undefined)
    throw new CommandError('give the file or --digest, not both');
  if (file === undefined && flags.digest === undefined && flags.checkClaims)
    throw new CommandError('give the file, or --digest');
  const isBare = flags.signature !== undefined && flags.rekorUrl === undefined;
  if (isBare && flags.insecureIgnoreTlog !== true)
    throw new CommandError(
      'an envelope alone proves nothing about a transparency log: give --rekor-url to ask one, or --insecure-ignore-tlog to verify without one',
    );
  return name;
}

async function evidenceOf(io: Io, flags: BlobAttestationFlags): Promise<readonly SigstoreBundle[]> {
  const path = flags.bundle;
  if (path === undefined)
    return about(flags.signature ?? '', () => detachedEvidence(io, flags, 'attestation'));
  const bytes = await io.readFile(path);
  return about(path, () => {
    const json = parseJson(bytes);
    if (!isJsonObject(json) || json['base64Signature'] === undefined)
      return [parseBundle(bytes, { allowCertificateChain: flags.allowCertificateChain === true })];
    const { content, material, logEntries } = parseLegacyBundle(bytes);
    const blob = content.kind === 'message' ? content.signature : new Uint8Array(0);
    return attestationEvidence({ layer: { annotations: {} }, blob }, true).map((each) => ({
      ...each,
      material: flags.key === undefined ? material : each.material,
      logEntries,
    }));
  });
}

async function subjectOf(
  io: Io,
  file: string | undefined,
  { digest, digestAlg }: BlobAttestationFlags,
): Promise<ArtifactInput> {
  if (file !== undefined) return artifactOf(io, file);
  return { [digestAlg]: (digest ?? '').toLowerCase() };
}

function tell(io: Io, flags: BlobAttestationFlags, verdict: SignatureVerdict): void {
  const { key, certificate, statement, times, checks } = verdict;
  const names = certificate?.names.map(({ value }) => value);
  const who =
    certificate === undefined
      ? { keyid: key === undefined ? undefined : sshFingerprint(key) }
      : { names, issuer: certificate.issuer };
  io.err(flags.json === true ? '' : 'Verified OK\n');
  print(io, flags.json, { ...who, statement, times, checks }, '');
}
