import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningIssuer, startIssuer } from './issuer.js';

describe('the issuer of identity tokens', () => {
  let issuer: RunningIssuer;

  beforeAll(async () => {
    issuer = await startIssuer();
  });

  afterAll(async () => issuer?.stop());

  it.each([
    ['a person', { email: 'ada@example.com' }, 'ada@example.com'],
    [
      'a service account',
      { namespace: 'a', serviceAccount: 'b' },
      'https://kubernetes.io/namespaces/a/serviceaccounts/b',
    ],
    [
      'a workflow',
      { repository: 'acme/app', workflow: 'release.yaml' },
      'https://github.com/acme/app/.github/workflows/release.yaml@refs/heads/main',
    ],
  ] as const)('vouches for %s with a key that it publishes', async (_title, subject, name) => {
    expect(issuer.nameOf(subject)).toBe(name);
    const found = await get(`${issuer.issuerOf(subject)}/.well-known/openid-configuration`);
    const { keys } = (await get(String(found['jwks_uri']))) as { keys: JsonWebKey[] };
    const [header = '', payload = '', signature = ''] = issuer.token(subject).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ iss: found['issuer'], aud: 'sigstore' });
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
    const holds = (text: string): boolean =>
      verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
    expect(holds(`${header}.${payload}`)).toBe(true);
    expect(holds(`${header}.${payload}x`)).toBe(false);
  });
});

async function get(url: string): Promise<Readonly<Record<string, unknown>>> {
  return (await (await fetch(url)).json()) as Readonly<Record<string, unknown>>;
}
