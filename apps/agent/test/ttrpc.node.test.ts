import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { exportPublicJwk, generateKeyPair, sign } from '@sealwright/crypto';
import { createKbsClient } from '@sealwright/kbs-protocol';
import { sealSecret } from '@sealwright/sealed-secret';
import { runProgram, startProgram } from '@sealwright/service';
import {
  attestationAgentService,
  createClient,
  createStub,
  duplexPair,
  getResourceService,
  imagePullService,
  type Implementation,
  keyProviderService,
  sealedSecretService,
  secureMountService,
  serve,
} from '@sealwright/ttrpc';
import { connectSocket } from '@sealwright/ttrpc/node';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { programOf } from '../../../tools/program.ts';
import { sampleAttester } from '../src/attester.js';
import { type Backend, BackendError, sampleBackend } from '../src/backend.js';
import { attestationAgent, dataHub } from '../src/ttrpc-services.js';
import { startKbs } from './kbs.js';

const failures: string[] = [];
const failed = (path: string, error: BackendError): void => void failures.push(`${path} ${error.reason}`);
const none = (): Promise<never> => Promise.reject(new Error('not asked for'));

function connect(services: readonly Implementation[]) {
  const [near, far] = duplexPair();
  serve(far, services);
  const client = createClient(near);
  onTestFinished(() => client.close());
  return client;
}

const backendOf = (more: Partial<Backend>): Backend => ({ ...sampleBackend(undefined, () => 0), ...more });
const clientOf = (url: string) => createKbsClient({ url, attester: sampleAttester, handshakeAttempts: 1 });
const refused = (status: number, message: string): unknown =>
  expect.objectContaining({ code: 'ERR_TTRPC_STATUS', status, message });

afterEach(() => {
  failures.length = 0;
});

describe('the attestation agent over ttRPC', () => {
  const agentOf = (more: Partial<Backend>) =>
    createStub(connect([attestationAgent(backendOf(more), failed)]), attestationAgentService);

  it('answers what the backend says', async () => {
    const agent = agentOf({
      tee: 'tdx',
      additionalTees: ['nvidia'],
      token: async (type) => encodeUtf8(`token ${type}`),
    });
    expect(await agent.GetTeeType({})).toEqual({ tee: 'tdx' });
    expect(await agent.GetAdditionalTees({})).toEqual({ additional_tees: ['nvidia'] });
    expect(decodeUtf8((await agent.GetToken({ TokenType: 'kbs' })).Token)).toBe('token kbs');
    const { Evidence } = await agent.GetEvidence({ RuntimeData: encodeUtf8('xxxx') });
    expect(decodeUtf8(Evidence)).toBe('{"svn":"1","report_data":"eHh4eA=="}');
    expect(await agent.GetAdditionalEvidence({})).toEqual({ Evidence: new Uint8Array() });
  });

  it.each([
    ['ok', 'OK'],
    ['not-supported', 'NOT_SUPPORTED'],
    ['not-enabled', 'NOT_ENABLED'],
  ] as const)('records an event: %s', async (result, Result) => {
    const seen: unknown[] = [];
    const agent = agentOf({
      extendRuntimeMeasurement: async (event) => {
        seen.push(event);
        return result;
      },
    });
    const event = { Domain: 'd', Operation: 'o', Content: 'c' };
    expect(await agent.ExtendRuntimeMeasurement(event)).toEqual({ Result });
    expect(seen).toEqual([{ domain: 'd', operation: 'o', content: 'c' }]);
  });

  it('tells a failure with the text of the original and a class of causes, and nothing else', async () => {
    const token = (): Promise<never> => Promise.reject(new BackendError('denied', 'with the secret 1234'));
    const agent = agentOf({ token, evidence: none });
    await expect(agent.GetToken({ TokenType: 'kbs' })).rejects.toEqual(
      refused(13, '[ERROR:attestation-agent] AA-KBC get token failed: denied'),
    );
    await expect(agent.GetEvidence({})).rejects.toEqual(
      refused(13, '[ERROR:attestation-agent] AA-KBC get evidence failed: failed'),
    );
    await expect(agent.BindInitData({})).rejects.toEqual(
      refused(5, '/attestation_agent.AttestationAgentService/BindInitData is not supported'),
    );
    expect(failures).toEqual([
      '/attestation_agent.AttestationAgentService/GetToken denied',
      '/attestation_agent.AttestationAgentService/GetEvidence failed',
    ]);
  });
});

