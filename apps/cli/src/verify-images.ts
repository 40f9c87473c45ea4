import { decodeUtf8 } from '@sealwright/bytes';
import {
  createBundleVerifier,
  type SignedImageEvidence,
  type VerifiedSignedImage,
  verifySignedImage,
  type VerifySignedImageOptions,
} from '@sealwright/cosign-sig';
import { sshFingerprint } from '@sealwright/crypto';
import type { ImageReference } from '@sealwright/oci';
import { attestationPolicies } from './attestation-policy.js';
import { aboutImage } from './failure.js';
import type { Io } from './io.js';
import { print } from './command.js';
import type { VerificationFlags } from './identity-flags.js';
import { imageOf, placeOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';
import { savedImage } from './saved-folder.js';
import { type InFilesFlags, withSignatureInFiles } from './signature-in-files.js';
import { askedLog, policyOf, trustedRootOf } from './verification.js';
import { payloadText } from './verified-payload.js';

/** The flags of commands that verify images. */
export interface VerifyImageFlags extends RegistryFlags, VerificationFlags, InFilesFlags {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly checkClaims: boolean;
  readonly output: 'json' | 'text';
  readonly signatureDigestAlgorithm?: 'sha256' | 'sha384' | 'sha512';
  readonly localImage?: boolean;
  readonly json?: boolean;
}

/** The flags of `verify-attestation`. */
export interface VerifyAttestationFlags extends VerifyImageFlags {
  readonly type: string;
  readonly policy?: readonly string[];
  readonly typeFamily?: boolean;
}

/**
 * Verify the signatures of images, in both layouts, and print what cosign prints.
 *
 * @param io - the world
 * @param images - names
 * @param flags - of the command line
 */
export async function verifyImages(
  io: Io,
  images: readonly string[],
  flags: VerifyImageFlags,
): Promise<void> {
  const verified = [];
  for (const name of images) {
    const { digest, payloads, signatures } = await verifySignatures(io, name, flags);
    verified.push({
      image: name,
      digest,
      payloads: payloads.map((text): unknown => JSON.parse(text)),
      signatures,
    });
    if (flags.json === true) continue;
    io.err(header(name, flags));
    io.out(
      flags.output === 'text' ? payloads.map((text) => `${text}\n`).join('') : `\n[${payloads.join(',')}]\n`,
    );
  }
  if (flags.json === true) print(io, true, { verified }, '');
}

/**
 * Verify the attestations of images, in both layouts, and print what cosign prints.
 *
 * @param io - the world
 * @param images - names
 * @param flags - of the command line
 */
export async function verifyAttestations(
  io: Io,
  images: readonly string[],
  flags: VerifyAttestationFlags,
): Promise<void> {
  const mustAllow = await attestationPolicies(io, flags.policy ?? []);
  const verified = [];
  for (const name of images) {
    const found = await verifyOne(io, name, flags, {
      kind: 'attestation',
      predicateType: flags.type,
      predicateTypeFamily: flags.typeFamily === true,
    });
    for (const { payload } of found.signatures) await mustAllow(payload);
    const statements = found.signatures.map(({ statement }) => statement);
    verified.push({
      image: name,
      digest: found.digest,
      statements,
      signatures: found.signatures.map(factsOf),
    });
    if (flags.json === true) continue;
    io.err(header(name, flags));
    for (const { envelope } of found.signatures)
      if (envelope !== undefined) io.out(`${decodeUtf8(envelope)}\n`);
  }
  if (flags.json === true) print(io, true, { verified }, '');
}

interface SignedPayloads {
  readonly digest: string;
  readonly payloads: readonly string[];
  readonly signatures: readonly object[];
}

async function verifySignatures(io: Io, name: string, flags: VerifyImageFlags): Promise<SignedPayloads> {
  const { digest, signatures } = await verifyOne(io, name, flags, {});
  const payloads = signatures.map((signature) => payloadText(signature, name));
  return { digest, payloads, signatures: signatures.map(factsOf) };
}

async function verifyOne(
  io: Io,
  name: string,
  flags: VerifyImageFlags,
  asked: {
    readonly kind?: 'attestation';
    readonly predicateType?: string;
    readonly predicateTypeFamily?: boolean;
  },
): Promise<VerifiedSignedImage> {
  const policy = await policyOf(io, flags);
  const root = await trustedRootOf(io, flags);
  const verifier = createBundleVerifier(root);
  const log = askedLog(io, flags, root);
  const { repository, tagPrefix } = placeOf(io, flags);
  const { registry, image } = await sourceOf(io, name, flags);
  const inFiles = await withSignatureInFiles(io, registry, flags);
  const options: VerifySignedImageOptions = {
    ...asked,
    ...(inFiles === undefined ? {} : { layout: 'tags' }),
    verifier,
    ...(log === undefined ? {} : { log }),
    policy,
    dangerouslySkipClaims: !flags.checkClaims,
    allowCertificateChain: flags.allowCertificateChain === true,
    ...(repository === undefined || flags.localImage === true ? {} : { signatureRepository: repository }),
    ...(tagPrefix === undefined ? {} : { tagPrefix }),
    ...(flags.annotations === undefined ? {} : { annotations: flags.annotations }),
    ...(flags.signatureDigestAlgorithm === undefined ? {} : { hash: flags.signatureDigestAlgorithm }),
  };
  return aboutImage(name, () => verifySignedImage(inFiles ?? registry, image, options));
}

/** An image in a registry, or one that was saved in a folder. */
async function sourceOf(
  io: Io,
  name: string,
  flags: VerifyImageFlags,
): Promise<{ registry: Parameters<typeof verifySignedImage>[0]; image: ImageReference }> {
  if (flags.localImage !== true) return { registry: registryClient(io, flags), image: await imageOf(name) };
  return savedImage(io, name);
}

function factsOf({ verdict, subject }: SignedImageEvidence): object {
  const { key, certificate, logEntries, times, checks } = verdict;
  return {
    found: subject,
    ...(certificate === undefined
      ? { keyid: key === undefined ? undefined : sshFingerprint(key) }
      : { names: certificate.names.map(({ value }) => value), issuer: certificate.issuer }),
    logEntries: logEntries.map(({ log, logIndex }) => ({ log, logIndex })),
    times,
    checks,
  };
}

/** What cosign says before what it verified. */
function header(name: string, flags: VerifyImageFlags): string {
  const checks = [
    ...(flags.annotations === undefined ? [] : ['The specified annotations were verified.']),
    ...(flags.checkClaims ? ['The cosign claims were validated'] : []),
    ...logLines(flags),
    flags.key === undefined
      ? 'The code-signing certificate was verified using trusted certificate authority certificates'
      : 'The signatures were verified against the specified public key',
  ];
  const lines = checks.map((check) => `  - ${check}\n`).join('');
  return `\nVerification for ${name} --\nThe following checks were performed on each of these signatures:\n${lines}`;
}

function logLines({ insecureIgnoreTlog, rekorUrl, offline }: VerifyImageFlags): readonly string[] {
  if (insecureIgnoreTlog === true) return [];
  if (rekorUrl === undefined || offline === true)
    return ['Existence of the claims in the transparency log was verified offline'];
  return [
    'The claims were present in the transparency log',
    'The signatures were integrated into the transparency log when the certificate was valid',
  ];
}
