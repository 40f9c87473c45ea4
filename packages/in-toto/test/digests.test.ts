import { concatBytes, decodeHex, encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import {
  digestBytes,
  digestStream,
  dirHash1,
  fromGoChecksum,
  gitObject,
  gitTree,
  type NamedDigest,
  toGoChecksum,
} from '../src/digests/index.js';
import { InTotoError, matchDigests, type MatchOptions } from '../src/index.js';

const HELLO = encodeUtf8('Hello');
const SHA256 = '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969';

describe('digestStream', () => {
  it('digests by several algorithms at once and tells how far it is', async () => {
    const progress: number[] = [];
    const onProgress = (bytes: number) => void progress.push(bytes);
    const chunks = [HELLO.subarray(0, 3), HELLO.subarray(3)];
    expect(await digestStream(chunks, ['sha256', 'md5'], { onProgress })).toEqual({
      sha256: SHA256,
      md5: '8b1a9953c4611296a827abf8c47804d7',
    });
    expect(progress).toEqual([3, 5]);
    expect(digestBytes(HELLO, ['sha256'])).toEqual({ sha256: SHA256 });
  });

  it('stops when told to, and refuses what it cannot compute', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(digestStream([HELLO], ['sha256'], { signal })).rejects.toThrow('enough');
    expect(() => digestBytes(HELLO, ['gost' as NamedDigest])).toThrow(InTotoError);
  });

  it.each([
    ['sha512_224', 28],
    ['sha512_256', 32],
    ['sha3_224', 28],
    ['sha3_256', 32],
    ['sha3_384', 48],
    ['sha3_512', 64],
    ['shake128', 32],
    ['shake256', 64],
    ['blake2b', 64],
    ['blake2s', 32],
    ['ripemd160', 20],
    ['sm3', 32],
    ['sha1', 20],
  ] as const)('%s has %i bytes', (algorithm, bytes) => {
    const digests = digestBytes(HELLO, [algorithm]);
    expect(digests[algorithm]).toHaveLength(bytes * 2);
    expect(matchDigests(digests, digests, { accept: [algorithm] })).toBe(algorithm);
  });
});

describe('names of git objects', () => {
  it('are those of git', () => {
    expect(gitObject('blob', HELLO)).toBe('5ab2f8a4323abafb10abb68657d9d39f1a775057');
    expect(gitTree([])).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });

  it('put folders where git does, in any order given', () => {
    const id = gitObject('blob', HELLO);
    const entries = (['a.b', 'a', 'a0'] as const).map((name) => ({
      name,
      id,
      mode: name === 'a' ? ('40000' as const) : ('100644' as const),
    }));
    expect(gitTree(entries)).toBe(gitTree([...entries].reverse()));
    const row = (mode: string, name: string) => concatBytes(encodeUtf8(`${mode} ${name}\0`), decodeHex(id));
    const ordered = concatBytes(row('100644', 'a.b'), row('40000', 'a'), row('100644', 'a0'));
    expect(gitTree(entries)).toBe(gitObject('tree', ordered));
    expect(() => gitTree([{ mode: '100644', name: 'a/b', id }])).toThrow(InTotoError);
    expect(() => gitTree([{ mode: '100644', name: 'a', id }], 'sha256')).toThrow(InTotoError);
  });
});

describe('dirHash1', () => {
  it('orders paths by their bytes and reads content as it arrives', async () => {
    async function* content(): AsyncGenerator<Uint8Array> {
      yield HELLO;
    }
    const files = [
      { path: 'b', content: HELLO },
      { path: 'Z', content: new Uint8Array() },
    ];
    const streamed = [
      { path: 'Z', content: new Uint8Array() },
      { path: 'b', content: content() },
    ];
    expect(await dirHash1(files)).toBe(await dirHash1(streamed));
    const empty = digestBytes(new Uint8Array(), ['sha256']).sha256;
    const lines = encodeUtf8(`${empty}  Z\n${SHA256}  b\n`);
    expect(await dirHash1(files)).toBe(digestBytes(lines, ['sha256']).sha256);
    expect(fromGoChecksum(toGoChecksum(SHA256))).toBe(SHA256);
  });

  it('refuses paths that two folders could share, and checksums of another kind', async () => {
    for (const path of ['', 'a\nb'])
      await expect(dirHash1([{ path, content: HELLO }])).rejects.toThrow(InTotoError);
    const twice = { path: 'a', content: HELLO };
    await expect(dirHash1([twice, twice])).rejects.toThrow(InTotoError);
    for (const text of ['h1:', `h2:${'A'.repeat(43)}=`, `h1:${'%'.repeat(44)}`])
      expect(() => fromGoChecksum(text)).toThrow(InTotoError);
    expect(() => toGoChecksum('zz')).toThrow(InTotoError);
  });
});

describe('matchDigests', () => {
  const other = { sha256: SHA256, sha512: 'ab'.repeat(64) };
  it.each<[string, object, MatchOptions, string | undefined]>([
    ['one equal accepted digest', { sha256: SHA256.toUpperCase() }, {}, 'sha256'],
    ['no accepted digest', { sha256: SHA256 }, { accept: ['sha512'] }, undefined],
    ['a conflict', { sha256: SHA256, sha512: 'cd'.repeat(64) }, {}, 'sha256'],
    [
      'a conflict that counts',
      { sha256: SHA256, sha512: 'cd'.repeat(64) },
      { conflictPolicy: 'reject' },
      undefined,
    ],
    ['another name', { git: SHA256 }, {}, undefined],
    ['an alias', { git: SHA256 }, { aliases: { git: 'sha256' } }, 'sha256'],
    [
      'an alias that the name itself outdoes',
      { sha256: SHA256, git: 'x' },
      { aliases: { git: 'sha256' } },
      'sha256',
    ],
  ])('%s', (_, set, options, expected) => {
    expect(matchDigests({ ...set }, other, options)).toBe(expected);
  });

  it('takes dirHash and dirHash1 for one', () => {
    expect(matchDigests({ dirHash: SHA256 }, { dirHash1: SHA256 })).toBe('dirHash1');
  });
});
