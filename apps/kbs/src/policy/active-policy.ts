import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { UsageError } from '@sealwright/service';
import type { LoadText } from '../load-text.js';
import type { RecordStore } from '../storage/types.js';
import { loadModulePolicy } from './module-policy.js';
import { parsePolicyText } from './policy-text.js';
import { parseDeclarativePolicy } from './declarative.js';
import { parseRegoPolicy } from './rego-policy.js';
import { BUILT_IN_POLICIES, type ResourcePolicy } from './resource-policy.js';

/** The name of the policy that was uploaded. */
export const RESOURCE_POLICY_ID = 'resource-policy';

/** The policy that is in force. */
export interface ActivePolicy {
  /** The uploaded policy, else the configured one. It is read for each request, so that another process may change it. */
  current(): Promise<ResourcePolicy>;
  /** Check and store an uploaded policy; it is in force when this resolves. Gives its version. */
  replace(text: string): Promise<number>;
}

/**
 * Keep the policy in force.
 *
 * @param configured - decides until one is uploaded
 * @param records - where uploads are kept
 */
export function createActivePolicy(configured: ResourcePolicy, records: RecordStore): ActivePolicy {
  let parsed: { text: string; policy: ResourcePolicy } | undefined;
  return {
    async current() {
      const stored = await records.get(RESOURCE_POLICY_ID);
      if (stored === undefined) return configured;
      const text = decodeUtf8(stored);
      if (parsed?.text !== text) parsed = { text, policy: parsePolicyText(text, 'uploaded') };
      return parsed.policy;
    },
    async replace(text) {
      parsePolicyText(text, 'uploaded');
      return records.put(RESOURCE_POLICY_ID, encodeUtf8(text));
    },
  };
}

/**
 * The policy that the configuration names.
 *
 * @param name - a built-in one, or a `.rego`, `.json` or `.mjs` file
 * @param load - reads files
 * @throws {@link UsageError} when there is none.
 */
export async function configuredPolicy(name: string, load: LoadText): Promise<ResourcePolicy> {
  const builtIn = BUILT_IN_POLICIES.get(name);
  if (builtIn !== undefined) return builtIn;
  try {
    if (name.endsWith('.mjs')) return await loadModulePolicy(name);
    if (name.endsWith('.json')) return parseDeclarativePolicy(await load(name), name);
    if (name.endsWith('.rego')) return parseRegoPolicy(await load(name), name);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new UsageError(`sealwright.resource_policy: ${name}: ${reason}`, { cause });
  }
  const names = [...BUILT_IN_POLICIES.keys()].join(', ');
  throw new UsageError(
    `sealwright.resource_policy: expected ${names}, a .rego, .json or .mjs file, not ${JSON.stringify(name)}`,
  );
}
