import { GITHUB_ISSUER } from '../verify/signer.js';
import type { TrustRule } from '../verify/trust-rule.js';

/**
 * The reusable workflows of slsa-framework/slsa-github-generator, at release tags: the generic generator, the Go builder, the
 * container generator and the container-based builder, and the two delegators that run builders of others.
 */
export function githubGenerators(): readonly TrustRule[] {
  return [
    ...DIRECT.map((file) => rule(file, 'same-as-signer')),
    ...DELEGATORS.map((file) => rule(file, 'delegated')),
  ];
}

function rule(file: string, builder: 'same-as-signer' | 'delegated'): TrustRule {
  const workflow = `${GENERATOR}/.github/workflows/${file}`;
  return { signer: { workflow, issuer: GITHUB_ISSUER }, builder, maxLevel: 3, requireReleaseTag: true };
}

const GENERATOR = 'https://github.com/slsa-framework/slsa-github-generator';
const DIRECT = [
  'generator_generic_slsa3.yml',
  'generator_container_slsa3.yml',
  'builder_go_slsa3.yml',
  'builder_container-based_slsa3.yml',
];
const DELEGATORS = ['delegator_generic_slsa3.yml', 'delegator_lowperms-generic_slsa3.yml'];
