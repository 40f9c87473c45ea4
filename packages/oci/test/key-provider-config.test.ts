import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OciError, parseKeyProviderConfig } from '../src/encryption/index.js';
import { bytes } from './answers.ts';

const parse = (value: unknown) => parseKeyProviderConfig(bytes(JSON.stringify(value)));

describe('parseKeyProviderConfig', () => {
  it('tells how each provider is reached', () => {
    const found = parse({
      'key-providers': {
        program: { cmd: { path: '/usr/bin/p', args: ['-a', ''] } },
        bare: { cmd: { path: 'p' } },
        nulls: { cmd: { path: 'p', args: null }, grpc: '' },
        both: { grpc: 'localhost:1', cmd: { path: 'p', args: [] } },
        service: { cmd: null, grpc: 'localhost:50000', 'grpc-tls': {} },
        guest: { ttrpc: 'unix:///run/x.sock' },
        within: { native: 'attestation-agent' },
      },
      more: 1,
    });
    expect(Object.fromEntries(found)).toEqual({
      program: { kind: 'cmd', path: '/usr/bin/p', args: ['-a', ''] },
      bare: { kind: 'cmd', path: 'p', args: [] },
      nulls: { kind: 'cmd', path: 'p', args: [] },
      both: { kind: 'cmd', path: 'p', args: [] },
      service: { kind: 'grpc', address: 'localhost:50000' },
      guest: { kind: 'ttrpc', address: 'unix:///run/x.sock' },
      within: { kind: 'native', address: 'attestation-agent' },
    });
    expect([parse({}).size, parse({ 'key-providers': null }).size]).toEqual([0, 0]);
  });

  it.each([
    [[], undefined],
    [{ 'key-providers': [] }, '/key-providers'],
    [{ 'key-providers': { a: 'b' } }, '/key-providers/a'],
    [{ 'key-providers': { 'a/b': {} } }, '/key-providers/a~1b'],
    [{ 'key-providers': { a: { cmd: 'p' } } }, '/key-providers/a/cmd'],
    [{ 'key-providers': { a: { cmd: { args: [] } } } }, '/key-providers/a/cmd'],
    [{ 'key-providers': { a: { cmd: { path: 'p', args: 'x' } } } }, '/key-providers/a/cmd/args'],
    [{ 'key-providers': { a: { cmd: { path: 'p', args: [1] } } } }, '/key-providers/a/cmd/args'],
    [{ 'key-providers': { a: { grpc: 1 } } }, '/key-providers/a/grpc'],
  ])('refuses %j', (value, pointer) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'ERR_OCI_KEY_PROVIDER', pointer }));
  });

  it('answers any JSON at all with addresses or an OciError', () => {
    const key = fc.constantFrom('cmd', 'grpc', 'ttrpc', 'native', 'path', 'args', '__proto__', 'a');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.dictionary(key, tie('tree'), { maxKeys: 3 })),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        try {
          for (const [, { kind }] of parse({ 'key-providers': value }))
            expect(['cmd', 'grpc', 'ttrpc', 'native']).toContain(kind);
        } catch (error) {
          expect(error).toBeInstanceOf(OciError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
