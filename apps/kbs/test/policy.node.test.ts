import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase64 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDeclarativePolicy } from '../src/policy/declarative.js';
import { loadModulePolicy } from '../src/policy/module-policy.js';
import { parsePolicyText } from '../src/policy/policy-text.js';
import type { PolicyInput } from '../src/policy/resource-policy.js';
import { refusalOf, startBroker, temporaryFolder } from './broker.js';

const hex = 'ab'.repeat(32);
const document = (rules: unknown, more: object = {}): string =>
  JSON.stringify({ sealwright: 'resource-policy/v1', rules, ...more });
const input = (path: string, evidence: JsonObject, status = 'affirming'): PolicyInput => ({
  plugin: 'resource',
  path: path.split('/'),
  query: {},
  claims: { submods: { cpu0: { 'ear.status': status, 'ear.veraison.annotated-evidence': evidence } } },
});

describe('a declarative policy', () => {
  const policy = parseDeclarativePolicy(
    document([
      {
        path: 'default/chains/*',
        require: { tee: 'sample', initDataDigest: hex.toUpperCase(), status: 'affirming' },
      },
      { path: 'open/*/*', require: {} },
      { path: 'default/snp/key', require: { tee: 'snp' } },
    ]),
    'test',
  );
  const bound = { sample: {}, init_data: hex };
  it.each([
    ['the rule that fits', input('default/chains/key', bound), true, 'rule_0'],
    [
      'the digest in base64',
      input('default/chains/key', { sample: {}, init_data: encodeBase64(new Uint8Array(32).fill(0xab)) }),
      true,
      'rule_0',
    ],
    [
      'another digest',
      input('default/chains/key', { sample: {}, init_data: 'ac'.repeat(32) }),
      false,
      'init_data_differs',
    ],
    ['no digest', input('default/chains/key', { sample: {} }), false, 'init_data_differs'],
    ['another TEE', input('default/chains/key', { snp: {}, init_data: hex }), false, 'tee_differs'],
    ['another status', input('default/chains/key', bound, 'warning'), false, 'not_affirming'],
    ['another path', input('default/chain/key', bound), false, 'no_rule_for_path'],
    ['a longer path', input('default/chains/key/x', bound), false, 'no_rule_for_path'],
    ['another plugin', { ...input('open/a/b', { snp: {} }), plugin: 'nebula-ca' }, false, 'other_plugin'],
    ['any TEE, where none is named', input('open/a/b', { tdx: {} }, 'none'), true, 'rule_1'],
    ['not the sample, where none is named', input('open/a/b', { sample: {} }), false, 'tee_differs'],
    ['a TEE beside the sample', input('default/snp/key', { snp: {}, sample: {} }), false, 'tee_differs'],
    [
      'claims of another form',
      { ...input('default/snp/key', {}), claims: { submods: [] } },
      false,
      'tee_differs',
    ],
  ])('%s', (_, request, allow, reason) => {
    expect(policy.decide(request)).toEqual({ allow, reason });
  });

  it.each([
    ['[]', /the document: expected an object/],
    ['{"sealwright":"resource-policy/v1","rules":[', /is JSON/],
    ['{"sealwright":"resource-policy/v1","sealwright":"x","rules":[]}', /is JSON/],
    ['{"sealwright":"resource-policy/v2","rules":[]}', /^\/sealwright: /],
    ['{"sealwright":"resource-policy/v1"}', /^\/rules: /],
    [document([], { allow: true }), /^\/allow: is not known here; known are sealwright, rules$/],
    [document([null]), /^\/rules\/0: /],
    [document([{ path: 'a/b/c' }]), /^\/rules\/0\/require: /],
    [document([{ path: 'a/b', require: {} }]), /^\/rules\/0\/path: /],
    [document([{ path: 'a/b/c*', require: {} }]), /^\/rules\/0\/path: /],
    [document([{ path: '**', require: {} }]), /^\/rules\/0\/path: /],
    [
      document([{ path: 'a/b/c', require: { initdata: 'x' } }]),
      /^\/rules\/0\/require\/initdata: is not known here/,
    ],
    [document([{ path: 'a/b/c', require: { tee: 'sgx2' } }]), /^\/rules\/0\/require\/tee: /],
    [
      document([{ path: 'a/b/c', require: { initDataDigest: 'ab' } }]),
      /^\/rules\/0\/require\/initDataDigest: /,
    ],
    [document([{ path: 'a/b/c', require: { status: 'warning' } }]), /^\/rules\/0\/require\/status: /],
  ])('is refused as %s', (text, message) => {
    expect(() => parseDeclarativePolicy(text, 'test')).toThrow(
      expect.objectContaining({ code: 'ERR_KBS_POLICY', message: expect.stringMatching(message) }),
    );
  });

  it('is read or refused, whatever it is', () => {
    const good = document([{ path: 'a/b/*', require: { tee: 'sample', initDataDigest: hex } }]);
    const mutated = fc
      .tuple(fc.nat(good.length), fc.nat(9), fc.constantFrom('', '"', '{}', 'null', '*', '__proto__'))
      .map(([at, cut, text]) => good.slice(0, at) + text + good.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (text) => {
        try {
          expect(typeof parsePolicyText(text, 'test').decide(input('a/b/c', {}))).toBe('object');
        } catch (error) {
          expect(error).toMatchObject({ name: 'KbsError' });
        }
      }),
    );
  });
});

