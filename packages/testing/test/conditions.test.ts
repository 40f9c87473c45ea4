import { describe, expect, it } from 'vitest';
import { createRegistry } from '../src/index.js';

const put = (registry: ReturnType<typeof createRegistry>, body: string, headers: Record<string, string>) =>
  registry.fetch(new Request('http://r.example/v2/a/manifests/t', { method: 'PUT', body, headers }));

describe('conditions of a registry', () => {
  it.each([true, false])('are respected, or not known: %s', async (conditions) => {
    const registry = createRegistry({ conditions });
    expect((await put(registry, '{"schemaVersion":2}', { 'if-none-match': '*' })).status).toBe(201);
    expect((await put(registry, '{}', { 'if-none-match': '*' })).status).toBe(conditions ? 412 : 201);
    const got = await registry.fetch(new Request('http://r.example/v2/a/manifests/t'));
    const etag = got.headers.get('etag');
    expect(etag === null).toBe(!conditions);
    expect((await put(registry, '{"a":1}', { 'if-match': '"other"' })).status).toBe(conditions ? 412 : 201);
    if (etag !== null) expect((await put(registry, '{"a":1}', { 'if-match': etag })).status).toBe(201);
  });
});
