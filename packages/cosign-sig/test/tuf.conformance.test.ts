import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  CosignError,
  parseSigningConfig,
  selectServices,
  sigstorePublicRoot,
  trustPinnedRoot,
  updateTuf,
} from '../src/index.js';

interface RepositoryCase {
  trustedRoot: string;
  clock: string;
  expect: {
    rootVersion: number;
    timestampVersion: number;
    snapshotVersion: number;
    targetsVersion: number;
    targets: Record<string, { length: number; hashes: { sha256: string } }>;
  };
  negative: { replace: string; by: string; verdict: 'reject'; why: string }[];
}

interface SelectionCase {
  name: string;
  now: string;
  supportedRekorVersions: number[];
  config: unknown;
  expectRekor: string[] | null;
}

const area = vectorArea('rekor');
const has = (...path: string[]): boolean =>
  area.present && area.list(...path.slice(0, -1)).includes(path.at(-1) ?? '');
describe.skipIf(!has('tuf', 'repo-cases.json'))('a TUF repository', () => {
  const cases = area.present ? area.json<RepositoryCase>('tuf', 'repo-cases.json') : undefined;
  const read = (path: string, replaced?: { replace: string; by: string }): Uint8Array | undefined => {
    const file = replaced?.replace === path ? replaced.by : path;
    return has('tuf', ...file.split('/')) ? area.bytes('tuf', ...file.split('/')) : undefined;
  };
  const run = (replaced?: { replace: string; by: string }): ReturnType<typeof updateTuf> =>
    updateTuf(
      { read: async (path) => read(`repo/${path}`, replaced) },
      { root: read(cases?.trustedRoot ?? '', replaced) ?? new Uint8Array(0) },
      { now: new Date(cases?.clock ?? 0) },
    );

  it('is followed from its first root to its files', async () => {
    const repository = await run();
    const {
      rootVersion: root,
      timestampVersion: timestamp,
      snapshotVersion: snapshot,
      targetsVersion: targets,
    } = cases?.expect ?? ({} as RepositoryCase['expect']);
    expect(repository.versions).toEqual({ root, timestamp, snapshot, targets });
    expect([...repository.names].sort()).toEqual(Object.keys(cases?.expect.targets ?? {}).sort());
    for (const [name, file] of Object.entries(cases?.expect.targets ?? {})) {
      const bytes = await repository.target(name);
      expect(bytes.byteLength).toBe(file.length);
      expect(encodeHex(digest('sha256', bytes))).toBe(file.hashes.sha256);
    }
    await expect(repository.target('other')).rejects.toMatchObject({ code: 'ERR_COSIGN_TUF' });
  });

  it.each(cases?.negative ?? [])('is refused: $why', async (sample) => {
    expect(sample.verdict).toBe('reject');
    expect(has('tuf', ...sample.by.split('/'))).toBe(true);
    const followed = run(sample).then(async (repository) => {
      for (const name of repository.names) await repository.target(name);
    });
    await expect(followed).rejects.toMatchObject({ code: 'ERR_COSIGN_TUF' });
  });

  it('cannot be taken back', async () => {
    const { state } = await run();
    const document = JSON.parse(new TextDecoder().decode(state.timestamp)) as { signed: { version: number } };
    document.signed.version += 1;
    const newer = new TextEncoder().encode(JSON.stringify(document));
    const read = async (path: string): Promise<Uint8Array | undefined> =>
      has('tuf', 'repo', ...path.split('/')) ? area.bytes('tuf', 'repo', ...path.split('/')) : undefined;
    await updateTuf({ read }, state, { now: new Date(cases?.clock ?? 0) });
    await expect(
      updateTuf({ read }, { ...state, timestamp: newer }, { now: new Date(cases?.clock ?? 0) }),
    ).rejects.toThrow('goes back');
  });
});

describe.skipIf(!area.present)('the roots of the public instance', () => {
  it('lead from one to the next', async () => {
    const files = area.list('tuf', 'metadata').filter((name) => name.endsWith('.root.json'));
    const versions = files.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
    const first = versions[0] ?? 0;
    const asked: string[] = [];
    const run = updateTuf(
      {
        read: async (path) => {
          asked.push(path);
          return area.list('tuf', 'metadata').includes(path)
            ? area.bytes('tuf', 'metadata', path)
            : undefined;
        },
      },
      { root: area.bytes('tuf', 'metadata', `${first}.root.json`) },
      { now: new Date(0), dangerouslyIgnoreExpiry: true },
    );
    await expect(run).rejects.toThrow('timestamp.json is not there');
    expect(asked).toEqual(
      [...versions.slice(1), (versions.at(-1) ?? 0) + 1]
        .map((version) => `${version}.root.json`)
        .concat('timestamp.json'),
    );
  });
});

describe.skipIf(!area.present)('signing configs', () => {
  it.each(
    has('tuf', 'selection-cases.json') ? area.json<SelectionCase[]>('tuf', 'selection-cases.json') : [],
  )('$name', (sample) => {
    const select = (): readonly string[] => {
      const { rekorTlogUrls, rekorTlogConfig } = parseSigningConfig(JSON.stringify(sample.config));
      const options = {
        now: new Date(sample.now),
        versions: sample.supportedRekorVersions,
        selection: rekorTlogConfig,
      };
      return selectServices(rekorTlogUrls, options).map(({ url }) => url);
    };
    if (sample.expectRekor === null) expect(select).toThrow(CosignError);
    else expect(select()).toEqual(sample.expectRekor);
  });

  it.each(area.present ? area.list('tuf').filter((name) => /signing_?config/.test(name)) : [])(
    '%s',
    (name) => {
      expect(parseSigningConfig(area.bytes('tuf', name)).rekorTlogUrls).not.toHaveLength(0);
    },
  );
});

describe.skipIf(!has('tuf', 'metadata'))('the pinned keys of the public instance', () => {
  const pinned = sigstorePublicRoot();
  const versions = has('tuf', 'metadata')
    ? area
        .list('tuf', 'metadata')
        .map((name) => Number(name.split('.')[0]))
        .filter((version) => version > 0)
    : [];

  it.each(versions)('signed root %i, if it is theirs', async (version) => {
    const bytes = area.bytes('tuf', 'metadata', `${version}.root.json`);
    const trusted = trustPinnedRoot(bytes, { ...pinned, version });
    // each root is signed by three of those before and three of those after, so that the neighbours of the pinned one are signed, too
    if (Math.abs(version - pinned.version) <= 1) expect(await trusted).toEqual({ root: bytes });
    else await Promise.allSettled([trusted]);
    await expect(trustPinnedRoot(bytes, { ...pinned, version: version + 1 })).rejects.toMatchObject({
      code: 'ERR_COSIGN_TUF',
    });
  });
});
