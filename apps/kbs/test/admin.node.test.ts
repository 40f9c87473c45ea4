import { exportPublicJwk, exportPublicPem, generateKeyPair } from '@sealwright/crypto';
import fc from 'fast-check';
import { exportJWK, generateKeyPair as joseKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { describe, expect, it } from 'vitest';
import { createAdminAccess, type AdminAccess } from '../src/admin/access.js';
import { adminToken } from './broker.js';

const now = 1_787_000_000_000;
const uri = '/kbs/v0/resource/a/b/c';

interface Provider {
  readonly issuer?: string;
  readonly audience?: string;
  readonly pem?: string;
  readonly set?: object;
}

function accessOf(providers: readonly Provider[]): Promise<AdminAccess> {
  const files = new Map(
    providers.flatMap(({ pem, set }, index) => [
      [`${index}.pem`, pem ?? ''],
      [`${index}.json`, JSON.stringify(set ?? {})],
    ]),
  );
  const identity = providers.map(({ issuer = null, audience = null, pem, set }, index) => ({
    issuer,
    audience,
    public_key_uri: pem === undefined ? null : `${index}.pem`,
    jwk_set_uri: set === undefined ? null : `${index}.json`,
  }));
  return createAdminAccess(
    {
      authorization_mode: 'AuthenticatedAuthorization',
      authentication: { bearer_jwt: { identity_providers: identity } },
      authorization: { regex_acl: { acls: [{ role: 'admin', allowed_endpoints: '^/kbs/v0/resource/.+$' }] } },
    },
    async (name) => files.get(name) ?? '',
    () => now,
  );
}

function token(key: CryptoKey, alg: string, claims: JWTPayload = {}, header: object = {}): Promise<string> {
  const payload = { iss: 'one', role: 'admin', exp: now / 1000 + 60, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg, ...header }).sign(key);
}

async function decide(access: AdminAccess, jwt: string, where: string = uri): Promise<string> {
  const decision = await access.check({ uri: where, authorization: `Bearer ${jwt}` });
  return decision.allowed ? 'allowed' : decision.reason;
}

const stranger = 'Cannot verify token with any of the issuers';

describe('an administrator', () => {
  it.each(['ES256', 'ES384', 'ES512', 'RS256', 'PS384', 'EdDSA'])(
    'of a JWK set signs with %s',
    async (alg) => {
      const { publicKey, privateKey } = await joseKeyPair(alg, { extractable: true });
      const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg };
      const access = await accessOf([
        { issuer: 'one', set: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'k', alg: 'HS256' }, jwk] } },
      ]);
      expect(await decide(access, await token(privateKey, alg, {}, { kid: 'k' }))).toBe('allowed');
      expect(await decide(access, await token(privateKey, alg, {}, { kid: 'other' }))).toBe(stranger);
      expect(await decide(access, await token(privateKey, alg))).toBe(stranger);
      expect(
        await decide(access, await token(privateKey, alg, {}, { jwk: await exportJWK(publicKey) })),
      ).toBe(stranger);
    },
  );

  it('is who the issuer, the audience, the role and the time say', async () => {
    const key = await generateKeyPair('ed25519');
    const access = await accessOf([{ issuer: 'test', audience: 'kbs', pem: exportPublicPem(key.publicKey) }]);
    const say = async (claims: object, where?: string): Promise<string> =>
      decide(access, await adminToken(key, now, { aud: 'kbs', ...claims }), where);
    expect(await say({})).toBe('allowed');
    expect(await say({ aud: ['x', 'kbs'] })).toBe('allowed');
    expect(await say({ aud: ['x'] })).toBe(stranger);
    expect(await say({ aud: undefined })).toBe(stranger);
    expect(await say({ iss: 'other' })).toBe(stranger);
    expect(await say({ exp: now / 1000 - 61 })).toBe(stranger);
    expect(await say({ exp: 'never' })).toBe(stranger);
    expect(await say({ nbf: now / 1000 + 61 })).toBe(stranger);
    expect(await say({ role: ['admin'] })).toBe('Missing required `role` claim in JWT');
    expect(await say({ role: 'viewer' })).toBe(`Role viewer not allowed for path ${uri}`);
    expect(await say({}, '/kbs/v0/resource-policy')).toMatch(/^Role admin not allowed/);
    expect(await say({}, `/kbs/v0/resource/${'a'.repeat(2000)}`)).toMatch(/^Role admin not allowed/);
  });

  it('signs with no algorithm that the key is not for', async () => {
    const { publicKey } = await generateKeyPair('ed25519');
    const access = await accessOf([
      {
        pem: exportPublicPem(publicKey),
        set: { keys: [{ ...exportPublicJwk(publicKey), kid: 'k', alg: 'HS256' }] },
      },
    ]);
    const secret = new TextEncoder().encode(exportPublicPem(publicKey));
    const forged = await new SignJWT({ role: 'admin', exp: now / 1000 + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'k' })
      .sign(secret);
    expect(await decide(access, forged)).toBe(stranger);
    const [, payload = ''] = forged.split('.');
    expect(
      await decide(access, `${Buffer.from('{"alg":"none","kid":"k"}').toString('base64url')}.${payload}.`),
    ).toBe(stranger);
  });

  it('is nobody, whatever the header is', async () => {
    const key = await generateKeyPair('ed25519');
    const good = `Bearer ${await adminToken(key, now)}`;
    const access = await accessOf([{ issuer: 'test', pem: exportPublicPem(key.publicKey) }]);
    const mutated = fc
      .tuple(fc.nat(good.length - 2), fc.constantFrom('', '.', 'A', '!', ' '))
      .map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1))
      .filter((text) => text.replace(/^bearer +/i, 'Bearer ') !== good);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), mutated, fc.constant(null)), async (authorization) => {
        expect((await access.check({ uri, authorization })).allowed).toBe(false);
      }),
    );
    expect((await access.check({ uri, authorization: good })).allowed).toBe(true);
  });

  it.each([
    ['a private key', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n'],
    ['junk', 'junk'],
  ])('whose provider has %s for a key stops the start', async (_, pem) => {
    await expect(accessOf([{ pem }])).rejects.toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: expect.stringContaining('public_key_uri 0.pem'),
      }),
    );
  });

  it('whose provider has no JWK set where one should be stops the start', async () => {
    await expect(accessOf([{ set: { keys: 1 } }])).rejects.toThrow(/jwk_set_uri 0\.json: expected a JWK set/);
  });
});
