import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@sealwright/bytes';
import { exportPublicJwk, generateKeyPair, sign } from '@sealwright/crypto';
import { dangerouslySealUnsigned, sealSecret, type VaultPayload } from '@sealwright/sealed-secret';
import { runProgram, startProgram, UsageError } from '@sealwright/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programOf } from '../../../tools/program.ts';
import { writeMemoryFiles } from '../src/memory-files.js';
import { startKbs } from './kbs.js';

const program = programOf('apps/agent');
const MEMORY = '/dev/shm';
const inMemory = existsSync(MEMORY) && statfsSync(MEMORY).type === 0x0102_1994;
const KID = 'kbs:///default/sealing/public';
const signingKey = generateKeyPair('ec-p256');

let folder: string;
let memory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
  if (inMemory) memory = mkdtempSync(join(MEMORY, 'sealwright-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (inMemory) rmSync(memory, { recursive: true, force: true });
});

const payload = (name: string): VaultPayload => ({
  type: 'vault',
  name,
  provider: 'kbs',
  providerSettings: {},
  annotations: {},
});
const seal = async (name: string, key = signingKey): Promise<string> => {
  const privateKey = await key;
  return sealSecret(payload(name), {
    kid: KID,
    sign: (bytes) => sign(privateKey, bytes, { encoding: 'raw' }),
  });
};
const secrets = async (): Promise<Record<string, string>> => ({
  'default/chains/cosign.key': '-- key value --',
  'default/chains/cosign.password': '-- password value --',
  'default/sealing/public': JSON.stringify(exportPublicJwk((await signingKey).publicKey)),
});
const flags = (url: string): string[] => [
  '--kbs-url',
  url,
  '--unseal-from',
  folder,
  '--unseal-to',
  join(memory, 'out'),
];
const listening = ['--listen', '127.0.0.1:0'];

describe.skipIf(!inMemory)('unsealing (needs a tmpfs at /dev/shm)', () => {
  it('exchanges what is sealed for its value, in memory, until the agent ends', async () => {
    const kbs = await startKbs(await secrets());
    writeFileSync(join(folder, 'cosign.key'), `${await seal('kbs:///default/chains/cosign.key')}\n`);
    writeFileSync(join(folder, 'cosign.password'), await seal('kbs:///default/chains/cosign.password'));
    writeFileSync(join(folder, 'cosign.pub'), 'public');
    const agent = await startProgram(program, [...flags(kbs.url), ...listening]);
    const out = join(memory, 'out');
    try {
      expect(agent.ready).toMatchObject({ unsealed: ['cosign.key', 'cosign.password', 'cosign.pub'] });
      const read = (name: string): string => readFileSync(join(out, name), 'utf8');
      expect([read('cosign.key'), read('cosign.password'), read('cosign.pub')]).toEqual([
        '-- key value --',
        '-- password value --',
        'public',
      ]);
      expect(statSync(out).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
      expect(kbs.server.requests.filter((line) => line.endsWith('/auth'))).toHaveLength(1);
    } finally {
      expect(await agent.stop()).toBe(0);
    }
    expect(readdirSync(memory)).toEqual([]);
    expect(agent.log()).not.toContain('-- key value --');
  });

  it('reads a mounted Kubernetes Secret, which is links', async () => {
    const kbs = await startKbs(await secrets());
    mkdirSync(join(folder, '..2026_11_20'));
    writeFileSync(join(folder, '..2026_11_20/cosign.key'), await seal('kbs:///default/chains/cosign.key'));
    symlinkSync('..2026_11_20', join(folder, '..data'));
    symlinkSync('..data/cosign.key', join(folder, 'cosign.key'));
    expect(await runProgram(program, [...flags(kbs.url), '--once'])).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(memory, 'out'))).toEqual(['cosign.key']);
  });

  it.each([
    [
      'a value that is not there',
      async () => seal('kbs:///default/chains/none'),
      'cosign.password could not be unsealed',
    ],
    [
      'a signature by another key',
      async () => seal('kbs:///default/chains/cosign.key', generateKeyPair('ec-p256')),
      'does not verify',
    ],
    [
      'no signature',
      async () => dangerouslySealUnsigned(payload('kbs:///default/chains/cosign.key')),
      'cosign.password could not be unsealed',
    ],
    [
      'a cut text',
      async () => (await seal('kbs:///default/chains/cosign.key')).slice(0, 40),
      'cosign.password could not be unsealed',
    ],
  ])('leaves nothing when one of them has %s', async (_name, make, message) => {
    const kbs = await startKbs(await secrets());
    writeFileSync(join(folder, 'cosign.key'), await seal('kbs:///default/chains/cosign.key'));
    writeFileSync(join(folder, 'cosign.password'), await make());
    const result = await runProgram(program, [...flags(kbs.url), ...listening]);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
    expect(result.stderr).not.toContain('-- key value --');
    expect(readdirSync(memory)).toEqual([]);
  });

  it('takes the unsigned form only when it is told to', async () => {
    const kbs = await startKbs(await secrets());
    writeFileSync(
      join(folder, 'cosign.key'),
      dangerouslySealUnsigned(payload('kbs:///default/chains/cosign.key')),
    );
    expect(await runProgram(program, [...flags(kbs.url), '--once'])).toMatchObject({ exitCode: 1 });
    expect(
      await runProgram(program, [...flags(kbs.url), '--once', '--dangerously-accept-unsigned']),
    ).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(memory, 'out/cosign.key'), 'utf8')).toBe('-- key value --');
  });

  it('takes a key from a file, and only the key ids that may sign', async () => {
    const { 'default/sealing/public': publicKey = '', ...values } = await secrets();
    const kbs = await startKbs(values);
    writeFileSync(join(folder, 'cosign.key'), await seal('kbs:///default/chains/cosign.key'));
    const jwk = join(memory, 'public.json');
    writeFileSync(jwk, publicKey);
    const known = [...flags(kbs.url), '--once', '--signing-key', jwk];
    expect(
      await runProgram(program, [...known, '--signing-kid', 'kbs:///default/sealing/other']),
    ).toMatchObject({ exitCode: 1 });
    expect(await runProgram(program, [...known, '--signing-kid', KID])).toMatchObject({ exitCode: 0 });
  });

  it('overwrites before it removes, and keeps the old files when the new ones cannot be written', () => {
    const out = join(memory, 'out');
    const write = (name: string): unknown =>
      writeMemoryFiles(out, new Map([[name, Secret.of(Buffer.from('value'))]]));
    write('a');
    expect(() => write('no/folder')).toThrow('ENOENT');
    expect([readdirSync(out), readdirSync(memory)]).toEqual([['a'], ['out']]);
    write('b');
    expect(readdirSync(out)).toEqual(['b']);
  });
});

