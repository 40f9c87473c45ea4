import { describe, expect, it } from 'vitest';
import {
  createLog,
  createMetrics,
  formatAddress,
  listen,
  operations,
  parseAddress,
  parseFlags,
  UsageError,
} from '../src/index.js';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }, '127.0.0.1:8080'],
    ['[::1]:0', { host: '::1', port: 0 }, '[::1]:0'],
    [':80', { host: '0.0.0.0', port: 80 }, '0.0.0.0:80'],
  ])('reads %s', (text, address, written) => {
    expect(parseAddress(text)).toEqual(address);
    expect(formatAddress(address)).toBe(written);
  });

  it.each(['', '8080', 'host', 'host:', 'host:65536', 'host:-1', '::1:80', 'a b:1', 'http://host:1'])(
    'refuses %j',
    (text) => {
      expect(() => parseAddress(text)).toThrow(UsageError);
    },
  );
});

describe('parseFlags', () => {
  const definitions = {
    listen: { type: 'string', value: 'ADDRESS', help: 'where to listen' },
    'config-file': { type: 'string', short: 'c', value: 'FILE', help: 'configuration' },
    once: { type: 'boolean', help: 'do one round' },
    runs: { type: 'string', multiple: true, help: 'folders' },
  } as const;
  const help = { usage: 'x [flags]', summary: 'Does x.', examples: ['x --once'] };

  it('gives what was given', () => {
    expect(parseFlags(['-c', 'f', '--once', '--runs', 'a', '--runs=b'], definitions, help)).toEqual({
      'config-file': 'f',
      once: true,
      runs: ['a', 'b'],
    });
  });

  it.each([[['--wrong']], [['--listen']], [['word']], [['--once=1']]])('refuses %j', (args) => {
    expect(() => parseFlags(args, definitions, help)).toThrow(UsageError);
  });

  it('explains every flag and shows an example', () => {
    const text = parseFlags(['--help'], definitions, help);
    for (const part of ['Does x.', '-c, --config-file FILE', 'where to listen', '-h, --help', 'x --once'])
      expect(text).toContain(part);
  });
});

describe('a service', () => {
  it('answers health, readiness and metrics, and stops while a client keeps its connection', async () => {
    const metrics = createMetrics();
    let ready = false;
    const app = operations({
      metrics,
      ready: () => {
        if (!ready) throw new Error('no database');
      },
    });
    metrics.counter('requests_total', 'requests', ['code']).inc({ code: '200' });
    const server = await listen((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
    try {
      const health = await fetch(`${server.url}/healthz`);
      expect([health.status, await health.text()]).toEqual([200, 'ok\n']);
      const unready = await fetch(`${server.url}/readyz`);
      expect([unready.status, await unready.text()]).toEqual([503, 'no database\n']);
      ready = true;
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('requests_total{code="200"} 1');
    } finally {
      await server.close();
    }
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('names the address that it cannot have', async () => {
    const first = await listen(() => new Response('x'), { host: '127.0.0.1', port: 0 });
    try {
      const port = Number(new URL(first.url).port);
      await expect(listen(() => new Response('x'), { host: '127.0.0.1', port })).rejects.toThrow(
        `127.0.0.1:${port}`,
      );
    } finally {
      await first.close();
    }
  });
});

describe('createLog', () => {
  it('writes one line of JSON for an event', () => {
    const lines: string[] = [];
    createLog('kbs', { level: 'info', write: (line) => lines.push(line) }).info({ status: 200 }, 'request');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'info', service: 'kbs', event: 'request', status: 200 },
    ]);
  });

  it('writes nothing below its level', () => {
    const lines: string[] = [];
    createLog('kbs', { level: 'warn', write: (line) => lines.push(line) }).info({}, 'request');
    expect(lines).toEqual([]);
  });
});
