import { decodeBase64, decodeBase64url, decodeUtf8, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { exportPublicJwk, generateKeyPair, sign } from '@sealwright/crypto';
import type { JsonObject, JsonValue } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  annotatedEvidence,
  createTokenTrust,
  earClaims,
  earStatus,
  issueEar,
  keyThumbprint,
  KbsProtocolError,
  parseTrustVector,
  teeKeyFromClaims,
  tokenJwk,
  trustTier,
  verifyToken,
  type EarInput,
  type TokenTrust,
} from '../src/index.js';
import {
  type TokenCertificate,
  parseCertificate,
  parseCertificates,
  verifyChain,
} from '../src/certificate.js';
import vectors from './vectors/tokens.json' with { type: 'json' };

const now = 1_787_000_000_000;
const signingKey = await generateKeyPair('ec-p256');
const trust = createTokenTrust({ trustedKeys: [signingKey.publicKey] });
const input: EarInput = {
  now,
  submodules: [
    { class: 'cpu', trustVector: { hardware: 2 }, annotatedEvidence: {} },
    { class: 'gpu', trustVector: { hardware: 97 }, annotatedEvidence: {}, extensions: { x: 1 } },
    { class: 'gpu', trustVector: { hardware: 36, executables: 2 }, annotatedEvidence: {}, policyId: 'p' },
  ],
};

describe('trust tiers', () => {
  it.each([
    [-1, 'none'],
    [1, 'none'],
    [2, 'affirming'],
    [-32, 'affirming'],
    [31, 'affirming'],
    [32, 'warning'],
    [-96, 'warning'],
    [95, 'warning'],
    [96, 'contraindicated'],
    [-128, 'contraindicated'],
  ])('of %i is %s', (value, tier) => {
    expect(trustTier(value)).toBe(tier);
  });

  it('of a vector is its worst', () => {
    expect(earStatus({ hardware: 2, executables: 33, configuration: 0 })).toBe('warning');
    expect(earStatus({ hardware: 0 })).toBe('none');
  });

  it.each<[JsonObject]>([
    [{}],
    [{ hardware: 300 }],
    [{ hardware: 1.5 }],
    [{ hardware: '2' }],
    [{ unknown: 2 }],
  ])('are refused for %j', (vector) => {
    expect(() => parseTrustVector(vector)).toThrow(expect.objectContaining({ code: 'ERR_KBS_EAR' }));
  });
});

describe('annotatedEvidence', () => {
  const runtimeData = { 'additional-evidence': '', nonce: 'n', 'tee-pubkey': {} };
  it('shows plaintexts only of what the evidence carries', () => {
    expect(annotatedEvidence({ tee: 'sample', claims: { svn: '1' }, runtimeData })).toEqual({
      sample: { svn: '1' },
    });
    const claims = { svn: '1', init_data: 'i', report_data: 'r' };
    expect(
      annotatedEvidence({ tee: 'sample', claims, runtimeData, initDataClaims: { a: 1 }, verbose: false }),
    ).toEqual({
      init_data: 'i',
      init_data_claims: { a: 1 },
      report_data: 'r',
      runtime_data_claims: { nonce: 'n', 'tee-pubkey': {} },
      sample: { svn: '1' },
    });
  });
});

