import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportPkcs8Pem, exportPublicJwk, generateKeyPair } from '@sealwright/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointPattern } from '../src/admin/endpoint-pattern.js';
import { databasePlace } from '../src/config/database-path.js';
import { parseConfig } from '../src/config/parse.js';
import { mustBeSound, mustBeSupported } from '../src/config/supported.js';
import { lineOf, tomlLines } from '../src/config/toml-lines.js';
import { startBroker, temporaryFolder } from './broker.js';

const good = `[http_server]
insecure_http = true

[attestation_service]
type = "coco_as_builtin"

[admin]
authorization_mode = "DenyAll"
`;

function load(toml: string): ReturnType<typeof mustBeSupported> {
  const parsed = parseConfig(toml, 'kbs-config.toml');
  mustBeSound(parsed);
  return mustBeSupported(parsed);
}

describe('a configuration', () => {
  it.each([
    [
      'an unknown table',
      `${good}[extra]\nx = 1\n`,
      'kbs-config.toml:9: extra: is not a key that is known here',
    ],
    [
      'an unknown key',
      good.replace('[attestation', 'port = 1\n[attestation'),
      'kbs-config.toml:4: http_server.port: is not a key that is known here',
    ],
    [
      'a wrong type',
      good.replace('insecure_http = true', 'insecure_http = "yes"'),
      'kbs-config.toml:2: http_server.insecure_http: expected true or false',
    ],
    [
      'a number out of range',
      `${good}[sealwright]\ndatabase = 1\n`,
      'kbs-config.toml:10: sealwright.database: expected a text',
    ],
    ['no admin', good.replace(/\[admin\][^]*/, ''), 'kbs-config.toml: admin: is required'],
    [
      'a socket that is none',
      good.replace('[attestation', 'sockets = ["8080"]\n[attestation'),
      /kbs-config\.toml:4: http_server\.sockets: an address is host:port/,
    ],
    [
      'an old admin',
      good.replace('authorization_mode', 'type'),
      /kbs-config\.toml:8: admin\.type: is of v0\.16 to v0\.20/,
    ],
    [
      'an old policy engine',
      `${good}[policy_engine]\npolicy_path = "x"\n`,
      /kbs-config\.toml:9: policy_engine: is of v0\.16 and before; upload/,
    ],
    [
      'TLS without files',
      good.replace('insecure_http = true', ''),
      'kbs-config.toml:1: http_server.private_key: is required, with certificate, unless insecure_http = true',
    ],
    [
      'TLS',
      good.replace('insecure_http = true', 'private_key = "k"\ncertificate = "c"'),
      /kbs-config\.toml:2: http_server\.private_key: TLS is not built in yet/,
    ],
    [
      'another attestation service',
      good.replace('coco_as_builtin', 'coco_as_grpc'),
      /kbs-config\.toml: attestation_token: expected trusted_certs_paths/,
    ],
    [
      'another attestation service, trusted',
      `${good.replace('coco_as_builtin', 'coco_as_grpc')}[attestation_token]\ninsecure_header_jwk = true\n`,
      'kbs-config.toml:5: attestation_service.type: coco_as_grpc is not built in yet; coco_as_builtin is',
    ],
    [
      'a remote RVPS',
      good.replace('[admin]', 'rvps_config = { type = "GrpcRemote" }\n[admin]'),
      /kbs-config\.toml:7: attestation_service\.rvps_config\.type: GrpcRemote is not built in yet/,
    ],
    [
      'a verifier',
      good.replace('[admin]', '[attestation_service.verifier_config.snp_verifier]\n[admin]'),
      /kbs-config\.toml:7: attestation_service\.verifier_config: /,
    ],
    [
      'Postgres',
      `${good}[storage_backend]\nstorage_type = "Postgres"\n`,
      /kbs-config\.toml:10: storage_backend\.storage_type: Postgres is not built in yet/,
    ],
    [
      'Redis for sessions',
      `session_storage_type = "redis"\n${good}`,
      /kbs-config\.toml:1: session_storage_type: Redis is not built in yet/,
    ],
    [
      'a backend nobody knows',
      `${good}[storage_backend]\nstorage_type = "S3"\n`,
      /kbs-config\.toml:10: storage_backend\.storage_type: expected one of Memory, LocalFs/,
    ],
    [
      'a second plugin',
      `${good}[[plugins]]\nname = "resource"\n[[plugins]]\nname = "nebula-ca"\n`,
      'kbs-config.toml:12: plugins[1].name: plugin nebula-ca is not built in yet',
    ],
    [
      'Vault',
      `${good}[[plugins]]\nname = "resource"\nstorage_backend_type = "Vault"\n`,
      /kbs-config\.toml:11: plugins\[0\]\.storage_backend_type: /,
    ],
    [
      'a date',
      `${good}[sealwright.reference_values]\nx = 2026-01-01\n`,
      'kbs-config.toml:10: sealwright.reference_values.x: expected a value that JSON has too',
    ],
    ['no TOML', `${good}x\n`, /^kbs-config\.toml:9: /],
    ['a key twice', `${good}authorization_mode = "DenyAll"\n`, /^kbs-config\.toml:\d+: /],
  ])('with %s is refused by file, line and key', (_, toml, message) => {
    expect(() => load(toml)).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });

  it('never shows the value of a key at fault', () => {
    const secret = `${good}[storage_backend.backends.postgres]\npassword = ["hunter2"\n`;
    expect(() => load(secret)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  it('is read or refused, whatever it is', () => {
    const mutated = fc
      .tuple(
        fc.nat(good.length),
        fc.nat(12),
        fc.constantFrom('', '"', '[', '[[', '= 1\n', '\n', '#', "'''", '{', '__proto__ = 1\n'),
      )
      .map(([at, cut, text]) => good.slice(0, at) + text + good.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (toml) => {
        try {
          expect(load(toml).admin.authorization_mode).toBe('DenyAll');
        } catch (error) {
          expect(error).toMatchObject({ name: 'UsageError' });
        }
      }),
    );
  });

  it('puts the database where storage was asked for', () => {
    const place = (more: string): unknown => databasePlace(load(good + more));
    expect(place('')).toEqual({ file: undefined, keyFile: undefined, inFolder: undefined });
    expect(place('[storage_backend]\nstorage_type = "LocalFs"\nbackends.local_fs.dir_path = "/d"\n')).toEqual(
      {
        file: '/d/sealwright-kbs.sqlite',
        keyFile: '/d/sealwright-kbs.sqlite.key',
        inFolder: '/d',
      },
    );
    expect(place('[storage_backend]\nstorage_type = "local_json"\n')).toMatchObject({
      inFolder: '/opt/confidential-containers/storage/local_json',
    });
    expect(place('[sealwright]\ndatabase = "/a.sqlite"\ndata_key_file = "/k"\n')).toEqual({
      file: '/a.sqlite',
      keyFile: '/k',
      inFolder: undefined,
    });
  });
});

describe('lines', () => {
  it('are found through long strings, lists over lines, comments and arrays of tables', () => {
    const toml = `# first
a = """
[not.a.table]
b = 1"""
list = [ # a comment with ]
  "x]", 'y',
]
[t."quoted.name"] # t
k.deep = 'v'
[[items]]
n = 1
[[items]]
n = 2
[items.sub]
z = {inline = "\\"}"}
last = true
`;
    const lines = tomlLines(toml);
    const at = (...path: (string | number)[]): number | undefined => lineOf(lines, path);
    expect([at('a'), at('list'), at('t', 'quoted.name'), at('t', 'quoted.name', 'k', 'deep')]).toEqual([
      2, 5, 8, 9,
    ]);
    expect([
      at('items', 0, 'n'),
      at('items', 1, 'n'),
      at('items', 1, 'sub', 'z'),
      at('items', 1, 'sub', 'last'),
    ]).toEqual([11, 13, 15, 16]);
    expect([at('items', 1, 'sub', 'z', 'inline'), at('nowhere'), at('not')]).toEqual([
      15,
      undefined,
      undefined,
    ]);
  });
});

describe('the pattern of an endpoint', () => {
  it.each([
    ['^/kbs/a$|^/x$', '/kbs/a', true],
    ['^/kbs/a$|^/x$', '/kbs/v0/resource-policy?/x', false],
    ['^/kbs/a$|/x$', '/kbs/b/x', false],
    ['^/kbs/v0/(resource|attestation)-policy$', '/kbs/v0/resource-policy', true],
    ['^/kbs/v0/reference-value(/.+)?$', '/kbs/v0/reference-value/a/b', true],
    ['^/kbs/v0/[^/]+$', '/kbs/v0/a/b', false],
  ])('%s for %s', (text, uri, matches) => {
    const pattern = endpointPattern(text);
    expect(pattern).toBeInstanceOf(RegExp);
    expect(pattern instanceof RegExp && pattern.test(uri)).toBe(matches);
  });

  it.each([
    '^/kbs/(a+)+$',
    '^/kbs/((a|b))*$',
    '^/kbs/(?:x(a*)y){2,}$',
    '^/kbs/(?=a)b$',
    '^/kbs/(a)\\1$',
    '^/kbs/[$',
    '^/kbs/a\\$',
    '^/x$',
    '^/kbs',
  ])('%s is refused', (text) => {
    expect(typeof endpointPattern(text)).toBe('string');
  });
});

describe('the signing key', () => {
  const signer = (key: string): string =>
    `[attestation_service.attestation_token_broker.signer]\nkey_path = ${JSON.stringify(key)}\n`;
  const base = good.replace('DenyAll', 'InsecureAllowAll').replace('[admin]', 'SIGNER[admin]');

  it('from the configuration signs tokens, and names itself', async () => {
    const folder = temporaryFolder();
    const key = await generateKeyPair('ec-p256');
    const file = join(folder, 'signer.pem');
    writeFileSync(file, exportPkcs8Pem(key).expose());
    const broker = await startBroker({ folder, base: base.replace('SIGNER', signer(file)) });
    const { token } = await broker.client().getToken();
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
      jwk: { x: string };
    };
    expect(header.jwk.x).toBe(exportPublicJwk(key.publicKey).x);
  });

  it('that cannot be used stops the start, by the name of the key', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'rsa.pem'), exportPkcs8Pem(await generateKeyPair('ed25519')).expose());
    writeFileSync(join(folder, 'junk.pem'), 'junk');
    for (const name of ['rsa.pem', 'junk.pem', 'missing.pem']) {
      const start = startBroker({ folder, base: base.replace('SIGNER', signer(join(folder, name))) });
      await expect(start).rejects.toThrow(
        expect.objectContaining({ name: 'UsageError', message: expect.stringContaining('signer.key_path') }),
      );
    }
  });

  it.each(['trusted_certs_paths', 'trusted_jwk_sets'])(
    '%s that cannot be read stop the start',
    async (name) => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'junk'), 'junk');
      for (const file of ['junk', 'missing']) {
        const toml = `${good}[attestation_token]\n${name} = [${JSON.stringify(join(folder, file))}]\n`;
        await expect(startBroker({ folder, base: toml })).rejects.toThrow(
          expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(name) }),
        );
      }
    },
  );
});
