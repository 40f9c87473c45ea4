import { isReleaseTag } from '../versioned-tag.js';
import { allPass, type Check, check } from './check.js';
import type { ProvenancePolicy } from './expectations.js';
import { GITHUB_ISSUER, parseWorkflowIdentity, type SignerIdentity } from './signer.js';
import {
  type BuildLevel,
  isBuilderId,
  matchBuilder,
  matchSigner,
  sameBuilder,
  type TrustRule,
} from './trust-rule.js';

/** What there is to say about a signer and the builder that it speaks for. */
export interface Pairing {
  /** Whether it is trusted, whether it is the one that was expected, and where it ran. */
  readonly checks: readonly Check[];
  /** How far it is trusted; 1 when it is not. */
  readonly level: BuildLevel;
}

/** Judge a signer and a builder, always as a pair. */
export function pairing(
  signer: SignerIdentity,
  builderId: string,
  pointer: string,
  policy: ProvenancePolicy,
): Pairing {
  const rules = rulesFor(signer, builderId, policy);
  const pairings = (rules.length === 0 ? [undefined] : rules).map((rule) =>
    pairingBy(rule, signer, builderId, pointer, policy),
  );
  return pairings.reduce((best, each) => (isBetter(each, best) ? each : best));
}

/** A rule that asks for less may hold where one that trusts further does not. */
function isBetter(a: Pairing, b: Pairing): boolean {
  const [holds, held] = [allPass(a.checks), allPass(b.checks)];
  return holds === held ? a.level > b.level : holds;
}

function pairingBy(
  rule: TrustRule | undefined,
  signer: SignerIdentity,
  builderId: string,
  pointer: string,
  policy: ProvenancePolicy,
): Pairing {
  const { expect } = policy;
  const trust = trustChecks(signer, builderId, rule, policy);
  const checks = [
    ...trust.map((each): Check => ({ ...each, actual: builderId, pointer })),
    expectedBuilder(builderId, pointer, expect.builderId),
    builderRef(signer, builderId, pointer, rule, expect.acceptBuilderRef),
  ];
  const trusted = checks.every(({ code, status }) => code === 'SLSA_BUILDER' || status !== 'fail');
  return { checks, level: rule === undefined || !trusted ? 1 : least(rule.maxLevel, expect.maxLevel ?? 3) };
}

/**
 * The level of an artifact by its provenance: 0 without provenance that reads, at least 1 with it, more for a pair of signer and
 * builder that is trusted.
 *
 * @param builderId - the builder that the provenance names; `undefined` when there is none
 * @param signers - whose signatures were checked; none for provenance without any
 * @param trust - pairs and how far they are trusted
 */
export function buildLevel(
  builderId: string | undefined,
  signers: readonly SignerIdentity[],
  trust: readonly TrustRule[],
): BuildLevel {
  if (builderId === undefined) return 0;
  const policy: ProvenancePolicy = { trust, expect: { digest: [] } };
  return signers.reduce<BuildLevel>((most, signer) => {
    const { level } = pairing(signer, builderId, '', policy);
    return level > most ? level : most;
  }, 1);
}

/** The rules that trust the pair; a workflow of GitHub that the caller names and that signs for itself has one if no other does. */
function rulesFor(signer: SignerIdentity, builderId: string, policy: ProvenancePolicy): readonly TrustRule[] {
  const { trust, expect } = policy;
  const listed = trust.filter(
    ({ signer: pattern, builder }) =>
      matchSigner(signer, pattern) && matchBuilder(signer, builderId, builder, expect.builderId),
  );
  if (listed.length > 0 || signer.kind !== 'certificate' || expect.builderId === undefined) return listed;
  const workflow = parseWorkflowIdentity(signer.san);
  if (workflow?.repository.startsWith('https://github.com/') !== true || signer.issuer !== GITHUB_ISSUER)
    return [];
  if (signer.san !== builderId || !sameBuilder(builderId, expect.builderId)) return [];
  const itself = workflow.repository === signer.claims.sourceRepository;
  const named: TrustRule = {
    signer: { san: signer.san, issuer: signer.issuer },
    builder: 'same-as-signer',
    maxLevel: least(expect.maxLevel ?? 2, itself ? 2 : 3),
    requireReleaseTag: true,
  };
  return [named];
}

function trustChecks(
  signer: SignerIdentity,
  builderId: string,
  rule: TrustRule | undefined,
  { trust }: ProvenancePolicy,
): readonly Check[] {
  if (rule !== undefined) {
    const environment = signer.kind === 'certificate' ? signer.claims.runnerEnvironment : undefined;
    const hosted = environment !== 'self-hosted' || rule.allowSelfHosted === true;
    const message = 'the build ran on a runner that its owner hosts';
    return [
      check('SLSA_UNTRUSTED_BUILDER', hosted, { message }),
      check('SLSA_SIGNER_BUILDER_MISMATCH', true),
    ];
  }
  const known = trust.filter(({ signer: pattern }) => matchSigner(signer, pattern));
  if (known.some(({ builder }) => builder === 'delegated')) {
    const message = 'the signer runs builders of others, and this one was not expected';
    return [check('SLSA_UNTRUSTED_BUILDER', true), check('SLSA_BUILDER', false, { message })];
  }
  const speaksForItself = signer.kind === 'certificate' && signer.san === builderId;
  const mismatch = check('SLSA_SIGNER_BUILDER_MISMATCH', false, {
    message: 'the signer may not speak for this builder',
  });
  const untrusted = check('SLSA_UNTRUSTED_BUILDER', false, { message: 'nobody trusts this signer' });
  if (signer.kind === 'certificate') return speaksForItself ? [untrusted] : [mismatch];
  return known.length === 0 ? [untrusted] : [mismatch];
}

function expectedBuilder(builderId: string, pointer: string, expected: string | undefined): Check {
  if (expected === undefined) return check('SLSA_BUILDER', undefined, { actual: builderId, pointer });
  const details = { expected, actual: builderId, pointer };
  if (!isBuilderId(builderId) || !isBuilderId(expected))
    return check('SLSA_BAD_BUILDER_ID', false, {
      ...details,
      message: 'a builder id is name or name@version',
    });
  const message = 'another builder was expected';
  return check('SLSA_BUILDER', sameBuilder(builderId, expected), { ...details, message });
}

function builderRef(
  signer: SignerIdentity,
  builderId: string,
  pointer: string,
  rule: TrustRule | undefined,
  accepted: string | undefined,
): Check {
  if (rule?.requireReleaseTag !== true || signer.kind !== 'certificate')
    return check('SLSA_BUILDER_REF', undefined, { pointer });
  const refs = [signer.san, builderId].map((id) => parseWorkflowIdentity(id)?.ref ?? '');
  const good = refs.every((ref) => isReleaseTag(ref) || ref === accepted);
  return check('SLSA_BUILDER_REF', good, {
    expected: accepted ?? 'refs/tags/vMAJOR.MINOR.PATCH',
    actual: refs.join(' '),
    pointer,
    message: 'the builder ran at something other than a release tag',
  });
}

function least(a: BuildLevel, b: BuildLevel): BuildLevel {
  return a < b ? a : b;
}
