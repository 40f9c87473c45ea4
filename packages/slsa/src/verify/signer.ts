import type { VerifiedPayload } from '@sealwright/in-toto';
import { SlsaError } from '../errors.js';

/** Who signed, as whoever checked the signature found out. */
export type SignerIdentity = KeyIdentity | CertificateIdentity;

/** A key that was trusted by itself. */
export interface KeyIdentity {
  /** A key. */
  readonly kind: 'key';
  /** What the verifier is called: see `Verifier` of `@sealwright/in-toto`. */
  readonly identity: string;
}

/** The holder of a certificate whose chain, time and log entry were checked elsewhere. */
export interface CertificateIdentity {
  /** A certificate. */
  readonly kind: 'certificate';
  /** The identity provider that vouched for the holder. */
  readonly issuer: string;
  /** The subject alternative name: a URI or a mail address. */
  readonly san: string;
  /** What else the certificate says about the run. */
  readonly claims: FulcioClaims;
}

/** Extensions of a certificate of Fulcio, by the names that Fulcio gives them: 1.3.6.1.4.1.57264.1.N. */
export interface FulcioExtensionTexts {
  /** N = 1. */
  readonly issuer?: string;
  /** N = 2. */
  readonly githubWorkflowTrigger?: string;
  /** N = 3. */
  readonly githubWorkflowSha?: string;
  /** N = 5: `owner/repository`. */
  readonly githubWorkflowRepository?: string;
  /** N = 6. */
  readonly githubWorkflowRef?: string;
  /** N = 8. */
  readonly issuerV2?: string;
  /** N = 11. */
  readonly runnerEnvironment?: string;
  /** N = 12. */
  readonly sourceRepositoryURI?: string;
  /** N = 13. */
  readonly sourceRepositoryDigest?: string;
  /** N = 14. */
  readonly sourceRepositoryRef?: string;
  /** N = 15. */
  readonly sourceRepositoryIdentifier?: string;
  /** N = 17. */
  readonly sourceRepositoryOwnerIdentifier?: string;
  /** N = 18. */
  readonly buildConfigURI?: string;
  /** N = 19. */
  readonly buildConfigDigest?: string;
  /** N = 20. */
  readonly buildTrigger?: string;
  /** N = 21. */
  readonly runInvocationURI?: string;
}

/** What a certificate of Fulcio says about the run it was issued to. */
export interface FulcioClaims {
  /** URL of the repository: 12, or 5 with the host of GitHub. */
  readonly sourceRepository?: string;
  /** Commit: 13, or 3. */
  readonly sourceCommit?: string;
  /** Full ref: 14, or 6. */
  readonly sourceRef?: string;
  /** Number of the repository: 15. */
  readonly sourceRepositoryId?: string;
  /** Number of its owner: 17. */
  readonly sourceOwnerId?: string;
  /** What triggered the run: 20, or 2. */
  readonly event?: string;
  /** URI of the workflow file at its ref: 18. */
  readonly buildConfigUri?: string;
  /** Commit of the workflow file: 19. */
  readonly buildConfigCommit?: string;
  /** URI of the run: 21. */
  readonly runInvocationUri?: string;
  /** `github-hosted` or `self-hosted`: 11. */
  readonly runnerEnvironment?: string;
}

/** The identity provider of workflows of GitHub. */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/**
 * Make an identity of what was read out of a certificate. Whoever calls this has checked the certificate.
 *
 * @param san - the subject alternative name, without a prefix such as `URI:`
 * @param extensions - the extensions of Fulcio
 * @throws {@link SlsaError} `SLSA_CERT_CLAIM` when an old and a new extension contradict each other
 */
export function certificateIdentity(san: string, extensions: FulcioExtensionTexts): CertificateIdentity {
  const repository = extensions.githubWorkflowRepository;
  const claims: Record<keyof FulcioClaims, string | undefined> = {
    sourceRepository: one(
      extensions.sourceRepositoryURI,
      repository === undefined ? undefined : `https://github.com/${repository}`,
    ),
    sourceCommit: one(extensions.sourceRepositoryDigest, extensions.githubWorkflowSha),
    sourceRef: one(extensions.sourceRepositoryRef, extensions.githubWorkflowRef),
    sourceRepositoryId: extensions.sourceRepositoryIdentifier,
    sourceOwnerId: extensions.sourceRepositoryOwnerIdentifier,
    event: one(extensions.buildTrigger, extensions.githubWorkflowTrigger),
    buildConfigUri: extensions.buildConfigURI,
    buildConfigCommit: extensions.buildConfigDigest,
    runInvocationUri: extensions.runInvocationURI,
    runnerEnvironment: extensions.runnerEnvironment,
  };
  const known = Object.entries(claims).filter(([, value]) => value !== undefined && value !== '');
  const issuer = one(extensions.issuerV2, extensions.issuer) ?? '';
  return { kind: 'certificate', issuer, san, claims: Object.fromEntries(known) };
}

function one(current: string | undefined, old: string | undefined): string | undefined {
  if (current !== undefined && old !== undefined && current !== old)
    throw new SlsaError('SLSA_CERT_CLAIM', 'the certificate contradicts itself');
  return current ?? old;
}

/**
 * The keys that signed a payload, as identities.
 *
 * @param payload - a verified one
 */
export function keyIdentities(payload: VerifiedPayload): readonly KeyIdentity[] {
  return payload.accepted.map(({ identity }) => ({ kind: 'key', identity }));
}

/** A workflow of GitHub, as certificates name it. */
export interface WorkflowIdentity {
  /** URL of its repository. */
  readonly repository: string;
  /** Path of its file. */
  readonly path: string;
  /** Full ref it ran at. */
  readonly ref: string;
}

/**
 * Take the identity of a workflow apart: `https://host/owner/repo/.github/workflows/file@ref`.
 *
 * @param san - of a certificate, or the id of a builder
 * @returns `undefined` when it is none
 */
export function parseWorkflowIdentity(san: string): WorkflowIdentity | undefined {
  const refs = san.indexOf('@refs/'); // a file may have an @ in its name, but no slash
  const at = refs === -1 ? san.lastIndexOf('@') : refs;
  if (at === -1 || at === san.length - 1) return undefined;
  const [scheme, blank, host, owner, repo, github, workflows, file, ...rest] = san.slice(0, at).split('/');
  const named = [host, owner, repo, file].every((part) => part !== undefined && part !== '');
  if (scheme !== 'https:' || blank !== '' || !named || rest.length > 0) return undefined;
  if (github !== '.github' || workflows !== 'workflows') return undefined;
  const path = `${github}/${workflows}/${file}`;
  return { repository: `https://${host}/${owner}/${repo}`, path, ref: san.slice(at + 1) };
}