describe('a token', () => {
  it('counts devices by class and verifies', async () => {
    const token = await issueEar(input, signingKey);
    const { claims, expiresAt, key } = await verifyToken(token, trust, {
      now,
      issuer: 'CoCo-Attestation-Service',
    });
    expect(claims).toEqual(earClaims(input));
    expect(claims).toMatchObject({
      submods: {
        cpu0: { 'ear.status': 'affirming' },
        gpu0: { 'ear.status': 'contraindicated', x: 1 },
        gpu1: { 'ear.status': 'warning', 'ear.appraisal-policy-id': 'p' },
      },
    });
    expect(expiresAt).toBe(now + 300_000);
    expect(key.spki).toEqual(signingKey.publicKey.spki);
  });

  it('is good for 60 seconds past its end, and not one more', async () => {
    const token = await issueEar(input, signingKey);
    await verifyToken(token, trust, { now: now + 360_000 });
    await expect(verifyToken(token, trust, { now: now + 361_000 })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_TOKEN_EXPIRED' }),
    );
  });

  it('is of the issuer and for the audience that are wanted', async () => {
    const token = await issueEar(input, signingKey);
    for (const wanted of [{ issuer: 'x' }, { audience: 'x' }]) {
      await expect(verifyToken(token, trust, { now, ...wanted })).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_KBS_TOKEN_CLAIMS' }),
      );
    }
    const signed = await signedToken(
      { alg: 'ES256', jwk: tokenJwk(signingKey.publicKey) },
      { exp: now, aud: ['x'] },
    );
    await verifyToken(signed, trust, { now, audience: 'x' });
  });

  it('can be verified through a key set by its kid', async () => {
    const jwk = { ...tokenJwk(signingKey.publicKey), kid: keyThumbprint(signingKey.publicKey) };
    const sets = createTokenTrust({ trustedJwkSets: [{ keys: [null, {}, { ...jwk, kid: 1 }, jwk] }] });
    const token = await signedToken({ alg: 'ES256', kid: jwk.kid }, { exp: now });
    expect((await verifyToken(token, sets, { now })).claims).toEqual({ exp: now });
  });

  it.each([
    ['ec-p384', 'ES384', 'ecdsa-sha384'],
    ['ec-p521', 'ES512', 'ecdsa-sha512'],
    ['ed25519', 'EdDSA', 'ed25519'],
    ['rsa', 'RS256', 'rsa-pkcs1-sha256'],
    ['rsa', 'PS384', 'rsa-pss-sha384'],
  ] as const)('of a key of %s may be signed with %s', async (kind, alg, scheme) => {
    const key = await generateKeyPair(kind);
    const sets = createTokenTrust({
      trustedJwkSets: [{ keys: [{ ...(exportPublicJwk(key.publicKey) as object), kid: 'k', alg }] }],
    });
    const signed = `${part({ alg, kid: 'k' })}.${part({ exp: now })}`;
    const signature = await sign(key, encodeUtf8(signed), { scheme, encoding: 'raw' });
    await verifyToken(`${signed}.${encodeBase64url(signature)}`, sets, { now });
    signature[5] = (signature[5] ?? 0) ^ 1;
    await expect(verifyToken(`${signed}.${encodeBase64url(signature)}`, sets, { now })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_TOKEN_SIGNATURE' }),
    );
  });

  const jwk = tokenJwk(signingKey.publicKey);
  it.each<[string, JsonObject, JsonObject, string]>([
    ['no key named', { alg: 'ES256' }, { exp: now }, 'ERR_KBS_TOKEN_KEY'],
    ['an unknown kid', { alg: 'ES256', kid: 'x' }, { exp: now }, 'ERR_KBS_TOKEN_KEY'],
    ['a critical header', { alg: 'ES256', jwk, crit: [] }, { exp: now }, 'ERR_KBS_TOKEN'],
    ['no algorithm', { jwk }, { exp: now }, 'ERR_KBS_TOKEN'],
    ['another algorithm', { alg: 'RS256', jwk: { ...jwk, alg: 'RS256' } }, { exp: now }, 'ERR_KBS_TOKEN'],
    ['the algorithm none', { alg: 'none', jwk: { ...jwk, alg: 'none' } }, { exp: now }, 'ERR_KBS_TOKEN'],
    ['no end', { alg: 'ES256', jwk }, {}, 'ERR_KBS_TOKEN_EXPIRED'],
    ['an end in text', { alg: 'ES256', jwk }, { exp: '9' }, 'ERR_KBS_TOKEN_EXPIRED'],
  ])('is refused with %s', async (_, header, payload, code) => {
    await expect(verifyToken(await signedToken(header, payload), trust, { now })).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('of a key that nobody trusts is refused', async () => {
    const other = await generateKeyPair('ec-p256');
    const token = await issueEar(input, other);
    await expect(verifyToken(token, trust, { now })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_TOKEN_KEY' }),
    );
    expect(() => createTokenTrust({})).toThrow(expect.objectContaining({ code: 'ERR_KBS_TOKEN_KEY' }));
    await verifyToken(token, createTokenTrust({ dangerouslyTrustHeaderJwk: true }), { now });
  });

  it('is signed with P-256 and has a submodule', async () => {
    await expect(issueEar(input, await generateKeyPair('ec-p384'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_EAR' }),
    );
    await expect(issueEar({ now, submodules: [] }, signingKey)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_EAR' }),
    );
  });

  it('answers any change with a KbsProtocolError', async () => {
    const token = await issueEar(input, signingKey);
    const changed = fc
      .tuple(fc.nat(token.length - 1), fc.constantFrom('A', '.', '=', '', 'é', '\ud800'))
      .map(([at, text]) => token.slice(0, at) + text + token.slice(at + 1));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), changed), async (text) => {
        fc.pre(text !== token);
        await expect(verifyToken(text, trust, { now })).rejects.toThrow(KbsProtocolError);
      }),
    );
    await expect(verifyToken(token, trust, { now, maxBytes: 10 })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_LIMIT' }),
    );
  });

  async function signedToken(header: JsonObject, payload: JsonObject): Promise<string> {
    const signed = `${part(header)}.${part(payload)}`;
    return `${signed}.${encodeBase64url(await sign(signingKey, encodeUtf8(signed), { encoding: 'raw' }))}`;
  }
});

function part(value: JsonObject): string {
  return encodeBase64url(encodeUtf8(JSON.stringify(value)));
}

describe('the TEE key in claims', () => {
  const { kty, crv, x, y } = exportPublicJwk(signingKey.publicKey);
  const jwk = { kty, crv: crv ?? '', alg: 'ECDH-ES+A256KW', x: x ?? '', y: y ?? '' };

  it('is taken from the first place that exists', () => {
    expect(teeKeyFromClaims({ 'tee-pubkey': jwk }).jwk).toEqual(jwk);
    expect(teeKeyFromClaims({ 'tee-pubkey': 1, a: [{ 'b/~': jwk }] }, ['/a/0/b~1~0']).jwk).toEqual(jwk);
  });

  it('is not looked for further when what is there is none', () => {
    const claims = { customized_claims: { runtime_data: { 'tee-pubkey': null } }, 'tee-pubkey': jwk };
    expect(() => teeKeyFromClaims(claims)).toThrow(expect.objectContaining({ code: 'ERR_KBS_TEE_KEY' }));
    expect(() => teeKeyFromClaims({})).toThrow(expect.objectContaining({ code: 'ERR_KBS_TOKEN_CLAIMS' }));
  });
});

