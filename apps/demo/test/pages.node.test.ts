import { dirname, join } from 'node:path';
import { startProgram } from '@sealwright/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programOf } from '../../../tools/program.ts';
import { pagesHandler } from '../src/serve-pages.js';

const program = programOf('apps/demo');
const answer = pagesHandler(join(dirname(program), 'pages'));
const get = (path: string, method = 'GET'): Promise<Response> =>
  answer(new Request(`http://127.0.0.1${path}`, { method }));

describe('the pages', () => {
  it.each(['/', '/bundle.html', '/bundle.js', '/policy.html', '/policy.js', '/style.css'])(
    '%s is there, and may ask nothing of anybody',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect((await response.text()).length).toBeGreaterThan(100);
    },
  );

  it('need no script of a server of others', async () => {
    const html = await (await get('/')).text();
    expect(html).not.toMatch(/https?:/);
    expect(await (await get('/bundle.js')).text()).not.toMatch(/\bimport\s*["'{*]/);
  });

  it.each([
    ['/../main.js', 'GET', 404],
    ['/%2e%2e/main.js', 'GET', 404],
    ['/none', 'GET', 404],
    ['/', 'POST', 405],
    ['/', 'HEAD', 200],
  ])('%s with %2$s gives %3$i', async (path, method, status) => {
    expect((await get(path, method)).status).toBe(status);
  });
});

describe('pnpm demo --pages', () => {
  let demo: Awaited<ReturnType<typeof startProgram>>;
  beforeAll(async () => {
    demo = await startProgram(program, ['--pages']);
  });
  afterAll(async () => {
    expect(await demo.stop()).toBe(0);
  });

  it('serves them until it is stopped', async () => {
    const response = await fetch(String(demo.ready['url']));
    expect(await response.text()).toContain('Verify a Sigstore bundle');
  });
});