describe('an upload', () => {
  const rego = (body: string): string => `# a comment\npackage policy\n\ndefault allow := false\n\n${body}\n`;

  it('of Rego decides by claims, path and query', async () => {
    const broker = await startBroker({ policy: 'deny_all' });
    await broker.put('a/b/c', 'x');
    await broker.put('a/b/d', 'x');
    const text = rego(
      'allow if {\n  data["resource-path"] == ["a", "b", "c"]\n  input.submods.cpu0["ear.veraison.annotated-evidence"].sample\n}\nallow if data.query.open == "yes"',
    );
    expect((await broker.uploadPolicy(text)).status).toBe(200);
    expect(await broker.client().getResource('a/b/c')).toHaveLength(1);
    await expect(broker.client().getResource('a/b/d')).rejects.toThrow(/Access denied by policy/);
    const { token } = await broker.client().getToken();
    const opened = await fetch(`${broker.url}/kbs/v0/resource/a/b/d?open=yes`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(opened.status).toBe(200);
  });

  it('of broken Rego names line and column, and changes nothing', async () => {
    const broker = await startBroker();
    await broker.put('a/b/c', 'x');
    expect(await refusalOf(await broker.uploadPolicy(rego('allow if {')))).toEqual({
      status: 401,
      name: 'PolicyEngineError',
      detail: expect.stringMatching(/resource-policy\.rego:\d+:\d+: /),
    });
    expect(await refusalOf(await broker.uploadPolicy(rego(`# ${'x'.repeat(1024)}`)))).toMatchObject({
      status: 401,
      name: 'PolicyEngineError',
    });
    expect(await broker.client().getResource('a/b/c')).toHaveLength(1);
  });

  it.each([
    ['a variable without a value', 'allow if x == 1'],
    ['an unknown function', 'allow if nothing_like_it(1)'],
    ['a fault of a built-in function', 'allow if to_number("x") == 1'],
    [
      'too many steps',
      'allow if count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == b]) == 1',
    ],
  ])('of Rego with %s refuses every request', async (_, body) => {
    const broker = await startBroker();
    await broker.put('a/b/c', 'x');
    expect((await broker.uploadPolicy(rego(body))).status).toBe(200);
    const { token } = await broker.client().getToken();
    const response = await fetch(`${broker.url}/kbs/v0/resource/a/b/c`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await refusalOf(response)).toMatchObject({ status: 401, name: 'PolicyEngineError' });
  });

  it('of Rego knows the time', () => {
    const decide = (sign: string): unknown =>
      parsePolicyText(rego(`allow if time.now_ns() ${sign} 1700000000000000000`), 'test').decide(
        input('a/b/c', {}),
      );
    expect(decide('>')).toEqual({ allow: true, reason: 'rego' });
    expect(decide('<')).toEqual({ allow: false, reason: 'denied_by_rego' });
  });

  it.each([
    'export default () => true',
    'data:text/javascript,export default () => true',
    '',
    '[]',
    'allow_all',
    '/etc/passwd',
  ])('of %j is refused, and never run', async (text) => {
    const broker = await startBroker({ policy: 'deny_all' });
    const detail = expect.stringContaining('uploaded JavaScript is never run');
    expect(await refusalOf(await broker.uploadPolicy(text))).toEqual({
      status: 401,
      name: 'PolicyEngineError',
      detail,
    });
  });

  it('of a broken document names the place', async () => {
    const broker = await startBroker();
    const answer = await refusalOf(
      await broker.uploadPolicy(document([{ path: 'a/b/c', require: { tee: 'x' } }])),
    );
    expect(answer).toEqual({
      status: 401,
      name: 'PolicyEngineError',
      detail: expect.stringContaining('/rules/0/require/tee: expected one of'),
    });
  });

  it('is in force for the next request, and is listed by name', async () => {
    const broker = await startBroker();
    await broker.put('a/b/c', 'x');
    const client = broker.client();
    expect(await client.getResource('a/b/c')).toHaveLength(1);
    expect((await broker.uploadPolicy(document([]))).status).toBe(200);
    await expect(client.getResource('a/b/c')).rejects.toThrow(/Access denied by policy/);
    await broker.uploadPolicy(document([{ path: 'a/*/c', require: { tee: 'sample' } }]));
    expect(await client.getResource('a/b/c')).toHaveLength(1);
    const list = await fetch(`${broker.url}/kbs/v0/resource-policy`, { headers: broker.admin });
    expect([list.status, await list.json()]).toEqual([200, ['resource-policy']]);
    expect((await fetch(`${broker.url}/kbs/v0/resource-policy`)).status).toBe(401);
  });
});

describe('a policy in a file', () => {
  it('as a module decides with true and with nothing else', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'policy.mjs');
    writeFileSync(
      file,
      `export default async ({ path, query, claims }) => {
        if (path[2] === 'throws') throw new Error('a secret of the module');
        claims.submods = {};
        return path[2] === 'yes' ? true : query.answer;
      };\n`,
    );
    const broker = await startBroker({ policy: file });
    for (const tag of ['yes', 'no', 'throws']) await broker.put(`a/b/${tag}`, 'x');
    const { token } = await broker.client().getToken();
    const get = async (path: string): Promise<unknown> => {
      const response = await fetch(`${broker.url}/kbs/v0/resource/${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return response.status === 200 ? 200 : refusalOf(response);
    };
    expect(await get('a/b/yes')).toBe(200);
    expect(await get('a/b/no?answer=true')).toMatchObject({ name: 'PolicyDeny' });
    expect(await get('a/b/throws')).toEqual({
      status: 401,
      name: 'PolicyEngineError',
      detail: 'Policy engine error: the evaluation failed',
    });
    expect(JSON.stringify(broker.lines)).not.toContain('a secret of the module');
  });

  it('as a document decides by its rules', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'policy.json'), document([{ path: 'a/b/c', require: { tee: 'sample' } }]));
    const broker = await startBroker({ folder, policy: join(folder, 'policy.json') });
    await broker.put('a/b/c', 'x');
    expect(await broker.client().getResource('a/b/c')).toHaveLength(1);
  });

  it('in Rego decides as an uploaded one does', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'policy.rego'), 'package policy\n\nallow if data.plugin == "resource"\n');
    const broker = await startBroker({ folder, policy: join(folder, 'policy.rego') });
    await broker.put('a/b/c', 'x');
    expect(await broker.client().getResource('a/b/c')).toHaveLength(1);
  });

  it('that cannot be used stops the start', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'x'));
    writeFileSync(join(folder, 'none.mjs'), 'export const allow = true;');
    writeFileSync(join(folder, 'bad.json'), '{}');
    writeFileSync(join(folder, 'bad.rego'), 'package');
    for (const policy of [
      'none.mjs',
      'missing.mjs',
      'missing.json',
      'bad.json',
      'missing.rego',
      'bad.rego',
    ]) {
      await expect(startBroker({ folder, policy: join(folder, policy) })).rejects.toThrow(
        expect.objectContaining({
          name: 'UsageError',
          message: expect.stringMatching(/^sealwright\.resource_policy: /),
        }),
      );
    }
    await expect(startBroker({ policy: 'allow-all' })).rejects.toThrow(
      /expected default, affirming, allow_all, deny_all/,
    );
  });

  it('that thinks for ever is given up', async () => {
    const file = join(temporaryFolder(), 'slow.mjs');
    writeFileSync(file, 'export default () => new Promise(() => {});');
    const policy = await loadModulePolicy(file, 10);
    await expect(policy.decide(input('a/b/c', {}))).rejects.toThrow(/took too long/);
  });
});
