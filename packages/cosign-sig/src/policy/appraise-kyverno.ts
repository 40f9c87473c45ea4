/**
 * An image, judged by Kyverno's `verifyImages` rules.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { namesRegistry, parseReference } from '@sealwright/oci';
import { appraiseAttestation, appraiseAttestors, asker } from './appraise-attestors.js';
import type { Authority } from './authority.js';
import { conditionJudge, type ConditionOptions, evaluationContext } from './conditions.js';
import { type DenyRule, whyDenied } from './deny.js';
import type { EvaluationContext } from './jmespath/context.js';
import type { KyvernoPolicy, VerifyImagesRule } from './kyverno.js';
import { kyvernoMatchesObject } from './kyverno-match.js';
import type { PolicyCheck, PolicyVerdict } from './verdict.js';
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
 *
 * @example
 * ```ts
 * const keys = { publicKeys, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } };
 * const rule = { imageReferences: ['registry.example/*'], attestors: [{ entries: [{ keys }] }] };
 * const policy = parseKyvernoPolicy({
 *   kind: 'ClusterPolicy',
 *   metadata: { name: 'signed' },
 *   spec: { validationFailureAction: 'Enforce', rules: [{ name: 'r', match: {}, verifyImages: [rule] }] },
 * });
 * const { matched, allowed } = await appraiseKyvernoPolicy(policy, 'registry.example/team/app:v1', keyAuthority(registry));
 * console.log(matched, allowed); // true true
 * ```
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
  const request = object === undefined ? {} : { request: { object } };
  const means: Means = {
    authority,
    resolved: options.digest,
    context: evaluationContext(options),
    variables: { ...request, ...options.variables },
  };
  let allowed = true;
  for (const rule of rules) {
    const judged = await appraiseRule(rule, image, means);
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

/** What a rule is judged with. */
interface Means {
  readonly authority: Authority;
  /** The digest of the image, if it was resolved. */
  readonly resolved: string | undefined;
  readonly context: EvaluationContext;
  readonly variables: JsonObject;
}

async function appraiseRule(
  rule: VerifyImagesRule,
  text: string,
  { authority, resolved, context, variables }: Means,
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
  if (rule.type === 'Notary') {
    const reason = 'signatures of Notary are not checked here';
    return [...checks, { pointer: `${rule.pointer}/type`, check: 'Notary', passed: false, reason }];
  }
  const format = rule.type === 'SigstoreBundle' ? 'bundle' : 'tag';
  const ask = asker(image, format, authority);
  for (const [index, set] of rule.attestors.entries()) {
    checks.push(await appraiseAttestors(set, `${rule.pointer}/attestors/${index}`, ask));
  }
  const whyNot = conditionJudge(context, variables);
  let found: JsonObject = {};
  for (const [index, attestation] of rule.attestations.entries()) {
    const pointer = `${rule.pointer}/attestations/${index}`;
    const judged = await appraiseAttestation(attestation, rule.attestors, pointer, ask, whyNot);
    checks.push(...judged.checks);
    if (rule.deny === undefined || attestation.name === '') continue;
    for (const predicate of judged.predicates) found = merged(found, { [attestation.name]: predicate });
  }
  if (rule.deny !== undefined && checks.every(({ passed }) => passed))
    checks.push(appraiseDeny(rule.deny, { ...found, ...variables }, context));
  if (checks.length > 0) return checks;
  return [
    { pointer: rule.pointer, check: 'verifyImages', passed: true, reason: 'the rule asks for nothing more' },
  ];
}

function appraiseDeny(deny: DenyRule, found: JsonObject, context: EvaluationContext): PolicyCheck {
  const why = whyDenied(deny, found, context);
  const reason = why ?? 'nothing that was verified denies it';
  return { pointer: deny.pointer, check: 'validate', passed: why === undefined, reason };
}

/** What several attested under one name, members of the later ones in front. */
function merged(into: JsonObject, from: JsonObject): JsonObject {
  const members = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(from)) {
    const old = members.get(name) ?? null;
    members.set(name, isJsonObject(old) && isJsonObject(value) ? merged(old, value) : value);
  }
  return Object.fromEntries(members);
}