describe('the token vectors', () => {
  const certificateTime = Date.parse('2027-01-01T00:00:00Z');
  const pems = { 'root.pem': vectors['root.pem'], 'other.pem': vectors['other.pem'] };
  it.each(vectors.cases)('$name', async ({ config, token, now: seconds, expect: expected }) => {
    const configured = trustOf(config);
    const verifying = (async (): Promise<JsonValue> => {
      const { claims } = await verifyToken(token, configured, { now: seconds * 1000, certificateTime });
      return { ...teeKeyFromClaims(claims).jwk };
    })();
    if (expected.valid) expect(await verifying).toEqual(expected.tee_pubkey);
    else await expect(verifying).rejects.toThrow(KbsProtocolError);
  });

  it('are not valid before or after their certificates', async () => {
    const item = vectors.cases.find(({ name }) => name.includes('leaf issued by'));
    if (item === undefined) throw new Error('no such case');
    for (const instant of [Date.parse('1999-01-01T00:00:00Z'), Date.parse('2199-01-01T00:00:00Z')]) {
      await expect(
        verifyToken(item.token, trustOf(item.config), { now: item.now * 1000, certificateTime: instant }),
      ).rejects.toThrow(expect.objectContaining({ code: 'ERR_KBS_CERTIFICATE' }));
    }
  });

  function trustOf(config: (typeof vectors.cases)[number]['config']): TokenTrust {
    return createTokenTrust({
      trustedCertificates: config.trusted_certs.map((name) => pems[name as keyof typeof pems]),
      trustedJwkSets: config.trusted_jwk_sets,
      dangerouslyTrustHeaderJwk: config.insecure_header_jwk,
    });
  }
});

describe('a certificate', () => {
  const [root] = parseCertificates(vectors['root.pem']);

  it('says who it is and what it may do', () => {
    expect(root).toMatchObject({ mayIssue: true });
    expect(root?.issuer).toEqual(root?.subject);
  });

  describe('in a chain', () => {
    const now = Date.parse('2027-01-01T00:00:00Z');
    const token = vectors.cases.find(
      ({ name }) => name.includes('intermediate') && !name.includes('without'),
    )?.token;
    const header = JSON.parse(decodeUtf8(decodeBase64url(token?.split('.')[0] ?? ''))) as {
      jwk: { x5c: string[] };
    };
    const [leaf, between] = header.jwk.x5c.map((text) => parseCertificate(decodeBase64(text)));
    const chain = async (change: {
      root?: Partial<TokenCertificate>;
      between?: Partial<TokenCertificate>;
    }): Promise<void> => {
      if (root === undefined || leaf === undefined || between === undefined) throw new Error('no chain');
      await verifyChain(leaf, [{ ...between, ...change.between }], [{ ...root, ...change.root }], now);
    };

    it('leads to a trusted end, or ends at a trusted intermediate or leaf', async () => {
      await chain({});
      if (leaf === undefined || between === undefined) throw new Error('no chain');
      await verifyChain(leaf, [], [between], now);
      await verifyChain(leaf, [], [leaf], now);
    });

    it.each<[string, Parameters<typeof chain>[0]]>([
      ['an end that may not issue', { root: { mayIssue: false } }],
      ['an intermediate that may not issue', { between: { mayIssue: false } }],
      ['more intermediates than the end allows', { root: { pathLength: 0 } }],
      ['an end that is over', { root: { notAfter: now - 1 } }],
      ['an intermediate that is not valid yet', { between: { notBefore: now + 1 } }],
      ['an end of another name', { root: { subject: new Uint8Array(3) } }],
      ['a changed signature', { between: { signature: new Uint8Array(70) } }],
      ['an end of another key', { root: { publicKey: signingKey.publicKey } }],
    ])('is refused with %s', async (_, change) => {
      await expect(chain(change)).rejects.toThrow(expect.objectContaining({ code: 'ERR_KBS_CERTIFICATE' }));
    });
  });

  it('answers any change with a certificate or a KbsProtocolError', () => {
    const pem = vectors['root.pem'];
    const der = Uint8Array.from(atob(pem.replaceAll(/-----[^-]+-----|\n/g, '')), (character) =>
      character.charCodeAt(0),
    );
    const changed = fc
      .tuple(fc.nat(der.length - 1), fc.nat(255))
      .map(([at, value]) => Uint8Array.from(der, (byte, index) => (index === at ? value : byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
        try {
          parseCertificate(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KbsProtocolError);
        }
      }),
      { numRuns: 500 },
    );
    expect(() => parseCertificates('')).toThrow(expect.objectContaining({ code: 'ERR_KBS_CERTIFICATE' }));
  });
});
