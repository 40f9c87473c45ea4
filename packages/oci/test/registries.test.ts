import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatReference,
  namesRegistry,
  OciError,
  parseReference,
  parseRegistriesConfig,
  pullAttempts,
  type PullOptions,
} from '../src/index.js';

const tried = (toml: string, name: string, options?: PullOptions): string[] =>
  pullAttempts(parseRegistriesConfig(toml), parseReference(name), options).map(
    ({ reference, kind, insecure }) => `${kind} ${formatReference(reference)}${insecure ? ' http' : ''}`,
  );
const DIGEST = `sha256:${'0f'.repeat(32)}`;

describe('pullAttempts', () => {
  it('leaves what no rule is about as it is', () => {
    expect(tried('', 'reg.example/a:1')).toEqual(['original reg.example/a:1']);
    expect(tried('', 'a')).toEqual(['search docker.io/library/a:latest']);
  });

  it('searches for names without a registry only', () => {
    const toml = 'unqualified-search-registries = ["a.io", "docker.io"]';
    expect(tried(toml, 'x/y')).toEqual(['search a.io/x/y:latest', 'search docker.io/x/y:latest']);
    expect(tried(toml, 'x')).toEqual(['search a.io/x:latest', 'search docker.io/library/x:latest']);
    expect(tried(toml, 'docker.io/x/y', { qualified: namesRegistry('docker.io/x/y') })).toEqual([
      'original docker.io/x/y:latest',
    ]);
    expect(['x/y', 'x', 'localhost/x', 'a.io/x', 'a:5/x', '/x'].map(namesRegistry)).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('takes the rule with the longest prefix, which ends where a component does', () => {
    const toml = `
      [[registry]]
      prefix = "r.io"
      insecure = true
      [[registry]]
      prefix = "r.io/team"
      location = "other.io"
      [[registry]]
      prefix = "r.io/team/app:1"
      blocked = true`;
    expect(tried(toml, 'r.io/x')).toEqual(['original r.io/x:latest http']);
    expect(tried(toml, 'r.io/team/x')).toEqual(['remapped other.io/x:latest']);
    expect(tried(toml, 'r.io/teams/x')).toEqual(['original r.io/teams/x:latest http']);
    expect(tried(toml, `r.io/team/x@${DIGEST}`)).toEqual([`remapped other.io/x@${DIGEST}`]);
    expect(tried(toml, 'r.io/team/app:12')).toEqual(['remapped other.io/app:12']);
    expect(() => tried(toml, 'r.io/team/app:1')).toThrow(
      'Image r.io/team/app:1 is blocked by registry rule.',
    );
    expect(tried(toml, 'x.io/r.io/team/x')).toEqual(['original x.io/r.io/team/x:latest']);
  });

  it('lets wildcards stand for labels of the host', () => {
    const toml = '[[registry]]\nprefix = "*.corp.io"\nlocation = "p.io/c"';
    expect(tried(toml, 'a.b.corp.io/x')).toEqual(['remapped p.io/c/x:latest']);
    const both = `${toml}\n[[registry]]\nprefix = "a.corp.io"\nlocation = "own.io"`;
    expect(tried(both, 'a.corp.io/x')).toEqual(['remapped own.io/x:latest']);
    expect(tried(both, 'b.corp.io/x')).toEqual(['remapped p.io/c/x:latest']);
    expect(tried(toml, 'corp.io/x')).toEqual(['original corp.io/x:latest']);
    expect(tried(toml, 'x.io/a.corp.io/y')).toEqual(['original x.io/a.corp.io/y:latest']);
    expect(tried(toml, 'a.corp.io.evil.io/x')).toEqual(['original a.corp.io.evil.io/x:latest']);
  });

  it('takes the wildcard that says more', () => {
    const rule = (prefix: string, more: string): string => `[[registry]]\nprefix = "${prefix}"\n${more}\n`;
    const wide = rule('*.io', 'location = "wide.io"');
    const narrow = rule('*.corp.io', 'location = "narrow.io"\nblocked = true');
    for (const toml of [wide + narrow, narrow + wide]) {
      expect(() => tried(toml, 'a.corp.io/x')).toThrow(expect.objectContaining({ code: 'ERR_OCI_BLOCKED' }));
      expect(tried(toml, 'a.b.io/x')).toEqual(['remapped wide.io/x:latest']);
    }
    const twice = rule('r.io', 'location = "first.io"') + rule('r.io', 'location = "second.io"');
    expect(tried(twice, 'r.io/x')).toEqual(['remapped first.io/x:latest']);
  });

  it('lets a path follow a wildcard', () => {
    const toml = '[[registry]]\nprefix = "*.corp.io/secret"\nlocation = "p.io"\nblocked = true';
    for (const name of ['a.corp.io/secret/x', 'a.b.corp.io/secret:1']) {
      expect(() => tried(toml, name)).toThrow(expect.objectContaining({ code: 'ERR_OCI_BLOCKED' }));
    }
    for (const name of ['a.corp.io/secrets/x', 'x.io/a.corp.io/secret/y', 'a.corp.io/x/secret']) {
      expect(tried(toml, name)).toHaveLength(1);
    }
  });

  it('takes no place without a host for a repository of Docker Hub', () => {
    for (const location of ['mirror', 'mirror/of/r']) {
      const mirror = `[[registry]]\nprefix = "r.io"\n[[registry.mirror]]\nlocation = "${location}"`;
      for (const toml of [`[[registry]]\nprefix = "r.io"\nlocation = "${location}"`, mirror]) {
        expect(() => tried(toml, 'r.io/x')).toThrow(expect.objectContaining({ code: 'ERR_OCI_REFERENCE' }));
      }
    }
  });

  it('takes no notice of slashes behind a place', () => {
    const rule = '[[registry]]\nprefix = "r.io/"\n';
    expect(() => tried(`${rule}blocked = true`, 'r.io/x')).toThrow(
      expect.objectContaining({ code: 'ERR_OCI_BLOCKED' }),
    );
    const mirror = '[[registry.mirror]]\nlocation = "m.io/a//"';
    expect(tried(`${rule}location = "p.io/c/"\n${mirror}`, 'r.io/x')).toEqual([
      'mirror m.io/a/x:latest',
      'remapped p.io/c/x:latest',
    ]);
  });

  it('asks mirrors first, those that are for such pulls', () => {
    const toml = `
      [[registry]]
      prefix = "r.io"
      [[registry.mirror]]
      location = "all.io"
      [[registry.mirror]]
      location = "digest.io"
      pull-from-mirror = "digest-only"
      [[registry.mirror]]
      location = "tag.io/m"
      insecure = true
      pull-from-mirror = "tag-only"`;
    expect(tried(toml, 'r.io/x:1')).toEqual([
      'mirror all.io/x:1',
      'mirror tag.io/m/x:1 http',
      'original r.io/x:1',
    ]);
    expect(tried(toml, `r.io/x@${DIGEST}`)).toEqual([
      `mirror all.io/x@${DIGEST}`,
      `mirror digest.io/x@${DIGEST}`,
      `original r.io/x@${DIGEST}`,
    ]);
    const digestOnly =
      '[[registry]]\nprefix="r.io"\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation="m.io"';
    expect(tried(digestOnly, 'r.io/x:1')).toEqual(['original r.io/x:1']);
  });
});

describe('parseRegistriesConfig', () => {
  it.each([
    ['[[registry]]\nblocked = true', '/registry/0'],
    ['[[registry]]\nprefix = "*.x.io"', '/registry/0'],
    ['[[registry]]\nprefix = "x.io"\n[[registry.mirror]]\ninsecure = true', '/registry/0/mirror/0'],
    ['[[registry]]\nprefix = 1', '/registry/0/prefix'],
    ['[[registry]]\nprefix = "x.io"\nblocked = "yes"', '/registry/0/blocked'],
    ['[[registry]]\nprefix = "/"', '/registry/0'],
    ['[[registry]]\nprefix = "https://x.io"', '/registry/0/prefix'],
    ['[[registry]]\nlocation = "HTTP://x.io"', '/registry/0/location'],
    [
      '[[registry]]\nprefix = "x.io"\n[[registry.mirror]]\nlocation = "https://m.io"',
      '/registry/0/mirror/0/location',
    ],
    [
      '[[registry]]\nprefix = "x.io"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.io"\npull-from-mirror = "all"',
      '/registry/0/mirror/0/pull-from-mirror',
    ],
    ['registry = 1', '/registry'],
    ['unqualified-search-registries = "a.io"', '/unqualified-search-registries'],
    ['= 1', undefined],
  ])('refuses %j', (toml, pointer) => {
    expect(() => parseRegistriesConfig(toml)).toThrow(
      expect.objectContaining({ code: 'ERR_OCI_CONFIG', pointer }),
    );
  });

  it('reads no more than it should', () => {
    expect(() => parseRegistriesConfig(' '.repeat(2 << 20))).toThrow(
      expect.objectContaining({ code: 'ERR_OCI_SIZE' }),
    );
  });

  it('answers any text at all with rules or an OciError', () => {
    const line = fc.constantFrom(
      '[[registry]]',
      '[[registry.mirror]]',
      'prefix = "docker.io"',
      'location = "*.x"',
      'location = "a.io"',
      'blocked = true',
      'x',
      '[registry]',
      'unqualified-search-registries = ["!"]',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        try {
          tried(lines.join('\n'), 'busybox');
        } catch (error) {
          expect(error).toBeInstanceOf(OciError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
