/**
 * Whom to trust: ready-made lists of signers and the builders that they may speak for, and how to read lists of one's own.
 *
 * @packageDocumentation
 */
export { cloudBuild } from './cloud-build.js';
export { type AttestationTrust, githubAttestations } from './github-attestations.js';
export { githubGenerators } from './github-generators.js';
export { npm, type NpmTrust } from './npm.js';
export { parseTrustRules } from './parse.js';
export { tekton, type TektonTrust } from './tekton.js';
export type { BuilderPattern, BuildLevel, SignerPattern, TrustRule } from '../verify/trust-rule.js';
export { GITHUB_ISSUER } from '../verify/signer.js';
export { SlsaError } from '../errors.js';
