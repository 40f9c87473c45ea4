import { decodeBase64, decodeHex } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  digestBytes,
  digestStream,
  dirHash1,
  fromGoChecksum,
  gitObject,
  gitTree,
  type GitHash,
  type GitTreeEntry,
  type NamedDigest,
  toGoChecksum,
} from '../src/digests/index.js';

interface Git {
  tree: [GitTreeEntry['mode'], string, string][];
  gitTree: string;
  commitObjectBase64?: string;
  gitCommit: string;
  tagObjectBase64?: string;
  gitTag: string;
}
interface Digests {
  input: { hex: string };
  hex: Record<string, string>;
  gitBlobSha256: string;
  shakeAt: { shake128_32: string; shake256_64: string };
  git: Record<GitHash, Git>;
  dirHash1: {
    files: { path: string; hex: string }[];
    dirHash1: string;
    goModuleExample: { h1: string; dirHash1: string };
  };
}

const area = vectorArea('in-toto');

describe.skipIf(!area.present)(`digests of ${area.name}`, () => {
  const all = area.present ? area.json<Digests>('digests.json') : undefined;
  if (all === undefined) return;
  const input = decodeHex(all.input.hex);

  it.each(Object.entries(all.hex))('%s', async (algorithm, hex) => {
    if (algorithm === 'gitBlob') {
      expect(gitObject('blob', input)).toBe(hex);
      return;
    }
    const named = algorithm as NamedDigest;
    expect(digestBytes(input, [named])).toEqual({ [algorithm]: hex });
    const parts = [input.subarray(0, 2), input.subarray(2, 2), input.subarray(2)];
    expect(await digestStream(parts, [named])).toEqual({ [algorithm]: hex });
  });

  it('shake', () => {
    const { shake128_32: shake128, shake256_64: shake256 } = all.shakeAt;
    expect(digestBytes(input, ['shake128', 'shake256'])).toEqual({ shake128, shake256 });
  });

  it('a blob of a SHA-256 repository', () => {
    expect(gitObject('blob', input, 'sha256')).toBe(all.gitBlobSha256);
  });

  it.each(Object.entries(all.git).filter(([, value]) => typeof value === 'object') as [GitHash, Git][])(
    'git objects by %s',
    (hash, git) => {
      const entries = git.tree.map(([mode, name, id]) => ({ mode, name, id }));
      expect(gitTree(entries, hash)).toBe(git.gitTree);
      expect(gitTree([...entries].reverse(), hash)).toBe(git.gitTree);
      const { commitObjectBase64: commit, tagObjectBase64: tag } = git;
      const text = (base64: string | undefined) => new TextDecoder().decode(decodeBase64(base64 ?? ''));
      const sha1 = all.git.sha1;
      const commitText = text(commit ?? sha1.commitObjectBase64).replace(sha1.gitTree, git.gitTree);
      expect(gitObject('commit', new TextEncoder().encode(commitText), hash)).toBe(git.gitCommit);
      const tagText = text(tag ?? sha1.tagObjectBase64).replace(sha1.gitCommit, git.gitCommit);
      expect(gitObject('tag', new TextEncoder().encode(tagText), hash)).toBe(git.gitTag);
    },
  );

  it('dirHash1', async () => {
    const { files, dirHash1: hex, goModuleExample } = all.dirHash1;
    const given = files.map((file) => ({ path: file.path, content: decodeHex(file.hex) }));
    expect(await dirHash1(given)).toBe(hex);
    expect(await dirHash1([...given].reverse())).toBe(hex);
    expect(fromGoChecksum(goModuleExample.h1)).toBe(goModuleExample.dirHash1);
    expect(toGoChecksum(goModuleExample.dirHash1)).toBe(goModuleExample.h1);
  });
});
