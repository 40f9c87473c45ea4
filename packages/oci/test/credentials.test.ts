import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OciError, parseAuthFile, parseReference } from '../src/index.js';

const basic = (text: string): { auth: string } => ({ auth: btoa(text) });
const find = (auths: unknown, name: string, rest: object = {}) =>
  parseAuthFile(JSON.stringify({ auths, ...rest })).find(parseReference(name));

describe('parseAuthFile', () => {
  it('finds the entry with the longest path, then the registry itself', async () => {
    const auths = { 'a.io': basic('r:1'), 'a.io/team': basic('t:2'), 'a.io/team/app': basic('i:3') };
    expect(await find(auths, 'a.io/team/app')).toEqual({ username: 'i', password: '3' });
    expect(await find(auths, 'a.io/team/other')).toEqual({ username: 't', password: '2' });
    expect(await find(auths, 'a.io/teams/app')).toEqual({ username: 'r', password: '1' });
    expect(await find(auths, 'b.io/team/app')).toBeUndefined();
    expect(await find(auths, 'a.io:5000/team/app')).toBeUndefined();
  });

  it('takes the spellings of Docker Hub for one registry', async () => {
    for (const key of [
      'https://index.docker.io/v1/',
      'index.docker.io',
      'docker.io',
      'registry-1.docker.io',
      'http://docker.io/x',
    ]) {
      expect(await find({ [key]: basic('hub:pw') }, 'busybox')).toEqual({ username: 'hub', password: 'pw' });
    }
    expect(await find({ 'index.docker.io/v1/': basic('hub:pw') }, 'busybox')).toBeUndefined();
    expect(await find({ 'https://evil.example/docker.io': basic('hub:pw') }, 'busybox')).toBeUndefined();
  });

  it('splits at the first colon and drops newlines around the password', async () => {
    expect(await find({ 'a.io': basic(`u:${'\n'.repeat(20)}p:\nq\r\n\0`) }, 'a.io/x')).toEqual({
      username: 'u',
      password: 'p:\nq',
    });
    expect(await find({ 'a.io': basic('u:\r\n') }, 'a.io/x')).toEqual({ username: 'u', password: '' });
    expect(await find({ 'a.io': basic('u:p:q\r\n') }, 'a.io/x')).toEqual({ username: 'u', password: 'p:q' });
    expect(await find({ 'a.io': basic(':') }, 'a.io/x')).toEqual({ username: '', password: '' });
  });

  it('takes an identity token, alone or beside a user', async () => {
    expect(await find({ 'a.io': { identitytoken: 'tok' } }, 'a.io/x')).toEqual({
      username: '',
      password: '',
      identityToken: 'tok',
    });
    expect(await find({ 'a.io': { username: 'u', password: 'p', identitytoken: 'tok' } }, 'a.io/x')).toEqual({
      username: 'u',
      password: 'p',
      identityToken: 'tok',
    });
  });

  it.each([
    ['no base64', { auth: '%%%' }],
    ['no colon', basic('user')],
    ['nothing', {}],
    ['another type', { auth: 1 }],
    ['a list', []],
    ['bytes that are no text', { auth: '/zo=' }],
  ])('refuses an entry that matches and has %s, and ignores it otherwise', async (_, entry) => {
    await expect(find({ 'a.io': entry }, 'a.io/x')).rejects.toMatchObject({ code: 'ERR_OCI_CREDENTIALS' });
    expect(await find({ 'a.io': entry }, 'b.io/x')).toBeUndefined();
  });

  it('asks helpers, and never pulls without credentials where one would be needed', async () => {
    const text = JSON.stringify({
      auths: { 'c.io': {} },
      credHelpers: { 'a.io': 'one' },
      credsStore: 'store',
    });
    const asked: string[] = [];
    const helper = async (name: string, registry: string) => {
      asked.push(`${name} ${registry}`);
      return { username: name, password: '' };
    };
    const file = parseAuthFile(text);
    expect(await file.find(parseReference('a.io/x'), { helper })).toMatchObject({ username: 'one' });
    expect(await file.find(parseReference('c.io/x'), { helper })).toMatchObject({ username: 'store' });
    expect(asked.splice(0)).toEqual(['one a.io', 'store c.io']);
    await file.find(parseReference('busybox'), { helper });
    const hub = 'https://index.docker.io/v1/';
    for (const key of ['docker.io', 'index.docker.io', hub])
      await parseAuthFile(JSON.stringify({ credHelpers: { [key]: 'hub' } })).find(parseReference('a/b'), {
        helper,
      });
    expect(asked).toEqual([`store ${hub}`, 'hub docker.io', 'hub index.docker.io', `hub ${hub}`]);
    await expect(file.find(parseReference('a.io/x'))).rejects.toThrow('kept by the helper one');
  });

  it('knows tokens of registries', async () => {
    const token = { username: '', password: '', registryToken: 'r' };
    expect(await find({ 'a.io': { registrytoken: 'r' } }, 'a.io/x')).toEqual(token);
    const both = await find({ 'a.io': { ...basic('u:p'), registrytoken: 'r' } }, 'a.io/x');
    expect(both).toEqual({ username: 'u', password: 'p', registryToken: 'r' });
  });

  it.each(['', '[]', '{"auths":[]}', '{"auths":{},"auths":{}}', '{"credsStore":1}'])('refuses %j', (text) =>
    expect(() => parseAuthFile(text)).toThrow(expect.objectContaining({ code: 'ERR_OCI_CREDENTIALS' })),
  );

  it('never shows what it read', async () => {
    const secret = 'hunter2';
    const texts = [`{"auths": {"a.io": {"auth": "${secret}`, `{"auths": {"a.io": {"auth": "${secret}"}}}`];
    for (const text of texts) {
      const error = await Promise.resolve()
        .then(() => parseAuthFile(text).find(parseReference('a.io/x')))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(OciError);
      expect(String(error) + JSON.stringify(error)).not.toContain(secret);
      expect(error).not.toHaveProperty('cause.message');
    }
  });

  it('answers any JSON at all with credentials or an OciError', async () => {
    const key = fc.constantFrom('docker.io', 'https://docker.io/v1', 'a.io', '__proto__', 'constructor');
    const entry = fc.oneof(fc.jsonValue(), fc.record({ auth: fc.string() }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, entry), async (auths) => {
        try {
          await find(auths, 'busybox');
        } catch (error) {
          expect(error).toBeInstanceOf(OciError);
        }
      }),
    );
  });
});
