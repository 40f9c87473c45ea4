import { createRegistry, pushTestImage } from '@sealwright/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProgramOutcome, ProgramRun } from '../src/io.js';
import { put, runIn, type TestIo, testIo } from './test-io.js';

const IMAGE = 'registry.example.com/shop/checkout:latest';
const HUB = 'busybox';
const CONFIG = 'docker/config.json';

let io: TestIo;
let shown: (string | null)[];
let asked: string[];
let outcome: ProgramOutcome;

beforeEach(() => {
  const registry = createRegistry();
  for (const name of ['shop/checkout', 'library/busybox']) pushTestImage(registry, name);
  [shown, asked] = [[], []];
  const fetch = async (request: Request): Promise<Response> => {
    const authorization = request.headers.get('authorization');
    shown.push(authorization);
    if (authorization !== null) return registry.fetch(request);
    const challenge = 'Basic realm="r", Bearer realm="https://auth.example/token"';
    if (request.url.startsWith('https://auth.example/')) return Response.json({ token: 'exchanged' });
    return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } });
  };
  const run = async ({ program, args, env, input }: ProgramRun): Promise<ProgramOutcome> => {
    asked.push([program, ...args, env, Buffer.from(input ?? []).toString()].join(' '));
    return outcome;
  };
  io = Object.assign(testIo(), { fetch, run });
  io.env['DOCKER_CONFIG'] = 'docker';
});

const digest = (name: string, ...flags: string[]) =>
  runIn(io, 'triangulate', '--type', 'digest', ...flags, name);
const says = (stdout: string, status = 0): void => {
  outcome = { ended: 'itself', status, stdout, stderr: '' };
};
const token = async (): Promise<void> => {
  // what a token service is shown goes nowhere else
  const original = io.fetch;
  io.fetch = async (request) => {
    if (!request.url.startsWith('https://auth.example/')) return original(request);
    shown.push(`${request.method} ${request.headers.get('authorization')} ${await request.text()}`);
    return Response.json({ token: 'exchanged' });
  };
};

describe('a credential helper', () => {
  it('is asked for the registry, and for Docker Hub by its old name', async () => {
    await token();
    put(io, CONFIG, '{"credsStore":"store","credHelpers":{"registry.example.com":"own"}}');
    says('{"ServerURL":"x","Username":"me","Secret":"pass"}');
    expect((await digest(IMAGE)).exitCode).toBe(0);
    expect(shown).toEqual([null, `GET Basic ${btoa('me:pass')} `, 'Bearer exchanged']);
    expect((await digest(HUB)).exitCode).toBe(0);
    expect(asked).toEqual([
      'docker-credential-own get inherited registry.example.com',
      'docker-credential-store get inherited https://index.docker.io/v1/',
    ]);
  });

  it('may have a token to exchange, or nothing', async () => {
    await token();
    put(io, CONFIG, '{"credsStore":"store"}');
    says('{"Username":"<token>","Secret":"long"}');
    expect((await digest(IMAGE)).exitCode).toBe(0);
    expect(shown[1]).toContain('refresh_token=long');
    says('credentials not found in native keychain\n', 1);
    shown.length = 0;
    expect((await digest(IMAGE)).exitCode).toBe(0);
    expect(shown).toEqual([null, 'GET null ', 'Bearer exchanged']);
  });

  it.each([
    [{ ended: 'missing' }, 'docker-credential-store keeps the credentials'],
    [{ ended: 'time' }, 'took too long'],
    [{ ended: 'itself', status: 2, stdout: 'hunter2', stderr: 'hunter2' }, 'ended with status 2'],
    [{ ended: 'itself', status: 0, stdout: 'hunter2', stderr: '' }, 'something else than credentials'],
    [{ ended: 'itself', status: 0, stdout: '{"Secret":"hunter2"}', stderr: '' }, 'something else than'],
  ] as const)('that fails is an error, not a pull without credentials: %j', async (ended, said) => {
    put(io, CONFIG, '{"credsStore":"store"}');
    outcome = ended;
    const ran = await digest(IMAGE);
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(said) });
    expect(ran.stderr).not.toContain('hunter2');
    expect(shown).toEqual([null]);
  });

  it('is a name and no path', async () => {
    for (const name of ['../evil', '/bin/sh', '-x']) {
      put(io, CONFIG, JSON.stringify({ credsStore: name }));
      expect(await digest(IMAGE)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('is no name'),
      });
    }
    expect(asked).toEqual([]);
  });
});

describe('--registry-token', () => {
  it('is shown to the registry that asks, in place of what is in files', async () => {
    put(io, CONFIG, '{"credsStore":"store"}');
    expect((await digest(IMAGE, '--registry-token', 'mine')).exitCode).toBe(0);
    expect(shown).toEqual([null, 'Bearer mine']);
    expect(asked).toEqual([]);
  });
});
