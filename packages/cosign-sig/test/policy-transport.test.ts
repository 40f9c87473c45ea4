import type { JsonObject } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import { describe, expect, it } from 'vitest';
import {
  CosignError,
  matchIdentity,
  parseContainersPolicy,
  parseIdentity,
  scopeAmong,
  transportScopes,
} from '../src/policy/index.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const HEX = 'ab'.repeat(32);
const parse = (policy: JsonObject) => parseContainersPolicy(JSON.stringify(policy));
const fault = (pointer: string): unknown => expect.objectContaining({ code: 'ERR_COSIGN_POLICY', pointer });

describe('scopes that a policy names', () => {
  const scoped = (transport: string, scope: string) =>
    parse({
      default: [{ type: 'reject' }],
      transports: { [transport]: { [scope]: [{ type: 'insecureAcceptAnything' }] } },
    });

  it.each([
    ['docker', '*.example'],
    ['dir', '/a/.b/...'],
    ['oci', '/a:b'],
    ['oci-archive', '/a b'],
    ['sif', '/a'],
    ['docker-daemon', 'docker.io/library/busybox:latest'],
    ['docker-daemon', 'sha256:abc'],
    ['atomic', 'reg.example:5000/ns/stream:v1'],
    ['containers-storage', '[/a]'],
    ['containers-storage', '[overlay@/a+/b]docker.io/library/busybox:latest'],
    ['containers-storage', `[/a]docker.io/x@${DIGEST}`],
    ['containers-storage', `[/a]docker.io/x@${HEX}`],
    ['containers-storage', `[/a]docker.io/x@${DIGEST}@${HEX}`],
    ['tarball', ''],
    ['docker-archive', ''],
    ['of-the-future', '/../'],
  ])('%s: %s', (transport, scope) => {
    expect([...(scoped(transport, scope).transports.get(transport)?.keys() ?? [])]).toEqual([scope]);
  });

  it.each([
    ['dir', '/'],
    ['dir', 'a'],
    ['dir', '/a/'],
    ['dir', '//a'],
    ['dir', '/a/../b'],
    ['oci', '/a/./b'],
    ['oci-archive', '/..'],
    ['sif', 'a/b'],
    ['docker-archive', '/a'],
    ['tarball', '/a'],
    ['docker-daemon', DIGEST],
    ['atomic', 'reg.example/ns/stream/more'],
    ['atomic', 'reg.example/ns:v1'],
    ['containers-storage', '/a'],
    ['containers-storage', '[]'],
    ['containers-storage', '[a]'],
    ['containers-storage', '[@/a]'],
    ['containers-storage', '[overlay@]'],
    ['containers-storage', '[/a'],
    ['containers-storage', '[/a]docker.io/x@y'],
    ['containers-storage', `[/a]x@${HEX}@${HEX}`],
    ['containers-storage', `[/a]x@${DIGEST}@${HEX}@`],
  ])('never %s: %s', (transport, scope) => {
    expect(() => scoped(transport, scope)).toThrow(
      fault(`/transports/${transport}/${scope.replaceAll('/', '~1')}`),
    );
  });
});

describe('scopes that an image falls into', () => {
  it.each([
    ['dir', '/var/lib/x', ['/var/lib/x', '/var/lib', '/var']],
    ['oci', '/a', ['/a']],
    ['docker-archive', '/a', []],
    ['docker-daemon', DIGEST, []],
    ['docker-daemon', 'busybox:1', ['docker.io/library/busybox:1', 'docker.io/library/busybox']],
    ['docker', 'busybox', ['docker.io/library/busybox:latest', 'docker.io/library/busybox']],
    ['atomic', 'a.example/n/s:v1', ['a.example/n/s:v1', 'a.example/n/s', 'a.example/n', 'a.example']],
  ])('%s:%s', (transport, name, scopes) => {
    const found = [...new Set(transportScopes(transport, name))];
    expect(found.slice(0, scopes.length)).toEqual(scopes);
  });

  it('are found from the narrowest on', () => {
    const policy = parse({
      default: [{ type: 'reject' }],
      transports: {
        dir: { '/var': [{ type: 'insecureAcceptAnything' }], '/var/lib/x': [{ type: 'reject' }] },
        'docker-archive': { '': [{ type: 'reject' }] },
      },
    });
    const scope = (transport: string, name: string) =>
      scopeAmong(policy, transport, transportScopes(transport, name)).scope;
    expect(scope('dir', '/var/lib/x/y')).toBe('/var/lib/x');
    expect(scope('dir', '/var/other')).toBe('/var');
    expect(scope('dir', '/home')).toBeUndefined();
    expect(scope('docker-archive', '/home/a.tar')).toBe('');
  });

  it.each([
    ['dir', 'relative'],
    ['oci', '/'],
    ['docker', 'UPPER'],
    ['docker-daemon', 'busybox'],
    ['atomic', 'a.example/n/s'],
    ['atomic', 'a.example/s:v1'],
    ['atomic', `a.example/n/s:v1@${DIGEST}`],
    ['containers-storage', 'busybox'],
  ])('never %s:%s', (transport, name) => {
    expect(() => transportScopes(transport, name)).toThrow(CosignError);
  });
});

describe('members of a policy file', () => {
  it('take base64 that is broken into lines', () => {
    const requirement = { type: 'sigstoreSigned', keyData: 'QUJD\r\nQU\nJD' } as const;
    const [read] = parse({ default: [{ ...requirement }] }).default;
    expect(read).toMatchObject({ keys: [{ data: 'QUJDQUJD' }] });
  });

  it.each(['reg.example/team/app:v1', `reg.example/team/app@${DIGEST}`])(
    'take %s for a repository, by its name',
    (dockerRepository) => {
      const rule = parseIdentity({ type: 'exactRepository', dockerRepository }, '');
      expect(rule).toEqual({ type: 'exactRepository', dockerRepository: 'reg.example/team/app' });
      expect(matchIdentity(rule, parseReference('busybox'), 'reg.example/team/app:v2')).toBe(true);
    },
  );

  it.each([
    'a..b',
    'a_b',
    'a.b:',
    'a.b:x',
    'a.b:80:90',
    'a]b',
    '[::1]',
    '-a',
    'a-',
    'a.b/',
    '/a',
    'a.b//c',
    'a.b/C',
  ])('refuse %s for a prefix', (prefix) => {
    const rule = { type: 'remapIdentity', prefix, signedPrefix: 'reg.example' };
    expect(() => parseIdentity(rule, '')).toThrow(fault('/prefix'));
  });

  it.each(['reg', 'reg/x', 'A.B', 'reg.example:5000/a__b/c--d', 'docker.io'])('take %s', (prefix) => {
    const rule = { type: 'remapIdentity', prefix: 'mirror.example', signedPrefix: prefix };
    expect(parseIdentity(rule, '')).toEqual(rule);
  });
});
