/**
 * An image, judged by the `ClusterImagePolicy` objects of a cluster.
 *
 * @module
 */
import type { JsonObject } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { predicateTypeOf } from '../predicate-types.js';
import type { Authority } from './authority.js';
import type { ClusterImagePolicy, ContentPolicy, PolicyAuthority } from './cluster-image-policy.js';
import { matchImageGlob } from './glob.js';
import { type PolicyCheck, type PolicyVerdict, reasonOf } from './verdict.js';

/** What the policies of a cluster say about an image. */
export interface ClusterVerdict extends PolicyVerdict {
  /** The names of the policies that are about the image. */
  readonly matched: readonly string[];
  /** What failed under policies that only warn. */
  readonly warnings: readonly string[];
}

/** Evaluates policies over content: a rejection means that the content does not fulfil the policy. */
export type ContentEvaluator = (policy: ContentPolicy, content: JsonObject) => Promise<void>;

/** How to judge. */
export interface AppraiseClusterOptions {
  /** What becomes of an image that no policy is about. Default `deny`. */
  readonly noMatch?: 'deny' | 'allow' | 'warn';
  /** Evaluates CUE and Rego. Default: such policies are not fulfilled. */
  readonly evaluate?: ContentEvaluator;
}

/**
 * Judge an image. Every policy that is about it must be satisfied, each by one authority at least.
 *
 * @param policies - of the cluster
 * @param image - as the manifest has it
 * @param authority - answers who signed
 * @param options - what to do where nothing matches, and other languages
 * @throws `OciError` `ERR_OCI_REFERENCE`.
 */
export async function appraiseClusterImagePolicies(
  policies: readonly ClusterImagePolicy[],
  image: string,
  authority: Authority,
  options: AppraiseClusterOptions = {},
): Promise<ClusterVerdict> {
  const about = policies.filter(({ globs }) => globs.some((glob) => matchImageGlob(glob, image)));
  const matched = about.map(({ name }) => name);
  if (about.length === 0) return noMatch(image, options.noMatch ?? 'deny');
  const checks: PolicyCheck[] = [];
  const warnings: string[] = [];
  let allowed = true;
  for (const policy of about) {
    const judged = await appraiseOne(policy, image, authority, options.evaluate);
    checks.push(...judged.checks);
    if (judged.satisfied) continue;
    if (policy.warn) warnings.push(`failed policy: ${policy.name}`);
    else allowed = false;
  }
  return { allowed, decidedBy: matched.join(', '), checks, matched, warnings };
}

function noMatch(image: string, action: 'deny' | 'allow' | 'warn'): ClusterVerdict {
  const decidedBy = `no policy is about ${image}: ${action}`;
  const warnings = action === 'warn' ? ['no matching policies'] : [];
  return { allowed: action !== 'deny', decidedBy, checks: [], matched: [], warnings };
}

async function appraiseOne(
  policy: ClusterImagePolicy,
  image: string,
  authority: Authority,
  evaluate: ContentEvaluator = nothingEvaluates,
): Promise<{ satisfied: boolean; checks: readonly PolicyCheck[] }> {
  const checks: PolicyCheck[] = [];
  const found: Record<string, JsonObject> = {};
  for (const each of policy.authorities) {
    const check = { pointer: `${policy.name}${each.pointer}`, check: each.name };
    try {
      const statements = await satisfy(each, image, authority, evaluate);
      found[each.name] = { attestations: statements };
      checks.push({ ...check, passed: true, reason: `authority ${each.name} is satisfied` });
    } catch (error) {
      checks.push({ ...check, passed: false, reason: reasonOf(error) });
    }
  }
  // authorities are alternatives: what counts is that one passed, and that the whole fulfils the policy
  let satisfied = checks.some(({ passed }) => passed);
  if (satisfied && policy.policy !== undefined) {
    const check = { pointer: `${policy.name}/spec/policy`, check: policy.policy.type };
    try {
      await evaluate(policy.policy, { authorityMatches: found });
      checks.push({ ...check, passed: true, reason: 'the policy is fulfilled' });
    } catch (error) {
      checks.push({ ...check, passed: false, reason: reasonOf(error) });
      satisfied = false;
    }
  }
  return { satisfied, checks };
}

async function satisfy(
  each: PolicyAuthority,
  image: string,
  authority: Authority,
  evaluate: ContentEvaluator,
): Promise<JsonObject> {
  const { subject, log, repository, tagPrefix, format } = each;
  if (subject.kind === 'static') {
    if (subject.pass) return {};
    throw new CosignError('ERR_COSIGN_NO_MATCH', subject.message || 'disallowed by a static policy');
  }
  const request = {
    image: parseReference(image),
    subject,
    log,
    annotations: {},
    repository,
    tagPrefix,
    format,
  };
  if (each.attestations.length === 0) {
    await authority({ ...request, predicateType: undefined });
    return {};
  }
  const found: JsonObject = {};
  for (const attestation of each.attestations) {
    const predicateType = predicateTypeOf(attestation.predicateType);
    const { statements } = await authority({ ...request, predicateType });
    if (attestation.policy !== undefined) await oneFulfils(statements, attestation.policy, evaluate);
    found[attestation.name] = [...statements];
  }
  return found;
}

async function oneFulfils(
  statements: readonly JsonObject[],
  policy: ContentPolicy,
  evaluate: ContentEvaluator,
): Promise<void> {
  const reasons: string[] = [];
  for (const statement of statements) {
    try {
      await evaluate(policy, statement);
      return;
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new CosignError('ERR_COSIGN_NO_MATCH', `no attestation fulfils its policy: ${reasons.join('; ')}`);
}

async function nothingEvaluates({ type }: ContentPolicy): Promise<void> {
  throw new CosignError('ERR_COSIGN_NO_MATCH', `policies in ${type} are not evaluated here`);
}
