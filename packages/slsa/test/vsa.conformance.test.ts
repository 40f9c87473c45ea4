import { importPublicKey } from '@sealwright/crypto';
import { encodeUtf8 } from '@sealwright/bytes';
import { InTotoError, type VerifiedPayload, verifierFromKey, verifyEnvelope } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { appraiseSummary, type SummaryExpectations, SlsaError, summaryOf } from '../src/index.js';
import { identityOf, signedBy } from './signed.ts';

const area = vectorArea('slsa/vsa');

interface Expectations extends SummaryExpectations {
  readonly now?: string;
}

interface Expected {
  readonly ok: boolean;
  readonly error?: string;
  readonly pointer?: string;
}

interface Place {
  readonly code: string;
  readonly pointer?: string | undefined;
}

/** The verifier that the signer stands for is the one the caller expects: the vectors ask about the document. */
function outcome(
  payload: VerifiedPayload,
  identity: string,
  { now, ...expect }: Expectations,
): readonly Place[] {
  const trust = [{ signer: { keys: [identity] }, id: expect.verifierId }];
  const time = now === undefined ? {} : { now: new Date(now) };
  try {
    const verdict = appraiseSummary(summaryOf(payload), { trust, expect, ...time });
    return verdict.checks.filter(({ status }) => status === 'fail');
  } catch (error) {
    if (!(error instanceof SlsaError)) throw error;
    const { code, pointer, findings } = error;
    return [{ code, pointer }, ...findings.filter(({ severity }) => severity === 'error')];
  }
}

function compare(found: readonly Place[], { ok, error: code, pointer }: Expected): void {
  if (code === undefined) expect(found).toEqual([]);
  else
    expect(found).toContainEqual(
      expect.objectContaining(pointer === undefined ? { code } : { code, pointer }),
    );
  expect(found.length === 0).toBe(ok);
}

interface Case {
  readonly name: string;
  readonly statement: JsonObject;
  readonly expectations: Expectations;
  readonly expect: Expected;
}

describe.skipIf(!area.present)('verification summaries', () => {
  it.each(area.present ? area.json<Case[]>('cases.json') : [])('$name', async (vector) => {
    const payload = await signedBy('verifier', encodeUtf8(JSON.stringify(vector.statement)));
    compare(outcome(payload, await identityOf('verifier'), vector.expectations), vector.expect);
  });
});

interface SignedFile {
  readonly file: string;
  readonly key: string;
  readonly keyid: string;
  readonly cases: readonly { expectations?: Expectations; strictKeyId?: string; expect: Expected }[];
}

const files = area.list().filter((name) => name.endsWith('-expected.json'));

describe.skipIf(!area.present).each(files)('signed summaries of %s', (name) => {
  const { file, key, keyid, cases } = area.json<SignedFile>(name);

  it.each(cases.map((each, index) => ({ ...each, index })))('case $index', async (vector) => {
    const publicKey = importPublicKey(area.text(key));
    const verifier = verifierFromKey(publicKey, { keyid: vector.strictKeyId ?? keyid });
    const strictKeyId = vector.strictKeyId !== undefined;
    try {
      const payload = await verifyEnvelope(area.text(file), { verifiers: [verifier], strictKeyId });
      compare(
        vector.expectations === undefined ? [] : outcome(payload, verifier.identity, vector.expectations),
        vector.expect,
      );
    } catch (error) {
      if (!(error instanceof InTotoError)) throw error;
      compare([{ code: error.code }], vector.expect);
    }
  });
});
