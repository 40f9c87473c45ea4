import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRegistry, pushTestImage, type Registry } from '@sealwright/testing';
import { bodyOf } from '../src/body.js';
import { durationOf, tellingWaits } from '../src/network.js';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

let keys: TestIo;
let io: TestIo;
let registry: Registry;
let image: string;

beforeAll(async () => {
  keys = testIo();
  await runIn(keys, 'keygen');
});

beforeEach(async () => {
  registry = createRegistry();
  io = worldThat((request) => registry.fetch(request));
  const { digest } = pushTestImage(registry, 'shop/checkout');
  image = `registry.example.com/shop/checkout@${digest}`;
  await runIn(io, 'sign', '--key', 'cosign.key', '--tlog-upload=false', image);
});

afterEach(() => void vi.useRealTimers());

function worldThat(answers: (request: Request) => Promise<Response>): TestIo {
  const world = { ...testIo(), fetch: answers };
  for (const [path, file] of keys.files) world.files.set(path, file);
  return world;
}

const verify = (world: TestIo, ...args: string[]) =>
  runIn(world, 'verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', ...args, image);

describe('registries', () => {
  it('get what docker login left, after they asked for it', async () => {
    const shown: (string | null)[] = [];
    const asking = worldThat(async (request) => {
      const authorization = request.headers.get('authorization');
      shown.push(authorization);
      if (authorization === `Basic ${btoa('me:pass:word')}`) return registry.fetch(request);
      return new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } });
    });
    asking.env['DOCKER_CONFIG'] = 'docker';
    const denied = await verify(asking);
    expect(denied).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('docker login') });
    const auths = { 'registry.example.com': { auth: btoa('me:pass:word') } };
    put(asking, 'docker/config.json', JSON.stringify({ auths }));
    expect(await verify(asking)).toMatchObject({ exitCode: 0 });
    expect(shown[0]).toBeNull();
    put(asking, 'docker/config.json', '{"auths":');
    expect(await verify(asking)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Error: docker\/config\.json: .*is it whole\?\n$/),
    });
    put(asking, 'docker/config.json', '{"auths":{"registry.example.com":{"auth":"bWU6cGFzcw*"}}}');
    const damaged = await verify(asking);
    expect(damaged.stderr).toMatch(/^Error: docker\/config\.json: /);
    expect(damaged.stderr).not.toContain('bWU6');
  });

  it.each([
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed')), 'name right'],
    [
      'say nothing',
      (request: Request) =>
        new Promise<Response>((_resolve, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
        }),
      'not done in the time of --timeout',
    ],
    [
      'stop in the middle',
      () => Promise.resolve(new Response(failing(new TypeError('terminated')))),
      'cut short; try again',
    ],
  ])('that %s are told apart', async (_what, answers, message) => {
    const ran = await verify(worldThat(answers), '--timeout', message.includes('--timeout') ? '20ms' : '1m');
    expect(ran).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^Error: .*${message}.*\n$`)),
    });
  });
});

describe('keys', () => {
  const from = (answer: () => Response, url = 'https://keys.example/cosign.pub') => {
    const world = worldThat((request) =>
      request.url.startsWith('https://keys.example/') ? Promise.resolve(answer()) : registry.fetch(request),
    );
    return runIn(world, 'verify', '--key', url, '--insecure-ignore-tlog', image);
  };

  it('come from an address', async () => {
    expect((await from(() => new Response(textOf(keys, 'cosign.pub')))).exitCode).toBe(0);
  });

  it.each([
    ['an error', () => new Response('no', { status: 404 }), 'the answer is 404'],
    ['a page', () => new Response('<html>'), 'is this the right file'],
    ['too much', () => new Response('a'.repeat(70_000)), 'https://keys.example/cosign.pub: '],
  ])('and are no %s', async (_what, answer, message) => {
    expect(await from(answer)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) });
  });

  it('and addresses are addresses', async () => {
    const ran = await from(() => new Response(), 'https://[');
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('this is no URL') });
  });
});

describe('waiting', () => {
  const waiting = async (isTerminal: boolean): Promise<string> => {
    vi.useFakeTimers();
    let said = '';
    let finish: (response: Response) => void = () => undefined;
    const world: TestIo = {
      ...testIo(),
      isTerminal: () => isTerminal,
      err: (text) => (said += text),
      fetch: () => new Promise((resolve) => (finish = resolve)),
    };
    const slow = tellingWaits(world);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = slow.fetch(new Request('https://registry.example.com/v2/'));
      vi.advanceTimersByTime(999);
      expect(said).toBe(turn === 0 || !isTerminal ? '' : 'waiting for registry.example.com …\n');
      vi.advanceTimersByTime(1);
      finish(new Response());
      await answer;
    }
    expect(vi.getTimerCount()).toBe(0);
    return said;
  };

  it('is told a person, once', async () => {
    expect(await waiting(true)).toBe('waiting for registry.example.com …\n');
  });

  it('is not told a script', async () => {
    expect(await waiting(false)).toBe('');
  });
});

describe('an answer', () => {
  it('is read up to a size', async () => {
    expect((await bodyOf(new Response('abc'), 3)).byteLength).toBe(3);
    expect((await bodyOf(new Response(), 3)).byteLength).toBe(0);
    await expect(bodyOf(new Response('abcd'), 3)).rejects.toMatchObject({ code: 'ERR_BYTES_LIMIT' });
  });

  it('that never ends is not waited for', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    });
    await expect(bodyOf(new Response(endless), 4096)).rejects.toMatchObject({ code: 'ERR_BYTES_LIMIT' });
    expect(sent).toBeLessThan(20);
  });
});

describe('a duration', () => {
  it.each([
    ['3m', 180_000],
    ['1m30s', 90_000],
    ['20ms', 20],
    ['1.5s', 1500],
    ['2h', 7_200_000],
  ])('%s is %i milliseconds', (text, milliseconds) => expect(durationOf(text)).toBe(milliseconds));

  it.each(['', '3', 'm', '-3m', '3 m', '3d', '1..5s'])('is not %j', (text) =>
    expect(durationOf(text)).toBeUndefined(),
  );
});

function failing(error: Error): ReadableStream {
  return new ReadableStream({ pull: (controller) => controller.error(error) });
}
