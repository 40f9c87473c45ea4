import { expect } from 'vitest';
import { type Authority, CosignError } from '../src/policy/index.js';

/** A policy that is refused, at a place. */
export const policyFault = (pointer: string): unknown =>
  expect.objectContaining({ code: 'ERR_COSIGN_POLICY', pointer });

/** Signed by whoever's key or identity has `good` in it; what is attested names a builder. */
export const authority: Authority = async ({ subject, predicateType }) => {
  const word =
    subject.kind === 'key' && 'kms' in subject.key
      ? subject.key.kms
      : JSON.stringify(subject.kind === 'keyless' ? subject.identities : subject);
  if (!word.includes('good')) throw new CosignError('ERR_COSIGN_NO_MATCH', 'no matching signatures');
  const predicate = { builder: { id: 'https://builder.example/1' } };
  const statement = predicateType === undefined ? undefined : { predicateType, predicate };
  return { by: word, signatures: [{ digest: 'sha256:ab', statement }] };
};
