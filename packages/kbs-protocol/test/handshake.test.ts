import { encodeUtf8, decodeUtf8 } from '@sealwright/bytes';
import { digest, randomBytes } from '@sealwright/crypto';
import { parseJson, isJsonObject } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createKbsClient,
  createKbsTokenClient,
  createMemorySessionStore,
  createTokenTrust,
  generateTeeKey,
  importTeeKey,
  reportData,
  verifyToken,
  type SessionRecord,
  type TeeKeyKind,
} from '../src/index.js';
import { createSampleServer, sampleAttester, sampleVerifier } from './sample.js';

const url = 'http://kbs.example';
const secret = encodeUtf8('this is a resource\n');
const secrets = new Map([['default/key/1', secret]]);
const sleep = async (): Promise<void> => {};

describe('a client and a server', () => {
  it.each<TeeKeyKind>(['ec-p256', 'ec-p521', 'rsa'])(
    'exchange a resource, sealed to a key of %s',
    async (kind) => {
      const { fetch, requests } = await createSampleServer(secrets);
      const teeKey = await generateTeeKey(kind);
      const client = createKbsClient({ url, fetch, attester: sampleAttester, teeKey, sleep });
      expect(await client.getResource('kbs:///default/key/1')).toEqual(secret);
      expect(await client.getResource('default/key/1')).toEqual(secret);
      // One handshake serves both.
      expect(requests).toEqual([
        'POST /kbs/v0/auth',
        'POST /kbs/v0/attest',
        'GET /kbs/v0/resource/default/key/1',
        'GET /kbs/v0/resource/default/key/1',
      ]);
    },
  );

  it('shake hands again when the session is over', async () => {
    const { fetch, requests, clock } = await createSampleServer(secrets);
    const client = createKbsClient({ url, fetch, attester: sampleAttester, sleep });
    await client.getResource('default/key/1');
    clock.now += 6 * 60_000;
    expect(await client.getResource('default/key/1')).toEqual(secret);
    expect(requests.filter((line) => line.endsWith('/auth'))).toHaveLength(2);
  });

  it('take a missing resource for final', async () => {
    const { fetch, requests } = await createSampleServer(secrets);
    const client = createKbsClient({ url, fetch, attester: sampleAttester, sleep });
    const failure = expect.objectContaining({ code: 'ERR_KBS_NOT_FOUND', status: 404 });
    await expect(client.getResource('default/key/2')).rejects.toThrow(failure);
    expect(requests).toHaveLength(3);
  });

  it('bind the evidence of devices into that of the CPU', async () => {
    const server = await createSampleServer(secrets);
    const additional = [{ ...sampleAttester, tee: 'sampledevice' as const }];
    const client = createKbsClient({
      url,
      fetch: server.fetch,
      attester: { ...sampleAttester, additional },
      sleep,
    });
    const { token } = await client.getToken();
    const trust = createTokenTrust({ trustedKeys: [server.signingKey.publicKey] });
    const { claims } = await verifyToken(token, trust, { now: server.clock.now });
    expect(Object.keys(claims['submods'] ?? {})).toEqual(['cpu0', 'gpu0']);
  });

  it('carry a token and its key to a client that has no evidence', async () => {
    const { fetch } = await createSampleServer(secrets);
    const { token, teeKeypairPem } = await createKbsClient({
      url,
      fetch,
      attester: sampleAttester,
    }).getToken();
    const teeKey = await importTeeKey(decodeUtf8(teeKeypairPem.expose()));
    const passport = createKbsTokenClient({ url, fetch, tokenProvider: async () => ({ token, teeKey }) });
    expect(await passport.getResource('kbs:///default/key/1')).toEqual(secret);
  });

  it('renew a token that is refused, and give up after three', async () => {
    const { fetch } = await createSampleServer(secrets);
    const teeKey = await generateTeeKey();
    const asked: boolean[] = [];
    const tokenProvider = async (renew: boolean): Promise<{ token: string; teeKey: typeof teeKey }> => {
      asked.push(renew);
      return { token: 'a.b.c', teeKey };
    };
    const passport = createKbsTokenClient({ url, fetch, tokenProvider });
    const failure = expect.objectContaining({ code: 'ERR_KBS_REFUSED', status: 401 });
    await expect(passport.getResource('default/key/1')).rejects.toThrow(failure);
    expect(asked).toEqual([false, true, true]);
  });

  it('show init-data to the verifier and in the token', async () => {
    const server = await createSampleServer(secrets, {
      readInitData: (toml) => ({ digest: digest('sha256', encodeUtf8(toml)), claims: { toml } }),
    });
    const client = createKbsClient({
      url,
      fetch: server.fetch,
      attester: sampleAttester,
      initData: 'x = 1\n',
      sleep,
    });
    const { token } = await client.getToken();
    const trust = createTokenTrust({ trustedKeys: [server.signingKey.publicKey] });
    const { claims } = await verifyToken(token, trust, { now: server.clock.now });
    expect(claims).toMatchObject({
      submods: { cpu0: { 'ear.veraison.annotated-evidence': { init_data_claims: { toml: 'x = 1\n' } } } },
    });
  });

  it('try a handshake five times, with a pause between', async () => {
    const { fetch, requests } = await createSampleServer(secrets);
    const pauses: number[] = [];
    const client = createKbsClient({
      url,
      fetch,
      attester: { tee: 'sample', evidence: async () => ({ svn: '1', report_data: '' }) },
      sleep: async (milliseconds) => void pauses.push(milliseconds),
    });
    await expect(client.getResource('default/key/1')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_REFUSED' }),
    );
    expect(requests.filter((line) => line.endsWith('/attest'))).toHaveLength(5);
    expect(pauses).toEqual([1000, 1000, 1000, 1000]);
  });

  it('stop when the caller aborts', async () => {
    const { fetch } = await createSampleServer(secrets);
    const client = createKbsClient({ url, fetch, attester: sampleAttester, sleep });
    const reason = new Error('enough');
    await expect(client.getResource('default/key/1', { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});

describe('the server', () => {
  const authBody = '{"version":"0.4.0","tee":"sample","extra-params":""}';

  it('gives two attestations of one session the same token', async () => {
    const { machine } = await createSampleServer(secrets);
    const { cookie, body } = await challengeOf(machine);
    const [first, second] = await Promise.all([machine.attest(cookie, body), machine.attest(cookie, body)]);
    expect(first.status).toBe(200);
    expect(second.body).toBe(first.body);
    // The stored token comes back whatever evidence comes later.
    const later = await machine.attest(cookie, body.replace('"svn":"1"', '"svn":"2"'));
    expect(later.body).toBe(first.body);
  });

  it('forgets a session that is over', async () => {
    const { machine, store, clock } = await createSampleServer(secrets);
    const { cookie, body } = await challengeOf(machine);
    clock.now += 5 * 60_000;
    const answer = await machine.attest(cookie, body);
    expect(answer).toMatchObject({ status: 401, cause: { code: 'ERR_KBS_SESSION' } });
    expect(store.size).toBe(0);
  });

  it('refuses a TEE without a verifier before it makes a session', async () => {
    const { machine, store } = await createSampleServer(secrets, { evidenceVerifier: () => undefined });
    expect(await machine.auth(authBody)).toMatchObject({ status: 401, cause: { code: 'ERR_KBS_TEE' } });
    expect(store.size).toBe(0);
  });

  it('selects sha512 for IBM SE and uses the nonce of its verifier', async () => {
    const verifier = { ...sampleVerifier, nonce: async () => '{"se":1}' };
    const { machine } = await createSampleServer(secrets, { evidenceVerifier: () => verifier });
    const offer = '{"supported-hash-algorithms":["sha384","sha512"]}';
    const answer = await machine.auth(`{"version":"0.4.0","tee":"se","extra-params":${offer}}`);
    expect(parseJson(answer.body)).toEqual({
      nonce: '{"se":1}',
      'extra-params': { 'selected-hash-algorithm': 'sha512' },
    });
  });

  it('keeps causes and tokens out of what it answers', async () => {
    const { machine } = await createSampleServer(secrets, {
      tokenIssuer: async () => {
        throw new Error('policy secret-policy failed');
      },
    });
    const { cookie, body } = await challengeOf(machine);
    const answer = await machine.attest(cookie, body);
    expect(answer).toMatchObject({ status: 401, tee: 'sample', cause: { code: 'ERR_KBS_EAR' } });
    expect(parseJson(answer.body)).toEqual({
      type: 'https://github.com/confidential-containers/kbs/errors/AttestationError',
      detail: 'Attestation error: RCAR handshake Attest failed',
    });
  });

  it('refuses init-data where nobody reads it', async () => {
    const { machine } = await createSampleServer(secrets);
    const { cookie, body } = await challengeOf(machine);
    const withInitData = body.replace('"init-data":null', '"init-data":{"format":"toml","body":""}');
    expect(withInitData).not.toBe(body);
    expect(await machine.attest(cookie, withInitData)).toMatchObject({
      cause: { code: 'ERR_KBS_INIT_DATA' },
    });
  });

  it('answers any body and cookie, and changed ones of a good attestation', async () => {
    const { machine } = await createSampleServer(secrets);
    const { cookie, body } = await challengeOf(machine);
    const mutated = fc
      .tuple(fc.nat(body.length), fc.nat(9), fc.constantFrom('', '"', '\\ud800', '0', '{}', 'null', ','))
      .map(([at, cut, text]) => body.slice(0, at) + text + body.slice(at + cut));
    const swapped = body.replace(/"nonce":"[^"]*"/, '"nonce":"\\ud800"');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), mutated),
        fc.constantFrom(cookie, '', undefined),
        async (text, header) => {
          // A change that changes nothing would attest the session and end the test.
          fc.pre(text !== body);
          const fresh = await machine.auth(text);
          expect([200, 401]).toContain(fresh.status);
          expect([200, 401]).toContain((await machine.attest(header, text)).status);
        },
      ),
      { examples: [[swapped, cookie]] },
    );
  });

  it('lets its store fail loudly', async () => {
    const failing = async (): Promise<never> => {
      throw new Error('no connection');
    };
    const { machine } = await createSampleServer(secrets, {
      store: { get: failing, compareAndSet: failing },
    });
    await expect(machine.auth(authBody)).rejects.toThrow('no connection');
  });

  async function challengeOf(
    machine: Awaited<ReturnType<typeof createSampleServer>>['machine'],
  ): Promise<{ cookie: string; body: string }> {
    const answer = await machine.auth(authBody);
    const challenge = parseJson(answer.body);
    if (!isJsonObject(challenge) || typeof challenge['nonce'] !== 'string') throw new Error('no challenge');
    const nonce = challenge['nonce'];
    const { publicKey } = await generateTeeKey();
    const bound = reportData({ nonce, teePubkey: publicKey, additionalEvidence: '' });
    const context = { nonce, hash: 'sha384' as const, signal: undefined };
    const body = JSON.stringify({
      'init-data': null,
      'runtime-data': { nonce, 'tee-pubkey': publicKey.jwk },
      'tee-evidence': {
        primary_evidence: await sampleAttester.evidence(bound, context),
        additional_evidence: '',
      },
    });
    return { cookie: (answer.cookie ?? '').split(';', 1)[0] ?? '', body };
  }
});

describe('sessions', () => {
  it('are named by version 4 UUIDs and never extended', async () => {
    const { machine, store, clock } = await createSampleServer(secrets, { random: randomBytes });
    const { cookie } = await machine.auth('{"version":"0.4.0","tee":"sample","extra-params":""}');
    expect(cookie).toMatch(/^kbs-session-id=[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}; Expires=/);
    expect((await machine.session(cookie?.split(';', 1)[0]))?.expiresAt).toBe(clock.now + 300_000);
    expect(store.sweep(clock.now + 300_000)).toBe(1);
  });

  it('in memory change by compare-and-set, and the oldest goes when there are too many', async () => {
    const store = createMemorySessionStore({ maxSessions: 2 });
    const record = (id: string, revision: number): SessionRecord => ({
      id,
      revision,
      tee: 'sample',
      version: '0.4.0',
      hash: 'sha384',
      nonce: '',
      expiresAt: 1,
    });
    expect(await store.compareAndSet('a', 1, record('a', 2))).toBe(false);
    expect(await store.compareAndSet('a', undefined, record('a', 1))).toBe(true);
    expect(await store.compareAndSet('a', undefined, record('a', 1))).toBe(false);
    expect(await store.compareAndSet('a', 1, record('a', 2))).toBe(true);
    await store.compareAndSet('b', undefined, record('b', 1));
    await store.compareAndSet('c', undefined, record('c', 1));
    expect([await store.get('a'), store.size]).toEqual([undefined, 2]);
    expect(await store.compareAndSet('b', 1, undefined)).toBe(true);
    expect(store.size).toBe(1);
  });
});
