import {
  decodeBase64,
  decodeBase64url,
  decodeHex,
  encodeBase64,
  encodeHex,
  encodeUtf8,
} from '@sealwright/bytes';
import { digest, importPrivateKey, type Jwk } from '@sealwright/crypto';
import { canonicalJson, type JsonObject, type JsonValue } from '@sealwright/json';
import { constants, createPrivateKey, privateDecrypt, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  createKbsClient,
  encodeWireError,
  formatResourceUri,
  openResponse,
  parseResourcePath,
  parseResourceUri,
  parseResponseJwe,
  parseTeeKey,
  PROTOCOL_VERSIONS,
  reportData,
  resourceHttpPath,
  RUNTIME_HASHES,
  runtimeDataText,
  sealResponse,
  teeKeyOf,
  wireErrors,
  type KbsWireError,
  type ProtocolVersion,
  type SessionMachineOptions,
  type SessionRecord,
  type TeeKey,
} from '../src/index.js';
import { createSampleServer, sampleVerifier, type SampleServer } from './sample.js';

const area = vectorArea('kbs/protocol');
const keys = vectorArea('kbs/keys');
const has = (file: string): boolean => area.present && area.list().includes(file);
const cases = <T>(file: string): T[] => (has(file) ? area.json<T[]>(file) : []);
const object = <T>(file: string, none: T): T => (has(file) ? area.json<T>(file) : none);

describe.skipIf(!area.present)('the vectors of kbs/protocol', () => {
  it('are here', () => expect(area.list()).not.toHaveLength(0));
});

describe.skipIf(!has('runtime-data.json'))('runtime-data.json', () => {
  interface Case {
    name: string;
    value: JsonObject;
    canonical: string;
    digest: { [hash: string]: string };
  }
  const file = object<{ cases: Case[] }>('runtime-data.json', { cases: [] });
  it.for(file.cases)('$name', ({ value, canonical, digest: expected }) => {
    expect(canonicalJson(value)).toBe(canonical);
    for (const hash of RUNTIME_HASHES) {
      const wanted = expected[hash];
      if (wanted !== undefined) expect(encodeHex(digest(hash, encodeUtf8(canonical)))).toBe(wanted);
    }
  });
  it.for(file.cases.filter(({ value }) => typeof value['nonce'] === 'string'))(
    'from parts: $name',
    (item) => {
      const { nonce, 'tee-pubkey': jwk, 'additional-evidence': additional } = item.value;
      const teePubkey = parseTeeKeyOf(jwk ?? null);
      const parts = {
        nonce: String(nonce),
        teePubkey,
        ...(typeof additional === 'string' ? { additionalEvidence: additional } : {}),
      };
      expect(runtimeDataText(parts)).toBe(item.canonical);
      for (const hash of RUNTIME_HASHES) expect(encodeHex(reportData(parts, hash))).toBe(item.digest[hash]);
    },
  );
});

describe.skipIf(!has('jwe.json'))('jwe.json', () => {
  interface Case {
    name: string;
    key: string;
    jwe: JsonObject;
    expect: { plaintext_base64?: string; error?: boolean };
    ephemeral_private_jwk?: Jwk;
    cek_hex?: string;
  }
  const all = cases<Case>('jwe.json');
  it.for(all)('open: $name', async ({ key, jwe, expect: expected }) => {
    const pair = await keyNamed(key);
    const options = { dangerouslyUnwrapRsa15: (wrapped: Uint8Array) => unwrapRsa15(key, wrapped) };
    const opening = async (): Promise<string> =>
      encodeBase64(await openResponse(pair, parseResponseJwe(JSON.stringify(jwe)), options));
    if (expected.plaintext_base64 !== undefined) expect(await opening()).toBe(expected.plaintext_base64);
    else await expect(opening()).rejects.toThrow(expect.objectContaining({ name: 'KbsProtocolError' }));
  });
  it.for(all.filter(({ jwe }) => algorithmOf(jwe) === 'RSA1_5'))(
    'refuse unless told: $name',
    async ({ key, jwe }) => {
      const pair = await keyNamed(key);
      await expect(openResponse(pair, parseResponseJwe(JSON.stringify(jwe)))).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_KBS_JWE' }),
      );
    },
  );
  it.for(all.filter((item) => item.ephemeral_private_jwk !== undefined && item.cek_hex !== undefined))(
    'seal the very same: $name',
    async (item) => {
      const { publicKey } = await keyNamed(item.key);
      const iv = decodeBase64url(String(item.jwe['iv']));
      const random = (length: number): Uint8Array => (length === 12 ? iv : decodeHex(item.cek_hex ?? ''));
      const dangerouslyEphemeralKey = await importPrivateKey(item.ephemeral_private_jwk ?? { kty: '' });
      const plaintext = decodeBase64(item.expect.plaintext_base64 ?? '');
      expect(await sealResponse(publicKey, plaintext, { random, dangerouslyEphemeralKey })).toEqual(item.jwe);
    },
  );
});

