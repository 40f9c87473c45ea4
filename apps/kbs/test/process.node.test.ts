import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeUtf8 } from '@sealwright/bytes';
import { createKbsClient } from '@sealwright/kbs-protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sampleAttester, temporaryFolder } from './broker.js';

const app = resolve(import.meta.dirname, '..');
let built = '';
const program = (): string => join(built, 'main.js');

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'sealwright-kbs-build-'));
  const tsup = resolve(app, '../../node_modules/tsup/dist/cli-default.js');
  execFileSync(process.execPath, [tsup, '--out-dir', built], { cwd: app });
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

const toml = (database: string): string => `[http_server]
insecure_http = true
[attestation_service]
type = "coco_as_builtin"
[admin]
authorization_mode = "InsecureAllowAll"
[[plugins]]
name = "resource"
[sealwright]
database = ${JSON.stringify(database)}
resource_policy = "allow_all"
`;

/** Start the built program, and wait until it says that it listens. */
async function start(
  config: string,
): Promise<{ url: string; child: ChildProcess; exit: Promise<number | string | null> }> {
  const child = spawn(process.execPath, [program(), '-c', config, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<number | string | null>((end) =>
    child.once('exit', (code, signal) => end(code ?? signal)),
  );
  const line = await new Promise<string>((ready, fail) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('\n')) ready(text);
    });
    child.once('exit', (code) => fail(new Error(`ended with ${code}`)));
  });
  const { event, url } = JSON.parse(line) as { event: string; url: string };
  expect(event).toBe('listening');
  return { url, child, exit };
}

const put = (url: string, path: string, body: string): Promise<Response> =>
  fetch(`${url}/kbs/v0/resource/${path}`, { method: 'POST', body });

describe('the built program', () => {
  it.each([
    [['--help'], 0, /Usage: sealwright-kbs/],
    [[], 2, /--config-file is required/],
    [['--wrong'], 2, /--wrong/],
    [['-c', 'missing.toml'], 2, /missing\.toml: ENOENT/],
    [['-c', 'package.json'], 2, /package\.json:1: /],
    [['-c', 'GOOD', '--listen', 'nowhere'], 2, /an address is host:port/],
  ])('with %j ends with %i', (args, status, message) => {
    const folder = temporaryFolder();
    const good = join(folder, 'good.toml');
    writeFileSync(good, toml(join(folder, 'kbs.sqlite')));
    const { KBS_CONFIG_FILE: _, ...env } = process.env;
    const result = spawnSync(
      process.execPath,
      [program(), ...args.map((arg) => (arg === 'GOOD' ? good : arg))],
      { cwd: app, env, encoding: 'utf8' },
    );
    expect(result.stdout + result.stderr).toMatch(message);
    expect(result.status).toBe(status);
    expect(result.stdout + result.stderr).not.toMatch(/\n {4}at /);
  });

  it('stops on SIGTERM, and does not start where it cannot listen or store', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'kbs.toml');
    writeFileSync(config, toml(join(folder, 'kbs.sqlite')));
    const { url, child, exit } = await start(config);
    const taken = spawnSync(process.execPath, [program(), '-c', config, '--listen', new URL(url).host], {
      encoding: 'utf8',
    });
    expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining('cannot listen on')]);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    rmSync(join(folder, 'kbs.sqlite.key'));
    const keyless = spawnSync(process.execPath, [program(), '-c', config, '--listen', '127.0.0.1:0'], {
      encoding: 'utf8',
    });
    expect([keyless.status, keyless.stderr]).toEqual([1, expect.stringContaining('made with a data key')]);
  });

  it('killed while resources are stored loses none that it confirmed', async () => {
    const folder = temporaryFolder();
    const [config, database] = [join(folder, 'kbs.toml'), join(folder, 'kbs.sqlite')];
    writeFileSync(config, toml(database));
    const first = await start(config);
    const confirmed = new Map<string, string>();
    const lastOf = new Map<string, number>();
    const total = 200;
    const killAt = 20 + Math.floor(Math.random() * (total - 40));
    let next = 0;
    const upload = async (worker: number): Promise<void> => {
      while (next < total) {
        const index = next;
        next += 1;
        if (index === killAt) first.child.kill('SIGKILL');
        const value = `${index}-${'x'.repeat((index * 97) % 4000)}`;
        try {
          if ((await put(first.url, `default/once/${index}`, value)).status === 200)
            confirmed.set(`default/once/${index}`, value);
          // Each worker replaces one resource of its own, again and again.
          if ((await put(first.url, `default/again/${worker}`, String(index))).status === 200)
            lastOf.set(`default/again/${worker}`, index);
        } catch {
          return; // Killed: what was under way was never confirmed.
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(upload));
    expect(await first.exit).toBe('SIGKILL');
    expect(confirmed.size).toBeGreaterThan(10);
    expect(confirmed.size).toBeLessThan(total);

    const second = await start(config);
    const client = createKbsClient({ url: second.url, attester: sampleAttester });
    for (const [path, value] of confirmed) expect(decodeUtf8(await client.getResource(path))).toBe(value);
    for (const [path, last] of lastOf)
      expect(Number(decodeUtf8(await client.getResource(path)))).toBeGreaterThanOrEqual(last);
    expect((await put(second.url, 'default/once/after', 'x')).status).toBe(200);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    const opened = new DatabaseSync(database, { readOnly: true });
    expect(opened.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    opened.close();
  });

  it('killed before it finished its first start starts again', async () => {
    for (const delay of [0, 20, 40, 60, 80]) {
      const folder = temporaryFolder();
      const config = join(folder, 'kbs.toml');
      writeFileSync(config, toml(join(folder, 'kbs.sqlite')));
      const child = spawn(process.execPath, [program(), '-c', config, '--listen', '127.0.0.1:0'], {
        stdio: 'ignore',
      });
      const gone = new Promise((end) => child.once('exit', end));
      await new Promise((wait) => setTimeout(wait, delay));
      child.kill('SIGKILL');
      await gone;
      const { url, child: again, exit } = await start(config);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(statSync(join(folder, 'kbs.sqlite.key')).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(folder, 'kbs.sqlite.key'), 'utf8')).toHaveLength(65);
      again.kill('SIGTERM');
      expect(await exit).toBe(0);
    }
  });
});
