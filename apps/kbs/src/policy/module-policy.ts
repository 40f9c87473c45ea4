import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KbsError } from '../errors.js';
import type { PolicyInput, ResourcePolicy } from './resource-policy.js';

/** How long a module may think about one request. */
const PATIENCE_MS = 5000;

/**
 * A policy in JavaScript, from a file that the operator put there: the default export is a function of a
 * {@link PolicyInput} that allows with `true`, and with nothing else.
 *
 * @param file - the module
 * @param patienceMs - how long it may think about one request
 * @throws {@link KbsError} `ERR_KBS_POLICY` when it cannot be loaded.
 */
export async function loadModulePolicy(file: string, patienceMs = PATIENCE_MS): Promise<ResourcePolicy> {
  const predicate = await importPredicate(file);
  return {
    name: file,
    async decide(input) {
      // A copy: what the module does to it changes nothing here.
      const answer = await withPatience(patienceMs, async () => predicate(structuredClone(input)));
      return answer === true
        ? { allow: true, reason: 'module' }
        : { allow: false, reason: 'denied_by_module' };
    },
  };
}

async function importPredicate(file: string): Promise<(input: PolicyInput) => unknown> {
  let module: unknown;
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new KbsError('ERR_KBS_POLICY', `${file} cannot be loaded: ${reason}`, { cause });
  }
  const predicate =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (typeof predicate === 'function') return (input) => predicate(input) as unknown;
  throw new KbsError('ERR_KBS_POLICY', `${file}: expected a function as the default export`);
}

async function withPatience<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new KbsError('ERR_KBS_POLICY', 'the policy module took too long')),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