describe.skipIf(!has('auth-cases.json'))('auth-cases.json', () => {
  interface Case {
    body: JsonValue;
    expect: {
      status?: number;
      current_upstream?: number;
      lenient?: number;
      multi_version_server?: number;
      type?: string;
      detail_contains?: string;
      challenge_extra_params?: JsonValue;
    };
  }
  const everyVerifier = { evidenceVerifier: () => sampleVerifier };
  it.for(cases<Case>('auth-cases.json').map((item) => ({ ...item, title: JSON.stringify(item.body) })))(
    '$title',
    async ({ body, expect: expected }) => {
      const { machine } = await createSampleServer(new Map(), everyVerifier);
      const answer = await machine.auth(JSON.stringify(body));
      expect(answer.status).toBe(expected.status ?? expected.lenient ?? expected.current_upstream);
      const said = JSON.parse(answer.body) as { [name: string]: unknown };
      if (expected.type !== undefined) expect(said['type']).toMatch(new RegExp(`/${expected.type}$`));
      if (expected.detail_contains !== undefined) expect(said['detail']).toContain(expected.detail_contains);
      if (expected.challenge_extra_params !== undefined) {
        expect(said['extra-params']).toEqual(expected.challenge_extra_params);
      }
      if (expected.multi_version_server === undefined) return;
      const multi = await createSampleServer(new Map(), {
        ...everyVerifier,
        protocolVersions: PROTOCOL_VERSIONS,
      });
      expect((await multi.machine.auth(JSON.stringify(body))).status).toBe(expected.multi_version_server);
    },
  );
});

describe.skipIf(!has('attest-cases.json'))('attest-cases.json', () => {
  interface Case {
    name: string;
    session: 'authed' | 'attested' | 'expired' | 'unknown' | 'none';
    body: JsonValue;
    expect: { status: number; type?: string };
  }
  const none = { session_nonce: '', session_tee: 'sample', cases: [] as Case[] };
  const file = object('attest-cases.json', none);
  it.for(file.cases)('$name', async ({ session, body, expect: expected }) => {
    const server = await createSampleServer(new Map());
    const cookie = await sessionOf(server, file.session_nonce, session);
    const answer = await server.machine.attest(cookie, JSON.stringify(body));
    expect(answer.status).toBe(expected.status);
    if (expected.type !== undefined) expect(answer.refusal?.name).toBe(expected.type);
    if (session === 'attested') expect(JSON.parse(answer.body)).toEqual({ token: 'stored' });
  });
});

describe.skipIf(!has('errors.json'))('errors.json', () => {
  interface Case {
    when: string;
    status: number;
    body?: { type: string; detail: string };
    type?: string;
  }
  // Each sentence of the file, and the entry of our table that answers it.
  const table: readonly (readonly [RegExp, () => KbsWireError])[] = [
    [/policy says no/, wireErrors.policyDeny],
    [/no cookie and no bearer/, wireErrors.tokenNotFound],
    [/bearer token fails/, wireErrors.tokenRefused],
    [/plugin not configured/, () => wireErrors.pluginNotFound('foo')],
    [/resource does not exist \(upstream\)/, wireErrors.pluginInternal],
    [/attest fails/, wireErrors.attestFailed],
    [/reference value unknown/, () => wireErrors.rvps('unknown')],
  ];
  it.for(cases<Case>('errors.json').filter(({ status }) => status !== 405))('$when', (item) => {
    const entry = table.find(([sentence]) => sentence.test(item.when))?.[1]();
    if (entry === undefined) throw new Error('no entry of the table answers this');
    expect(entry.status).toBe(item.status);
    const body = JSON.parse(encodeWireError(entry)) as { type: string; detail: string };
    if (item.body === undefined) expect(body.type).toBe(item.type);
    else expect(body).toEqual(item.body);
  });
});