describe('the confidential data hub over ttRPC', () => {
  it('fetches resources, and says what is not there, what is none, and what cannot be reached', async () => {
    const kbs = await startKbs({ 'default/key/1': 'the secret' });
    const hubOf = (url: string | undefined) => {
      const backend = sampleBackend(url === undefined ? undefined : clientOf(url), Date.now);
      return createStub(connect(dataHub(backend, none, failed)), getResourceService);
    };
    const hub = hubOf(kbs.url);
    const { Resource } = await hub.GetResource({ ResourcePath: 'kbs:///default/key/1' });
    expect(decodeUtf8(Resource)).toBe('the secret');
    for (const [ResourcePath, stub, reason] of [
      ['kbs:///default/key/none', hub, 'not-found'],
      ['http://example.com/', hub, 'invalid'],
      ['kbs:///default/key/1', hubOf('http://127.0.0.1:9'), 'unreachable'],
      ['kbs:///default/key/1', hubOf(undefined), 'failed'],
    ] as const) {
      await expect(stub.GetResource({ ResourcePath })).rejects.toEqual(
        refused(13, `[CDH] [ERROR]: Get Resource failed: ${reason}`),
      );
    }
  });

  it('knows what it does not serve', async () => {
    const client = connect(dataHub(backendOf({}), none, failed));
    const NOT_FOUND = expect.objectContaining({ status: 5 }) as unknown;
    await expect(createStub(client, imagePullService).PullImage({})).rejects.toEqual(NOT_FOUND);
    await expect(createStub(client, secureMountService).SecureMount({})).rejects.toEqual(NOT_FOUND);
    await expect(createStub(client, keyProviderService).UnWrapKey({})).rejects.toEqual(NOT_FOUND);
    await expect(createStub(client, attestationAgentService).GetTeeType({})).rejects.toMatchObject({
      status: 3,
    });
  });

  it('refuses a sealed secret that is none', async () => {
    const client = connect(dataHub(backendOf({}), none, failed));
    const { UnsealSecret } = createStub(client, sealedSecretService);
    await expect(UnsealSecret({ secret: Uint8Array.of(0xff) })).rejects.toEqual(
      refused(13, '[CDH] [ERROR]: Unseal Secret failed: invalid'),
    );
  });
});

describe('the program', () => {
  const program = programOf('apps/agent');
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('serves both sockets, opens sealed secrets, and removes the sockets when it ends', async () => {
    const key = await generateKeyPair('ec-p256');
    const kid = 'kbs:///default/sealing/public';
    const kbs = await startKbs({
      'default/chains/cosign.key': '-- key value --',
      'default/sealing/public': JSON.stringify(exportPublicJwk(key.publicKey)),
    });
    const seal = (name: string): Promise<string> =>
      sealSecret(
        { type: 'vault', name, provider: 'kbs', providerSettings: {}, annotations: {} },
        { kid, sign: (bytes) => sign(key, bytes, { encoding: 'raw' }) },
      );
    const [aa, cdh] = [join(folder, 'aa', 'aa.sock'), join(folder, 'cdh.sock')];
    const running = await startProgram(program, [
      '--kbs-url',
      kbs.url,
      '--listen',
      '127.0.0.1:0',
      '--attestation_sock',
      `unix://${aa}`,
      '--cdh_sock',
      `unix://${cdh}`,
    ]);
    try {
      expect(running.ready).toMatchObject({ attestation_sock: `unix://${aa}`, cdh_sock: `unix://${cdh}` });
      const agent = createClient(await connectSocket(aa));
      expect(await createStub(agent, attestationAgentService).GetTeeType({})).toEqual({ tee: 'sample' });
      const { Token } = await createStub(agent, attestationAgentService).GetToken({ TokenType: 'kbs' });
      expect(decodeUtf8(Token)).toContain('PRIVATE KEY');
      agent.close();
      const hub = createClient(await connectSocket(cdh));
      const { UnsealSecret } = createStub(hub, sealedSecretService);
      const secret = encodeUtf8(`${await seal('kbs:///default/chains/cosign.key')}\n`);
      expect(decodeUtf8((await UnsealSecret({ secret })).plaintext)).toBe('-- key value --');
      const missing = encodeUtf8(await seal('kbs:///default/chains/none'));
      await expect(UnsealSecret({ secret: missing })).rejects.toEqual(
        refused(13, '[CDH] [ERROR]: Unseal Secret failed: not-found'),
      );
      await expect(UnsealSecret({ secret: encodeUtf8('sealed.a.b.c') })).rejects.toEqual(
        refused(13, '[CDH] [ERROR]: Unseal Secret failed: invalid'),
      );
      hub.close();
    } finally {
      expect(await running.stop()).toBe(0);
    }
    expect([existsSync(aa), existsSync(cdh)]).toEqual([false, false]);
    expect(running.log()).not.toContain('-- key value --');
  });

  it.each([
    ['another kind of socket', 'tcp://127.0.0.1:0', /unix:\/\/ address/],
    ['a path that is not absolute', 'aa.sock', /absolute/],
    ['a file that is no socket', 'unix://FOLDER/file', /EADDRINUSE/],
  ])('refuses %s', async (_, address, message) => {
    writeFileSync(join(folder, 'file'), '');
    const result = await runProgram(program, [
      '--listen',
      '127.0.0.1:0',
      '--attestation_sock',
      address.replace('FOLDER', folder),
    ]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(message);
  });
});
