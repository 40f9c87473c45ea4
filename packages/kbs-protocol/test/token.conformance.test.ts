import type { JsonValue } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  createTokenTrust,
  earStatus,
  issueEar,
  parseTrustVector,
  teeKeyFromClaims,
  tokenJwk,
  verifyToken,
} from '../src/index.js';
import { parseCertificate, parseCertificates, verifyChain } from '../src/certificate.js';
import { importPrivateKey, importPublicKey, type Jwk } from '@sealwright/crypto';
import { decodeBase64, equalBytes } from '@sealwright/bytes';

const area = vectorArea('kbs/token');

describe.skipIf(!area.present)('the vectors of kbs/token', () => {
  it('are here', () => expect(area.list()).not.toHaveLength(0));
});

interface Case {
  name: string;
  config: {
    trusted_certs: string[];
    trusted_jwk_sets: JsonValue[];
    insecure_header_jwk: boolean;
    extra_teekey_paths?: string[];
  };
  now: number;
  token: string;
  expect: { valid: boolean; tee_pubkey?: JsonValue };
}

// `now` is the clock of the tokens. The certificates are younger than it: their makers check them by the wall clock.
const certificateTime = Date.now();

describe.skipIf(!area.present)('verify-cases.json', () => {
  it.for(area.present ? area.json<Case[]>('verify-cases.json') : [])(
    '$name',
    async ({ config, now, token, expect: expected }) => {
      const trust = createTokenTrust({
        trustedCertificates: config.trusted_certs.map((name) => area.text(name)),
        trustedJwkSets: config.trusted_jwk_sets,
        dangerouslyTrustHeaderJwk: config.insecure_header_jwk,
      });
      const verifying = async (): Promise<unknown> => {
        const { claims } = await verifyToken(token, trust, { now: now * 1000, certificateTime });
        return teeKeyFromClaims(claims, config.extra_teekey_paths).jwk;
      };
      if (expected.valid) expect(await verifying()).toEqual(expected.tee_pubkey);
      else await expect(verifying()).rejects.toThrow(expect.objectContaining({ name: 'KbsProtocolError' }));
    },
  );
});

describe.skipIf(!area.present)('jwk/', () => {
  // The README's table says which scenarios are to be accepted.
  const readme = area.present ? vectorArea('kbs').text('README.md') : '';
  const verdicts = new Map(
    [...readme.matchAll(/\b(\d\d) (accept|refuse)\b/g)].map(([, id, verdict]) => [id, verdict]),
  );
  const names = area.present ? area.list('jwk').filter((name) => name.endsWith('-jwk.json')) : [];
  it.for(names.map((name) => name.replace('-jwk.json', '')))('%s', async (scenario) => {
    const jwk = area.json<Jwk & { x5c?: string[] }>('jwk', `${scenario}-jwk.json`);
    const trusted = parseCertificates(area.text('jwk', `${scenario}-trust.pem`));
    const chaining = async (): Promise<void> => {
      const [leaf, ...others] = (jwk.x5c ?? []).map((text) => parseCertificate(decodeBase64(text)));
      if (leaf === undefined) throw new Error('no certificate');
      if (!equalBytes(leaf.publicKey.spki, importPublicKey(jwk).spki)) throw new Error('another key');
      await verifyChain(leaf, others, trusted, Date.parse('2026-08-20T00:00:00Z'));
    };
    const verdict = verdicts.get(scenario.slice(-2));
    expect(['accept', 'refuse']).toContain(verdict);
    if (verdict === 'accept') await chaining();
    else await expect(chaining()).rejects.toThrow(/certificate|key/);
  });
});

describe.runIf(area.present)('jwks-endpoint/', () => {
  it('gives the expected key set', async () => {
    const key = await importPrivateKey(area.text('jwks-endpoint', 'signing-key.pem'));
    const blocks = parseCertificates(area.text('jwks-endpoint', 'cert-chain.pem'));
    const x5c = area
      .text('jwks-endpoint', 'cert-chain.pem')
      .split('-----BEGIN CERTIFICATE-----')
      .slice(1)
      .map((block) => decodeBase64((block.split('-----END', 1)[0] ?? '').replaceAll('\n', '')));
    expect(blocks).toHaveLength(x5c.length);
    expect({ keys: [tokenJwk(key.publicKey, { x5c })] }).toEqual(
      area.json('jwks-endpoint', 'expected-jwks.json'),
    );
  });
});

describe.runIf(area.present)('ear-claims.json and example-ear.claims.json', () => {
  it.each(['ear-claims.json', 'example-ear.claims.json'])('%s has the status of its vector', (file) => {
    const { submods } = area.json<{ submods: { [name: string]: { [name: string]: JsonValue } } }>(file);
    for (const submodule of Object.values(submods)) {
      const vector = parseTrustVector(submodule['ear.trustworthiness-vector'] as { [name: string]: number });
      expect(earStatus(vector)).toBe(submodule['ear.status']);
    }
  });

  it('comes out of issueEar member for member', async () => {
    const expected = area.json<{ [name: string]: JsonValue }>('ear-claims.json');
    const { cpu0 } = expected['submods'] as { cpu0: { [name: string]: JsonValue } };
    const key = await importPrivateKey(area.text('jwks-endpoint', 'signing-key.pem'));
    const iat = Number(expected['iat']);
    const token = await issueEar(
      {
        now: iat * 1000,
        lifetimeSeconds: Number(expected['exp']) - iat,
        submodules: [
          {
            class: 'cpu',
            trustVector: cpu0['ear.trustworthiness-vector'] as { [name: string]: number },
            annotatedEvidence: cpu0['ear.veraison.annotated-evidence'] as { [name: string]: JsonValue },
            extensions: { 'ear.trustee.identifiers': cpu0['ear.trustee.identifiers'] ?? null },
          },
        ],
      },
      key,
    );
    const trust = createTokenTrust({ trustedKeys: [key.publicKey] });
    expect((await verifyToken(token, trust, { now: iat * 1000 })).claims).toEqual(expected);
  });
});
