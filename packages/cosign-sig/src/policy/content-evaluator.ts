/**
 * Policies over content: what an attestation says, and what all authorities found.
 *
 * @module
 */
import { decodeUtf8, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { CosignError } from '../errors.js';
import type { ContentPolicy } from './cluster-image-policy.js';

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

/** What {@link contentEvaluator} takes. */
export interface ContentEvaluatorOptions {
  /** Evaluates Rego. Default: policies in Rego are not fulfilled. */
  readonly rego?: RegoEngine;
  /** Gets the text of a policy that is in a ConfigMap or at an address; an address's is compared with its digest here. Default: such policies are not fulfilled. */
  readonly fetchPolicy?: (place: Pick<ContentPolicy, 'configMap' | 'remote'>) => Promise<Uint8Array>;
}

/**
 * Evaluates the policies of a `ClusterImagePolicy` as policy-controller does: in Rego, `data.sigstore.isCompliant` must be true, or a list of
 * objects whose `result` is. CUE is refused.
 *
 * @param options - the engine, and the way to texts that are elsewhere
 */
export function contentEvaluator(options: ContentEvaluatorOptions): ContentEvaluator {
  return async (policy, content) => {
    if (policy.type === 'cue') throw refuse('policies in CUE are not evaluated here: write it in Rego');
    if (options.rego === undefined) throw refuse('policies in Rego are not evaluated here');
    const module = await textOf(policy, options);
    const value = options.rego(module, QUERY, content);
    if (value === true) return;
    const answers = Array.isArray(value) ? value : [value];
    const failed = answers.filter((answer) => !isCompliant(answer));
    if (answers.length > 0 && failed.length === 0) return;
    throw refuse(`the policy is not fulfilled: ${messageOf(failed[0])}`);
  };
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
  return typeof error === 'string' ? error.slice(0, 512) : `${QUERY} is not true`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(message: string): CosignError {
  return new CosignError('ERR_COSIGN_NO_MATCH', message);
}

const QUERY = 'data.sigstore.isCompliant';
const MAX_POLICY = 1 << 20;
