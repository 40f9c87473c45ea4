import { KbsError } from '../errors.js';
import { parseDeclarativePolicy } from './declarative.js';
import { parseRegoPolicy } from './rego-policy.js';
import type { ResourcePolicy } from './resource-policy.js';

/**
 * Read the text of an uploaded policy: Rego, or a JSON document. JavaScript is never run.
 *
 * @param text - what was uploaded
 * @param name - what to call it in the log
 * @throws {@link KbsError} `ERR_KBS_POLICY` when it is no policy.
 */
export function parsePolicyText(text: string, name: string): ResourcePolicy {
  if (text.trimStart().startsWith('{')) return parseDeclarativePolicy(text, name);
  if (text.split('\n').some((line) => /^\s*package\s/.test(line.slice(0, 1024)))) {
    return parseRegoPolicy(text, name);
  }
  throw new KbsError(
    'ERR_KBS_POLICY',
    'expected Rego, or a JSON document {"sealwright":"resource-policy/v1","rules":[…]}; uploaded JavaScript is never run',
  );
}