describe('sealwright-agent', () => {
  it('writes secrets to no disk', () => {
    const disk = statfsSync(folder).type;
    if (disk === 0x0102_1994)
      return expect(() => writeMemoryFiles(join(folder, 'x'), new Map())).not.toThrow(UsageError);
    expect(() => writeMemoryFiles(join(folder, 'x'), new Map())).toThrow(UsageError);
    return expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    [['--listen', '0.0.0.0:8006'], '0.0.0.0:8006 is not loopback'],
    [['--features', 'some'], '--features takes resource, attestation or all'],
    [['--once'], '--once only unseals'],
    [['--unseal-from', '/x'], '--unseal-from and --unseal-to go together'],
    [['--unseal-from', '/nonexistent', '--unseal-to', '/dev/shm/sealwright-x'], 'is not a folder'],
    [['--kbs-url', 'not a url'], 'is no URL'],
    [['--config-file', '/nonexistent'], 'cannot read /nonexistent'],
    [['--initdata-toml', '/nonexistent'], 'cannot read /nonexistent'],
    [['--wrong'], "Unknown option '--wrong'"],
  ])('refuses %j with exit code 2', async (args, message) => {
    expect(await runProgram(program, args)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it.each([
    ['aa.toml', 'x = [', 'is not TOML'],
    ['aa.json', '[]', 'is not a table'],
    ['aa.toml', '[token_configs.kbs]\n', 'token_configs.kbs.url is required'],
    ['aa.toml', '[eventlog_config]\nenable_eventlog = true\n', 'is not supported yet'],
  ])('refuses the configuration %s with %j', async (name, text, message) => {
    writeFileSync(join(folder, name), text);
    const result = await runProgram(program, ['-c', join(folder, name)]);
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  it('refuses init-data that is none', async () => {
    writeFileSync(join(folder, 'initdata.toml'), 'version = 1\n');
    const result = await runProgram(program, ['-t', join(folder, 'initdata.toml')]);
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('initdata.toml') });
  });

  it('serves the API, health and metrics on loopback', async () => {
    const agent = await startProgram(program, [...listening, '--features', 'all']);
    try {
      const url = String(agent.ready['url']);
      expect(await (await fetch(`${url}/info`)).json()).toMatchObject({ tee: 'sample', feature: 'all' });
      expect(await (await fetch(`${url}/aa/evidence?runtime_data=xxxx`)).json()).toEqual({
        svn: '1',
        report_data: 'eHh4eA==',
      });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/cdh/resource/default/key/1`)).status).toBe(500);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(
        'agent_backend_failures_total{reason="failed"} 1',
      );
    } finally {
      expect(await agent.stop()).toBe(0);
    }
  });

  it('finds the KBS in its configuration and in the environment', async () => {
    const kbs = await startKbs({ 'default/key/1': 'x' });
    writeFileSync(join(folder, 'aa.toml'), `[token_configs.kbs]\nurl = "${kbs.url}"\n`);
    for (const [args, env] of [
      [['-c', join(folder, 'aa.toml')], {}],
      [[], { AA_KBC_PARAMS: `cc_kbc::${kbs.url}` }],
    ] as const) {
      const agent = await startProgram(program, [...listening, ...args], { env });
      try {
        expect(await (await fetch(`${String(agent.ready['url'])}/cdh/resource/default/key/1`)).text()).toBe(
          'x',
        );
      } finally {
        await agent.stop();
      }
    }
  });
});
