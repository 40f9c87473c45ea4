/**
 * An image, judged by the `ClusterImagePolicy` objects of a cluster.
 *
 * @module
 */
import type { JsonObject } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import { predicateTypeOf } from '../predicate-types.js';
import type { Authority, AuthoritySignature } from './authority.js';
import type { ClusterImagePolicy, ContentPolicy, PolicyAuthority } from './cluster-image-policy.js';
import type { ContentEvaluator } from './content-evaluator.js';
import { matchImageGlob } from './glob.js';
import { matchesResource } from './resource-match.js';
import { type PolicyCheck, type PolicyVerdict, reasonOf } from './verdict.js';
import { refuse } from './refuse.js';

/** What the policies of a cluster say about an image. */
export interface ClusterVerdict extends PolicyVerdict {
  /** The names of the policies that are about the image. */
  readonly matched: readonly string[];
  /** What failed under policies that only warn. */
  readonly warnings: readonly string[];
}

/** How to judge. */
export interface AppraiseClusterOptions {
  /** What becomes of an image that no policy is about. Default `deny`. */
  readonly noMatch?: 'deny' | 'allow' | 'warn';
  /** Evaluates CUE and Rego, such as {@link contentEvaluator} makes it. Default: such policies are not fulfilled. */
  readonly evaluate?: ContentEvaluator;
  /** The manifest that runs the image. Policies that are about other objects do not matter then. Default: every policy matters. */
  readonly object?: JsonObject;
  /** The image's configurations, by platform such as `linux/amd64`, for policies with `fetchConfigFile`. Default: such policies are not fulfilled. */
  readonly configs?: () => Promise<JsonObject>;
}

/**
 * Judge an image. Every policy that is about it must be satisfied, each by one authority at least.
 *
 * @param policies - of the cluster
 * @param image - as the manifest has it
 * @param authority - answers who signed
 * @param options - what to do where nothing matches, and other languages
 * @throws `OciError` `ERR_OCI_REFERENCE`.
 *
 * @example
 * ```ts
 * const policy = parseClusterImagePolicy({
 *   kind: 'ClusterImagePolicy',
 *   metadata: { name: 'signed' },
 *   spec: { images: [{ glob: 'registry.example/**' }], authorities: [{ key: { data: publicKeys } }] },
 * });
 * const authority = keyAuthority(registry);
 * console.log((await appraiseClusterImagePolicies([policy], 'registry.example/team/app:v1', authority)).allowed); // true
 * console.log((await appraiseClusterImagePolicies([policy], 'busybox', authority)).allowed); // false: no policy is about it
 * ```
 */
export async function appraiseClusterImagePolicies(
  policies: readonly ClusterImagePolicy[],
  image: string,
  authority: Authority,
  options: AppraiseClusterOptions = {},
): Promise<ClusterVerdict> {
  const { object } = options;
  const about = policies.filter(
    ({ globs, match }) =>
      globs.some((glob) => matchImageGlob(glob, image)) &&
      (object === undefined || matchesResource(match, object)),
  );
  const matched = about.map(({ name }) => name);
  if (about.length === 0) return noMatch(image, options.noMatch ?? 'deny');
  const checks: PolicyCheck[] = [];
  const warnings: string[] = [];
  let allowed = true;
  for (const policy of about) {
    const judged = await appraiseOne(policy, image, authority, options);
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
  options: AppraiseClusterOptions,
): Promise<{ satisfied: boolean; checks: readonly PolicyCheck[] }> {
  const { evaluate = nothingEvaluates } = options;
  const checks: PolicyCheck[] = [];
  const found: Record<string, JsonObject> = {};
  for (const each of policy.authorities) {
    const check = { pointer: `${policy.name}${each.pointer}`, check: each.name };
    try {
      found[each.name] = await satisfy(each, image, authority, evaluate);
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
      await evaluate(policy.policy, {
        authorityMatches: found,
        ...(await included(policy.policy, options)),
      });
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
    if (subject.pass) return { static: true };
    throw refuse(subject.message || 'disallowed by a static policy');
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
    const { signatures } = await authority({ ...request, predicateType: undefined });
    return { signatures: signatures.map(factsOf) };
  }
  const found: JsonObject = {};
  for (const { predicateType: type, name, policy } of each.attestations) {
    const predicateType = predicateTypeOf(type);
    const { signatures } = await authority({ ...request, predicateType });
    const fulfilling = policy === undefined ? signatures : await whichFulfil(signatures, policy, evaluate);
    found[name] = fulfilling.map((signature) => ({
      ...factsOf(signature),
      predicateType: type,
      digest: signature.digest,
    }));
  }
  return { attestations: found };
}

/** A signature as a policy over all findings sees it; what is not known is left out. */
function factsOf({ digest: id, certificate }: AuthoritySignature): JsonObject {
  const [name] = certificate?.names ?? [];
  const { extensions = {}, issuer } = certificate ?? {};
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['subject', name?.value],
    ['issuer', issuer],
    ['githubWorkflowTrigger', extensions.githubWorkflowTrigger],
    ['githubWorkflowSha', extensions.githubWorkflowSha],
    ['githubWorkflowName', extensions.githubWorkflowName],
    ['githubWorkflowRepo', extensions.githubWorkflowRepository],
    ['githubWorkflowRef', extensions.githubWorkflowRef],
  ];
  const known = facts.flatMap(([member, value]) => (value === undefined ? [] : [[member, value] as const]));
  return { id, ...Object.fromEntries(known) };
}

/** What a policy wants to judge besides; what it wants and nobody has keeps it from being fulfilled. */
async function included(
  { includes }: ContentPolicy,
  { object, configs }: AppraiseClusterOptions,
): Promise<JsonObject> {
  const found: JsonObject = {};
  for (const what of includes) {
    if (what === 'config') {
      if (configs === undefined) throw refuse("the image's configuration is not known here");
      found[what] = await configs();
      continue;
    }
    if (object === undefined) throw refuse('the object that runs the image is not known here');
    const { kind = '', apiVersion = '' } = object;
    found[what] = what === 'typemeta' ? { kind, apiVersion } : (object[what] ?? {});
  }
  return found;
}

/** The attestations that fulfil a policy; at least one. */
async function whichFulfil(
  signatures: readonly AuthoritySignature[],
  policy: ContentPolicy,
  evaluate: ContentEvaluator,
): Promise<readonly AuthoritySignature[]> {
  const fulfilling: AuthoritySignature[] = [];
  const reasons: string[] = [];
  for (const signature of signatures) {
    try {
      await evaluate(policy, signature.statement ?? {});
      fulfilling.push(signature);
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  if (fulfilling.length > 0) return fulfilling;
  throw refuse(`no attestation fulfils its policy: ${reasons.join('; ')}`);
}

async function nothingEvaluates({ type }: ContentPolicy): Promise<void> {
  throw refuse(`policies in ${type} are not evaluated here`);
}
