/**
 * Policies over content: what an attestation says, and what all authorities found.
 *
 * @module
 */
import { decodeUtf8, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import type { ContentPolicy } from './cluster-image-policy.js';
import { refuse } from './refuse.js';

/** Evaluates policies over content: a rejection means that the content does not fulfil the policy. */
export type ContentEvaluator = (policy: ContentPolicy, content: JsonObject) => Promise<void>;

/**
 * Evaluates Rego, such as `preparePolicy` of `@sealwright/rego` does, in the version before 1.0, which these policies are written in.
 *
 * @param module - the text of the policy
 * @param query - such as `data.sigstore.isCompliant`
 * @param input - the content
 * @returns the value as JSON, `undefined` where there is none
 */
export type RegoEngine = (module: string, query: string, input: JsonObject) => unknown;

/** What a policy in CUE says of content. */
export interface CueAnswer {
  /** Whether the content unifies with the policy. */
  readonly unifies: boolean;
  /** Why not, for a person; empty where it does. */
  readonly reason: string;
}

/**
 * Evaluates CUE, such as the program `cue` or the Go library that policy-controller has: the content unifies with the policy, and every
 * field that the policy requires (`name!: string`) is there. A rejection means that it cannot be known, and counts as no.
 *
 * @param policy - its text
 * @param content - what must unify with it
 */
export type CueEngine = (policy: string, content: JsonObject) => Promise<CueAnswer>;

/** What {@link contentEvaluator} takes. */
export interface ContentEvaluatorOptions {
  /** Evaluates CUE. Default: policies in CUE are not fulfilled. */
  readonly cue?: CueEngine;
  /** Evaluates Rego. Default: policies in Rego are not fulfilled. */
  readonly rego?: RegoEngine;
  /** Gets the text of a policy that is in a ConfigMap or at an address; an address's is compared with its digest here. Default: such policies are not fulfilled. */
  readonly fetchPolicy?: (place: Pick<ContentPolicy, 'configMap' | 'remote'>) => Promise<Uint8Array>;
}

/**
 * Evaluates the policies of a `ClusterImagePolicy` as policy-controller does: in Rego, `data.sigstore.isCompliant` must be true, or a list of
 * objects whose `result` is; with CUE, the content must unify.
 *
 * @param options - the engines, and the way to texts that are elsewhere
 */
export function contentEvaluator(options: ContentEvaluatorOptions): ContentEvaluator {
  return async (policy, content) => {
    const { rego, cue } = options;
    if (policy.type === 'cue') {
      if (cue === undefined) throw refuse('policies in CUE are not evaluated here: write it in Rego');
      const { unifies, reason } = await cue(await textOf(policy, options), content);
      if (!unifies) throw refuse(`the policy is not fulfilled: ${reason.slice(0, MAX_REASON)}`);
      return;
    }
    if (rego === undefined) throw refuse('policies in Rego are not evaluated here');
    mustComply(rego(await textOf(policy, options), QUERY, content));
  };
}

function mustComply(value: unknown): void {
  if (value === true) return;
  const answers = Array.isArray(value) ? value : [value];
  const failed = answers.filter((answer) => !isCompliant(answer));
  if (answers.length > 0 && failed.length === 0) return;
  throw refuse(`the policy is not fulfilled: ${messageOf(failed[0])}`);
}

async function textOf(policy: ContentPolicy, { fetchPolicy }: ContentEvaluatorOptions): Promise<string> {
  const { data, configMap, remote } = policy;
  if (data !== undefined) return data;
  if (fetchPolicy === undefined)
    throw refuse(`the policy cannot be had here: ${remote?.url ?? `ConfigMap ${configMap?.name ?? ''}`}`);
  const place = {
    ...(configMap === undefined ? {} : { configMap }),
    ...(remote === undefined ? {} : { remote }),
  };
  const bytes = await fetchPolicy(place);
  if (bytes.byteLength > MAX_POLICY) throw refuse(`a policy has at most ${MAX_POLICY} bytes`);
  if (remote !== undefined && encodeHex(digest('sha256', bytes)) !== remote.sha256)
    throw refuse(`the policy at ${remote.url} has another digest`);
  return decodeUtf8(bytes);
}

function isCompliant(answer: unknown): boolean {
  return answer === true || (isObject(answer) && answer['result'] === true);
}

function messageOf(answer: unknown): string {
  const error = isObject(answer) ? answer['error'] : undefined;
  return typeof error === 'string' ? error.slice(0, MAX_REASON) : `${QUERY} is not true`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const QUERY = 'data.sigstore.isCompliant';
const MAX_POLICY = 1 << 20;
const MAX_REASON = 512;