describe.skipIf(!has('resource-paths.json'))('resource-paths.json', () => {
  interface File {
    server_resource_path: { path: string; valid: boolean }[];
    client_uri: {
      uri: string;
      error?: string;
      address?: string;
      plugin?: string;
      path?: string[];
      query?: string | null;
      http_path?: string;
      canonical?: string;
    }[];
  }
  const file = object<File>('resource-paths.json', { server_resource_path: [], client_uri: [] });
  it.for(file.server_resource_path)('path $path', ({ path, valid }) => {
    const parse = (): unknown => parseResourcePath(path);
    if (valid) expect(Object.values(parse() as object).join('/')).toBe(path);
    else expect(parse).toThrow(expect.objectContaining({ code: 'ERR_KBS_RESOURCE_PATH' }));
  });
  it.for(file.client_uri)('URI $uri', (item) => {
    if (item.error !== undefined) {
      expect(() => parseResourceUri(item.uri)).toThrow(
        expect.objectContaining({ code: 'ERR_KBS_RESOURCE_URI' }),
      );
      return;
    }
    const uri = parseResourceUri(item.uri);
    expect(uri).toMatchObject({ plugin: item.plugin, path: item.path });
    if (item.address !== undefined) expect(uri.address).toBe(item.address);
    if (item.query !== undefined) expect(uri.query ?? null).toBe(item.query);
    if (item.http_path !== undefined) expect(resourceHttpPath(uri)).toBe(item.http_path);
    expect(formatResourceUri(uri)).toBe(item.canonical ?? item.uri);
  });
});

describe.skipIf(!has('rcar-0.4.0.json'))('rcar-0.4.0.json', () => {
  interface Exchange {
    method: string;
    path: string;
    headers: { [name: string]: string };
    body?: JsonValue;
  }
  interface Step {
    request?: Exchange;
    response?: {
      status: number;
      headers?: { [name: string]: string };
      body?: JsonValue;
      plaintext_base64?: string;
    };
    derive?: JsonObject;
  }
  const all = cases<{ name: string; steps: Step[] }>('rcar-0.4.0.json');

  it.for(all)('client: $name', async ({ steps }) => {
    const exchanges = steps.filter(
      (step) => step.request !== undefined && step.request.headers['authorization'] === undefined,
    );
    let at = 0;
    const teeKey = await keyNamed('tee-ec256');
    const client = createKbsClient({
      url: 'http://kbs.example',
      teeKey,
      attester: attesterOf(steps),
      handshakeAttempts: 1,
      fetch: async (input, init) => {
        const step = exchanges[at++];
        expect(`${init.method} ${new URL(input).pathname}`).toBe(
          `${step?.request?.method} ${step?.request?.path}`,
        );
        const headers = new Headers(init.headers);
        for (const [name, value] of Object.entries(step?.request?.headers ?? {}))
          expect(headers.get(name)).toBe(value);
        if (step?.request?.body !== undefined)
          expect(JSON.parse(String(init.body))).toEqual(step.request.body);
        return new Response(JSON.stringify(step?.response?.body), {
          status: step?.response?.status ?? 500,
          headers: step?.response?.headers ?? {},
        });
      },
    });
    const last = exchanges.at(-1);
    const name = last?.request?.path.replace('/kbs/v0/resource/', '') ?? '';
    expect(encodeBase64(await client.getResource(name))).toBe(last?.response?.plaintext_base64);
    expect(at).toBe(exchanges.length);
  });

  it.for(all)('server: $name', async ({ steps }) => {
    const [auth, attest] = steps.filter((step) => step.request !== undefined);
    const { id, nonce, expires } = sessionIn(auth?.response);
    const server = await createSampleServer(new Map(), {
      random: (length) => (length === 32 ? decodeBase64(nonce) : decodeHex(id)),
      now: () => expires - 300_000,
    });
    const challenge = await server.machine.auth(JSON.stringify(auth?.request?.body));
    expect(JSON.parse(challenge.body)).toEqual(auth?.response?.body);
    // Ours says Path and HttpOnly too, and its ids are version 4 UUIDs whatever the randomness is.
    const [cookie = '', expiry] = (challenge.cookie ?? '').split('; ');
    expect(cookie).toMatch(/^kbs-session-id=[0-9a-f]{32}$/);
    expect(auth?.response?.headers?.['set-cookie']?.split('; ')[1]).toBe(expiry);
    const answer = await server.machine.attest(cookie, JSON.stringify(attest?.request?.body));
    expect(answer.status).toBe(attest?.response?.status);
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(Object.keys(attest?.response?.body ?? {}));
    expect(answer.cookie).toBe(challenge.cookie);
  });

  function attesterOf(steps: readonly Step[]): Parameters<typeof createKbsClient>[0]['attester'] {
    const attest = steps.find((step) => step.request?.path === '/kbs/v0/attest')?.request?.body as JsonObject;
    const evidence = attest['tee-evidence'] as { additional_evidence: string };
    const devices =
      evidence.additional_evidence === '' ? {} : (JSON.parse(evidence.additional_evidence) as object);
    const source = (tee: 'sample' | 'sampledevice', svn: string): ReturnType<typeof attesterOf> => ({
      tee,
      evidence: async (bound) => ({ svn, report_data: encodeBase64(bound) }),
    });
    const additional = Object.keys(devices).map(() => source('sampledevice', '2'));
    return { ...source('sample', '1'), additional };
  }

  function sessionIn(response: Step['response']): { id: string; nonce: string; expires: number } {
    const cookie = response?.headers?.['set-cookie'] ?? '';
    const [, id, date] = /^kbs-session-id=([0-9a-f]+); Expires=(.*)$/.exec(cookie) ?? [];
    const { nonce } = (response?.body ?? { nonce: '' }) as { nonce: string };
    return { id: id ?? '', nonce, expires: Date.parse(date ?? '') };
  }
});

