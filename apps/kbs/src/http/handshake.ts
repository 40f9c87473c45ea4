import type { SessionAnswer } from '@sealwright/kbs-protocol';
import { json, refuse } from './answer.js';
import { readBody } from './body.js';
import type { KbsDependencies } from './dependencies.js';

/** `POST /kbs/v0/auth`: a challenge. */
export async function auth(deps: KbsDependencies, request: Request): Promise<Response> {
  deps.metrics.authRequests.inc();
  const answer = await deps.machine.auth(await readBody(request, deps.maxBodyBytes));
  (answer.refusal === undefined ? deps.metrics.authSuccesses : deps.metrics.authErrors).inc();
  return answered(deps, answer, 'challenge');
}

/** `POST /kbs/v0/attest`: evidence for a token. */
export async function attest(deps: KbsDependencies, request: Request): Promise<Response> {
  deps.metrics.attestations.inc();
  const body = await readBody(request, deps.maxBodyBytes);
  const answer = await deps.machine.attest(request.headers.get('cookie'), body);
  const { attestationSuccesses, attestationFailures } = deps.metrics;
  (answer.refusal === undefined ? attestationSuccesses : attestationFailures).inc({
    tee_type: answer.tee ?? 'unknown',
  });
  return answered(deps, answer, 'attestation');
}

function answered(deps: KbsDependencies, answer: SessionAnswer, event: string): Response {
  if (answer.refusal === undefined) {
    deps.log.info({ tee: answer.tee, decision: 'allowed' }, event);
    return json(answer.body, answer.cookie);
  }
  deps.log.info({ tee: answer.tee, decision: 'refused', ...causeOf(answer.cause) }, event);
  return refuse(answer.refusal);
}

/** The code of an error and of what caused it, and its message, which quotes no evidence. */
function causeOf(error: unknown): object {
  if (!(error instanceof Error)) return {};
  const { message, cause } = error;
  const deeper = cause instanceof Error ? { cause: codeOf(cause) ?? cause.name } : {};
  return { reason: codeOf(error) ?? error.name, message, ...deeper };
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
