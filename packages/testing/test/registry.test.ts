import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { createRegistry, pipelineRun, pushTestImage, type Registry, taskRun } from '../src/index.js';

const at = (registry: Registry, path: string, init?: RequestInit): Promise<Response> =>
  registry.fetch(new Request(`http://registry.test/v2/${path}`, init));
const named = (text: string): string => `sha256:${encodeHex(digest('sha256', encodeUtf8(text)))}`;

describe('createRegistry', () => {
  it('takes a blob in one request, and gives it back', async () => {
    const registry = createRegistry();
    const put = await at(registry, `a/b/blobs/uploads/?digest=${named('x')}`, { method: 'POST', body: 'x' });
    expect([put.status, put.headers.get('location')]).toEqual([201, `/v2/a/b/blobs/${named('x')}`]);
    expect(await (await at(registry, `a/b/blobs/${named('x')}`)).text()).toBe('x');
    expect((await at(registry, `other/blobs/${named('x')}`)).status).toBe(404);
  });

  it('takes a blob in chunks, in order only', async () => {
    const registry = createRegistry();
    const started = await at(registry, 'a/blobs/uploads/', { method: 'POST' });
    const session = (started.headers.get('location') ?? '').replace('/v2/', '');
    const first = await at(registry, session, {
      method: 'PATCH',
      body: 'ab',
      headers: { 'content-range': '0-1' },
    });
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-1']);
    const again = await at(registry, session, {
      method: 'PATCH',
      body: 'ab',
      headers: { 'content-range': '0-1' },
    });
    expect(again.status).toBe(416);
    expect(
      (await at(registry, `${session}?digest=${named('abc')}`, { method: 'PUT', body: 'c' })).status,
    ).toBe(201);
  });

  it('refuses a blob under a digest that is not its own', async () => {
    const registry = createRegistry();
    const put = await at(registry, `a/blobs/uploads/?digest=${named('y')}`, { method: 'POST', body: 'x' });
    expect([put.status, registry.repository('a').blobs.size]).toEqual([400, 0]);
  });

  it('mounts a blob from another repository', async () => {
    const registry = createRegistry();
    await at(registry, `a/blobs/uploads/?digest=${named('x')}`, { method: 'POST', body: 'x' });
    expect(
      (await at(registry, `b/blobs/uploads/?mount=${named('x')}&from=a`, { method: 'POST' })).status,
    ).toBe(201);
    expect((await at(registry, `b/blobs/${named('x')}`, { method: 'HEAD' })).status).toBe(200);
  });

  it('serves a manifest by tag and digest, and lists tags in pages', async () => {
    const registry = createRegistry();
    const image = pushTestImage(registry, 'shop/checkout', { tag: 'b' });
    pushTestImage(registry, 'shop/checkout', { tag: 'a' });
    for (const reference of ['b', image.digest]) {
      const manifest = await at(registry, `shop/checkout/manifests/${reference}`);
      expect(manifest.headers.get('docker-content-digest')).toBe(image.digest);
      expect(named(await manifest.text())).toBe(image.digest);
    }
    const page = await at(registry, 'shop/checkout/tags/list?n=1');
    expect([await page.json(), page.headers.get('link')]).toEqual([
      { name: 'shop/checkout', tags: ['a'] },
      '</v2/shop/checkout/tags/list?n=1&last=a>; rel="next"',
    ]);
  });

  it('refuses a manifest whose layers it does not have, or whose digest differs', async () => {
    const registry = createRegistry();
    const manifest = JSON.stringify({ schemaVersion: 2, layers: [{ digest: named('gone'), size: 4 }] });
    expect((await at(registry, 'a/manifests/x', { method: 'PUT', body: manifest })).status).toBe(404);
    expect((await at(registry, `a/manifests/${named('z')}`, { method: 'PUT', body: '{}' })).status).toBe(400);
    expect((await at(registry, 'a/manifests/x', { method: 'PUT', body: 'no json' })).status).toBe(400);
  });

  it('lists referrers by type, unless it is told not to have that API', async () => {
    const manifest = (subject: string): string =>
      JSON.stringify({
        schemaVersion: 2,
        artifactType: 'text/x',
        layers: [],
        subject: { digest: subject, size: 1 },
      });
    for (const referrers of [true, false]) {
      const registry = createRegistry({ referrers });
      const { digest: subject } = pushTestImage(registry, 'a');
      const put = await at(registry, 'a/manifests/r', { method: 'PUT', body: manifest(subject) });
      expect(put.headers.get('oci-subject')).toBe(referrers ? subject : null);
      const listed = await at(registry, `a/referrers/${subject}?artifactType=text/x`);
      if (referrers) expect(await listed.json()).toMatchObject({ manifests: [{ artifactType: 'text/x' }] });
      else expect(listed.status).toBe(404);
    }
  });
});

describe('runs', () => {
  it('name the image that they built', () => {
    const options = { image: 'registry.example.com/a', digest: named('x') };
    expect(JSON.stringify(taskRun(options))).toContain(named('x'));
    expect(pipelineRun(options)).toMatchObject({
      status: {
        childReferences: [{ name: (taskRun(options) as { metadata: { name: string } }).metadata.name }],
      },
    });
  });
});
