/**
 * An image, judged by Kyverno's `verifyImages` rules.
 *
 * @module
 */
import type { JsonObject } from '@sealwright/json';
import { type ImageReference, namesRegistry, parseReference } from '@sealwright/oci';
import type { Authority, AuthorityAnswer, AuthorityRequest } from './authority.js';
import { conditionJudge, type ConditionOptions, type WhyNot } from './conditions.js';
import type {
  Attestor,
  AttestorSet,
  KyvernoAttestation,
  KyvernoPolicy,
  VerifyImagesRule,
} from './kyverno.js';
import { kyvernoMatchesObject } from './kyverno-match.js';
import { type PolicyCheck, type PolicyVerdict, reasonOf } from './verdict.js';
import { matchWildcard } from './wildcard.js';

/** What a Kyverno policy says about an image. */
export interface KyvernoVerdict extends PolicyVerdict {
  /** Whether any rule is about the image. An image that none is about is allowed. */
  readonly matched: boolean;
  /** What failed under rules that only warn. */
  readonly warnings: readonly string[];
  /** The image as `mutateDigest` of a rule that passed writes it: `name:tag@digest`. Otherwise `undefined`. */
  readonly mutated: string | undefined;
}

/** How to judge. */
export interface AppraiseKyvernoOptions extends ConditionOptions {
  /** The registry of names without one. Default `docker.io`. */
  readonly defaultRegistry?: string;
  /** `sha256:<hex>` of the image, if it was resolved: what `mutateDigest` would write. Default that of the reference. */
  readonly digest?: string;
  /** The manifest that runs the image. Rules that are about other objects do not matter then. Default: every rule matters. */
  readonly object?: JsonObject;
}

/**
 * Judge an image. Every rule that is about it must pass.
 *
 * @param policy - the policy
 * @param image - as the manifest has it
 * @param authority - answers who signed
 * @param options - registry and digest
 * @throws `OciError` `ERR_OCI_REFERENCE`.
 */
export async function appraiseKyvernoPolicy(
  policy: KyvernoPolicy,
  image: string,
  authority: Authority,
  options: AppraiseKyvernoOptions = {},
): Promise<KyvernoVerdict> {
  const { object } = options;
  const rules = policy.rules.filter(
    (rule) =>
      kyvernoRuleMatches(rule, image, options.defaultRegistry) &&
      (object === undefined || kyvernoMatchesObject(rule.match, rule.exclude, object)),
  );
  const checks: PolicyCheck[] = [];
  const warnings: string[] = [];
  const whyNot = conditionJudge(options);
  let allowed = true;
  for (const rule of rules) {
    const judged = await appraiseRule(rule, image, authority, options.digest, whyNot);
    checks.push(...judged);
    const failed = judged.filter(({ passed }) => !passed);
    if (rule.audit)
      warnings.push(...failed.map(({ pointer, reason }) => `${rule.rule} ${pointer}: ${reason}`));
    else allowed &&= failed.length === 0;
  }
  const names = rules.map(({ rule }) => rule).join(', ');
  const decidedBy =
    rules.length === 0 ? `no rule of ${policy.name} is about ${image}` : `${policy.name}: ${names}`;
  const mutates = allowed && rules.some(({ mutateDigest }) => mutateDigest);
  const mutated = mutates ? withDigest(image, options.digest) : undefined;
  return { allowed, decidedBy, checks, matched: rules.length > 0, warnings, mutated };
}

/** A digest that is there already stays. */
function withDigest(image: string, digest: string | undefined): string | undefined {
  const reference = parseReference(image, { defaultTag: 'none' });
  if (reference.digest !== undefined || digest === undefined) return undefined;
  return `${image}${reference.tag === undefined ? ':latest' : ''}@${digest}`;
}

/**
 * Whether a rule is about an image: its name in full fits a reference, and none of those to skip.
 *
 * @param rule - of a policy
 * @param image - as the manifest has it
 * @param defaultRegistry - the registry of names without one. Default `docker.io`.
 * @throws `OciError` `ERR_OCI_REFERENCE`.
 */
export function kyvernoRuleMatches(
  rule: VerifyImagesRule,
  image: string,
  defaultRegistry = 'docker.io',
): boolean {
  const name = kyvernoImageName(image, defaultRegistry);
  const fits = (pattern: string): boolean => matchWildcard(pattern, name);
  return rule.imageReferences.some(fits) && !rule.skipImageReferences.some(fits);
}

/**
 * The name of an image as Kyverno compares it: with a registry, and a tag or else a digest, and otherwise as it is written: without
 * `library/`, and `index.docker.io` is another registry than `docker.io`.
 *
 * @param image - as the manifest has it
 * @param defaultRegistry - the registry of names without one. Default `docker.io`.
 * @throws `OciError` `ERR_OCI_REFERENCE`.
 */
