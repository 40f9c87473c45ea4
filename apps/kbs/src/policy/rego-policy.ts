/**
 * Resource policies in Rego, as the original takes them (kbs.md, sections 25.1 and 25.2).
 *
 * @module
 */
import { type Policy, preparePolicy, RegoError } from '@sealwright/rego';
import { KbsError } from '../errors.js';
import type { PolicyInput, ResourcePolicy } from './resource-policy.js';

/** What a policy may take for one request; it runs while other requests wait. */
const MAX_STEPS = 1_000_000;

/**
 * Read a policy in Rego. What `data.policy.allow` is for a token decides: `true` allows, and nothing else.
 *
 * @param text - the module, at most 1 MiB, 20 000 lines of 1024 columns
 * @param name - what to call it in the log
 * @throws {@link KbsError} `ERR_KBS_POLICY`, with line and column, when the text is not Rego.
 */
export function parseRegoPolicy(text: string, name: string): ResourcePolicy {
  const policy = prepare(text);
  return {
    name,
    decide({ plugin, path, query, claims }: PolicyInput) {
      const allow = policy().value('data.policy.allow', {
        input: claims,
        data: { plugin, 'resource-path': path, query },
        now: Date.now(),
        maxSteps: MAX_STEPS,
      });
      return allow === true
        ? { allow: true, reason: 'rego' }
        : { allow: false, reason: allow === undefined ? 'undefined_in_rego' : 'denied_by_rego' };
    },
  };
}

/** As in the original, what parses is a policy; what else is wrong with it shows when it has to decide. */
function prepare(text: string): () => Policy {
  try {
    const policy = preparePolicy([{ file: 'resource-policy.rego', text }], {
      limits: LIMITS,
      compat: 'regorus',
    });
    return () => policy;
  } catch (cause) {
    if (!(cause instanceof RegoError)) throw cause;
    if (cause.code === 'ERR_REGO_PARSE' || cause.code === 'ERR_REGO_LIMIT')
      throw new KbsError('ERR_KBS_POLICY', cause.message, { cause });
    return () => {
      throw cause;
    };
  }
}

const LIMITS = { size: 1 << 20, lines: 20_000, columns: 1024 };
