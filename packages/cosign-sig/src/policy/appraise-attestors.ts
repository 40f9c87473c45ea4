/**
 * Kyverno's attestors: who must have signed an image, or an attestation about it.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import type { Authority, AuthorityAnswer, AuthorityRequest } from './authority.js';
import type { WhyNot } from './conditions.js';
import type { Attestor, AttestorSet, KyvernoAttestation } from './kyverno.js';
import { type PolicyCheck, reasonOf } from './verdict.js';

/** Asks who signed: the image, or its attestations of a type. */
export type Ask = (
  attestor: Exclude<Attestor, { nested: AttestorSet }>,
  predicateType: string | undefined,
) => Promise<AuthorityAnswer>;

/** Asks about one image. */
export function asker(image: ImageReference, format: AuthorityRequest['format'], authority: Authority): Ask {
  return async ({ subject, log, annotations, repository }, predicateType) =>
    authority({ image, subject, log, annotations, repository, tagPrefix: '', format, predicateType });
}

/** Who must have signed the image itself. */
export async function appraiseAttestors(set: AttestorSet, pointer: string, ask: Ask): Promise<PolicyCheck> {
  return appraiseSet(set, { pointer, predicateType: undefined, ask, inspect: () => undefined });
}

/**
 * Who must have attested. An attestor counts if all that it attested fulfils the conditions.
 *
 * @returns the checks, and the predicates of those that counted
 */
export async function appraiseAttestation(
  { attestors, predicateType, conditions }: KyvernoAttestation,
  ofRule: readonly AttestorSet[],
  pointer: string,
  ask: Ask,
  whyNot: WhyNot,
): Promise<{ checks: readonly PolicyCheck[]; predicates: readonly JsonObject[] }> {
  const sets = attestors.length > 0 ? attestors : ofRule;
  if (sets.length === 0) {
    const reason = 'nobody is named who must have signed it';
    return { checks: [{ pointer, check: predicateType, passed: false, reason }], predicates: [] };
  }
  const checks: PolicyCheck[] = [];
  const predicates: JsonObject[] = [];
  const failures: string[] = [];
  for (const [at, set] of sets.entries()) {
    let counted = 0;
    const inspect: Inspect = ({ signatures }) => {
      const statements = signatures.flatMap(({ statement }) => (statement === undefined ? [] : [statement]));
      const why = whyNotAll(statements, conditions, whyNot);
      if (why !== undefined) failures.push(why);
      else if (counted < set.count) {
        counted += 1;
        predicates.push(
          ...statements.flatMap(({ predicate }) => (isJsonObject(predicate) ? [predicate] : [])).slice(0, 1),
        );
      }
      return why;
    };
    checks.push(
      await appraiseSet(set, { pointer: `${pointer}/attestors/${at}`, predicateType, ask, inspect }),
    );
  }
  if (conditions.length === 0) return { checks, predicates };
  const [failure] = failures;
  const passed = failure === undefined ? predicates.length > 0 : checks.every((each) => each.passed);
  const reason = passed ? 'they hold for each attestation' : (failure ?? 'there is no attestation');
  return {
    checks: [...checks, { pointer: `${pointer}/conditions`, check: 'conditions', passed, reason }],
    predicates,
  };
}

function whyNotAll(
  statements: readonly JsonObject[],
  conditions: KyvernoAttestation['conditions'],
  whyNot: WhyNot,
): string | undefined {
  if (conditions.length === 0) return undefined;
  if (statements.length === 0) return 'there is no attestation';
  return statements
    .map(({ predicate = null }) => whyNot(conditions, predicate))
    .find((reason) => reason !== undefined);
}

/** Why an answer will not do. */
type Inspect = (answer: AuthorityAnswer) => string | undefined;

interface SetTask {
  readonly pointer: string;
  readonly predicateType: string | undefined;
  readonly ask: Ask;
  readonly inspect: Inspect;
}

async function appraiseSet(set: AttestorSet, task: SetTask): Promise<PolicyCheck> {
  const { pointer, predicateType } = task;
  const reasons: string[] = [];
  let passed = 0;
  for (const [index, entry] of set.entries.entries()) {
    const outcome = await appraiseEntry(entry, { ...task, pointer: `${pointer}/entries/${index}` });
    if (outcome.passed) passed += 1;
    reasons.push(`${index + 1}: ${outcome.reason}`);
  }
  const check = predicateType ?? 'attestors';
  const summary = `${passed} of ${set.count} wanted; ${reasons.join('; ')}`;
  return { pointer, check, passed: passed >= set.count, reason: summary.slice(0, 4096) };
}

async function appraiseEntry(entry: Attestor, task: SetTask): Promise<{ passed: boolean; reason: string }> {
  if ('nested' in entry) return appraiseSet(entry.nested, { ...task, pointer: `${task.pointer}/attestor` });
  try {
    const answer = await task.ask(entry, task.predicateType);
    const why = task.inspect(answer);
    return { passed: why === undefined, reason: why ?? `signed by ${answer.by}` };
  } catch (error) {
    return { passed: false, reason: reasonOf(error) };
  }
}