export function kyvernoImageName(image: string, defaultRegistry = 'docker.io'): string {
  const { tag, digest } = parseReference(image);
  const [named = ''] = image.split('@', 1);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const path = colon < 0 ? named : named.slice(0, colon);
  const name = namesRegistry(image) ? path : `${defaultRegistry}/${path}`;
  return `${name}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

async function appraiseRule(
  rule: VerifyImagesRule,
  text: string,
  authority: Authority,
  resolved: string | undefined,
  whyNot: WhyNot,
): Promise<readonly PolicyCheck[]> {
  const parsed = parseReference(text);
  const digest = parsed.digest ?? resolved;
  const image = digest === undefined ? parsed : { ...parsed, digest };
  const checks: PolicyCheck[] = [];
  if (rule.verifyDigest && !rule.mutateDigest && parsed.digest === undefined) {
    checks.push({
      pointer: `${rule.pointer}/verifyDigest`,
      check: 'verifyDigest',
      passed: false,
      reason: `missing digest for ${text}`,
    });
  }
  if (rule.validates) {
    const reason = 'what validate denies is not evaluated here: use conditions of attestations';
    checks.push({ pointer: `${rule.pointer}/validate`, check: 'validate', passed: false, reason });
  }
  if (rule.type === 'Notary') {
    const reason = 'signatures of Notary are not checked here';
    return [...checks, { pointer: `${rule.pointer}/type`, check: 'Notary', passed: false, reason }];
  }
  const format = rule.type === 'SigstoreBundle' ? 'bundle' : 'tag';
  const ask = asker(image, format, authority);
  for (const [index, set] of rule.attestors.entries()) {
    checks.push(await appraiseSet(set, `${rule.pointer}/attestors/${index}`, undefined, ask, []));
  }
  for (const [index, attestation] of rule.attestations.entries()) {
    const pointer = `${rule.pointer}/attestations/${index}`;
    checks.push(...(await appraiseAttestation(attestation, rule.attestors, pointer, ask, whyNot)));
  }
  if (checks.length > 0) return checks;
  return [
    { pointer: rule.pointer, check: 'verifyImages', passed: true, reason: 'the rule asks for nothing more' },
  ];
}

async function appraiseAttestation(
  { attestors, predicateType, conditions }: KyvernoAttestation,
  ofRule: readonly AttestorSet[],
  pointer: string,
  ask: Ask,
  whyNot: WhyNot,
): Promise<readonly PolicyCheck[]> {
  const sets = attestors.length > 0 ? attestors : ofRule;
  if (sets.length === 0) {
    const reason = 'nobody is named who must have signed it';
    return [{ pointer, check: predicateType, passed: false, reason }];
  }
  const checks: PolicyCheck[] = [];
  const statements: JsonObject[] = [];
  for (const [at, set] of sets.entries()) {
    checks.push(await appraiseSet(set, `${pointer}/attestors/${at}`, predicateType, ask, statements));
  }
  if (conditions.length === 0) return checks;
  const reasons = statements.map(({ predicate = null }) => whyNot(conditions, predicate));
  const failed = reasons.find((reason) => reason !== undefined);
  const reason =
    statements.length === 0 ? 'there is no attestation' : (failed ?? 'they hold for each attestation');
  const passed = failed === undefined && statements.length > 0;
  return [...checks, { pointer: `${pointer}/conditions`, check: 'conditions', passed, reason }];
}

type Ask = (
  attestor: Exclude<Attestor, { nested: AttestorSet }>,
  predicateType: string | undefined,
) => Promise<AuthorityAnswer>;

function asker(image: ImageReference, format: AuthorityRequest['format'], authority: Authority): Ask {
  return async ({ subject, log, annotations, repository }, predicateType) =>
    authority({ image, subject, log, annotations, repository, tagPrefix: '', format, predicateType });
}

async function appraiseSet(
  set: AttestorSet,
  pointer: string,
  predicateType: string | undefined,
  ask: Ask,
  statements: JsonObject[],
): Promise<PolicyCheck> {
  const reasons: string[] = [];
  let passed = 0;
  for (const [index, entry] of set.entries.entries()) {
    const outcome = await appraiseEntry(entry, `${pointer}/entries/${index}`, predicateType, ask, statements);
    if (outcome.passed) passed += 1;
    reasons.push(`${index + 1}: ${outcome.reason}`);
  }
  const check = predicateType ?? 'attestors';
  const summary = `${passed} of ${set.count} wanted; ${reasons.join('; ')}`;
  return { pointer, check, passed: passed >= set.count, reason: summary.slice(0, 4096) };
}

async function appraiseEntry(
  entry: Attestor,
  pointer: string,
  predicateType: string | undefined,
  ask: Ask,
  statements: JsonObject[],
): Promise<{ passed: boolean; reason: string }> {
  if ('nested' in entry)
    return appraiseSet(entry.nested, `${pointer}/attestor`, predicateType, ask, statements);
  try {
    const answer = await ask(entry, predicateType);
    for (const { statement } of answer.signatures) if (statement !== undefined) statements.push(statement);
    return { passed: true, reason: `signed by ${answer.by}` };
  } catch (error) {
    return { passed: false, reason: reasonOf(error) };
  }
}