describe.skipIf(!has('rcar-old.json'))('rcar-old.json', () => {
  interface Case {
    name: string;
    protocol: ProtocolVersion;
    auth_request: JsonObject;
    runtime_data_canonical: string;
    report_data_hex: string;
    attest_request: JsonObject;
    resource_response: JsonObject | string;
    resource_plaintext_base64?: string;
  }
  const all = cases<Case>('rcar-old.json');
  const nonce = object('runtime-data.json', { nonce: '' }).nonce;
  it.for(all)('server: $name', async (item) => {
    const seen: string[] = [];
    const options: Partial<SessionMachineOptions> = {
      protocolVersions: PROTOCOL_VERSIONS,
      dangerouslyAllowRsa15: true,
      evidenceVerifier: () => ({
        verify: async (input) => {
          seen.push(encodeHex(input.reportData));
          return sampleVerifier.verify(input);
        },
      }),
      random: (length) => (length === 32 ? decodeBase64(nonce) : new Uint8Array(length).fill(length)),
    };
    const { machine } = await createSampleServer(new Map(), options);
    const challenge = await machine.auth(JSON.stringify(item.auth_request));
    expect(challenge.status).toBe(200);
    const cookie = challenge.cookie?.split(';', 1)[0];
    expect(await machine.attest(cookie, JSON.stringify(item.attest_request))).toMatchObject({ status: 200 });
    expect(seen).toEqual([item.report_data_hex]);
    const teePubkey = parseTeeKeyOf(item.attest_request['tee-pubkey'] ?? null);
    expect(runtimeDataText({ nonce, teePubkey })).toBe(item.runtime_data_canonical);
  });
  it.for(all.filter(({ resource_response: response }) => typeof response === 'object'))(
    'client: $name',
    async ({ resource_response: response, resource_plaintext_base64: plaintext }) => {
      const jwe = parseResponseJwe(JSON.stringify(response));
      const opened = await openResponse(await keyNamed('tee-rsa'), jwe, {
        dangerouslyUnauthenticatedHeader: true,
        dangerouslyUnwrapRsa15: (wrapped) => unwrapRsa15('tee-rsa', wrapped),
      });
      expect(encodeBase64(opened)).toBe(plaintext);
    },
  );
});

function algorithmOf(jwe: JsonObject): unknown {
  return (JSON.parse(atob(String(jwe['protected']).replaceAll('-', '+').replaceAll('_', '/'))) as JsonObject)[
    'alg'
  ];
}

function parseTeeKeyOf(jwk: JsonValue): TeeKey['publicKey'] {
  return parseTeeKey(jwk, { dangerouslyAllowRsa15: true });
}

async function keyNamed(name: string): Promise<TeeKey> {
  return teeKeyOf(await importPrivateKey(keys.json<Jwk>(`${name}.private.jwk.json`)));
}

function unwrapRsa15(name: string, wrapped: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: keys.json<JsonWebKey>(`${name}.private.jwk.json`), format: 'jwk' });
  return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, wrapped);
}

async function sessionOf(server: SampleServer, nonce: string, state: string): Promise<string | undefined> {
  if (state === 'none') return undefined;
  const id = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
  const record: SessionRecord = {
    id,
    revision: 1,
    tee: 'sample',
    version: '0.4.0',
    hash: 'sha384',
    nonce,
    expiresAt: state === 'expired' ? server.clock.now : server.clock.now + 1,
    ...(state === 'attested' ? { token: 'stored' } : {}),
  };
  if (state !== 'unknown') await server.store.compareAndSet(id, undefined, record);
  return `kbs-session-id=${id}`;
}
