import { KbsError } from '../errors.js';
import { parseDeclarativePolicy } from './declarative.js';
import type { ResourcePolicy } from './resource-policy.js';

/**
 * Read the text of an uploaded policy. Only data is taken: Rego has no engine here yet, and JavaScript is never run.
 *
 * @param text - what was uploaded
 * @param name - what to call it in the log
 * @throws {@link KbsError} `ERR_KBS_POLICY_LANGUAGE` for Rego, `ERR_KBS_POLICY` for anything else that is no policy.
 */
export function parsePolicyText(text: string, name: string): ResourcePolicy {
  if (text.trimStart().startsWith('{')) return parseDeclarativePolicy(text, name);
  if (text.split('\n').some((line) => /^\s*package\s/.test(line.slice(0, 1024)))) {
    throw new KbsError(
      'ERR_KBS_POLICY_LANGUAGE',
      'the Rego engine is not built in yet; upload a JSON document {"sealwright":"resource-policy/v1","rules":[…]}',
    );
  }
  throw new KbsError(
    'ERR_KBS_POLICY',
    'expected a JSON document {"sealwright":"resource-policy/v1","rules":[…]}; uploaded JavaScript is never run',
  );
}
