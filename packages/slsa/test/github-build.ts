/** What a workflow of GitHub says of a build, and who it is. */
import { createStatement } from '@sealwright/in-toto';
import {
  certificateIdentity,
  type CertificateIdentity,
  provenanceOf,
  type SignerIdentity,
  type VerifiedProvenance,
} from '../src/index.js';
import { GITHUB_ISSUER } from '../src/trust/index.js';
import { signedBy } from './signed.ts';

export const SHA256 = 'ab'.repeat(32);
export const COMMIT = 'cd'.repeat(20);
export const REPOSITORY = 'https://github.com/shop/checkout';
export const RUN = `${REPOSITORY}/actions/runs/7/attempts/1`;
export const OWN = `${REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.2.3`;
export const WORKFLOW = {
  ref: 'refs/tags/v1.2.3',
  repository: REPOSITORY,
  path: '.github/workflows/release.yml',
};
export const V1 = {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: { workflow: WORKFLOW },
    internalParameters: { github: { event_name: 'push', runner_environment: 'github-hosted' } },
    resolvedDependencies: [{ uri: `git+${REPOSITORY}@refs/tags/v1.2.3`, digest: { gitCommit: COMMIT } }],
  },
  runDetails: { builder: { id: OWN }, metadata: { invocationId: RUN } },
};

/** The identity that a workflow of GitHub has, with members of its certificate changed. */
export function certificate(san: string, patch: object = {}): CertificateIdentity {
  return certificateIdentity(san, {
    issuer: GITHUB_ISSUER,
    issuerV2: GITHUB_ISSUER,
    runnerEnvironment: 'github-hosted',
    sourceRepositoryURI: REPOSITORY,
    sourceRepositoryDigest: COMMIT,
    sourceRepositoryRef: 'refs/tags/v1.2.3',
    buildTrigger: 'push',
    buildConfigURI: OWN,
    runInvocationURI: RUN,
    ...patch,
  });
}

/** Provenance that was verified, of two subjects. */
export async function signed(
  predicate: object,
  signers?: readonly SignerIdentity[],
  predicateType = 'https://slsa.dev/provenance/v1',
): Promise<VerifiedProvenance> {
  const subject = [
    { name: 'one', digest: { sha256: SHA256, sha512: 'ef'.repeat(64) } },
    { name: 'two', digest: { sha256: '00'.repeat(32) } },
  ];
  const { bytes } = createStatement({ subject, predicateType, predicate });
  return provenanceOf(await signedBy('key', bytes), signers === undefined ? {} : { signers });
}
