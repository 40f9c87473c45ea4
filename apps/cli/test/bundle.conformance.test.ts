import { readFile } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { runIn, type TestIo, testIo } from './test-io.js';

const area = vectorArea('bundle');
const listed = area.present ? area.json<{ dir: string; verdict: string }[]>('conformance', 'cases.json') : [];
const verdicts = new Map(listed.map(({ dir, verdict }) => [dir.replace('conformance/', ''), verdict]));
const folders = area
  .list('conformance')
  .filter((name) => statSync(area.path('conformance', name)).isDirectory());

/** What the conformance suite hands to a client, folder by folder, and what its entry script adds. */
describe.skipIf(!area.present)('the protocol of the client conformance suite', () => {
  it('has cases', () => expect(folders.length).toBeGreaterThan(0));

  it.each(folders)('%s, as a file', async (folder) => {
    await expectVerdict(folder, artifactOf(folder));
  });

  it.each(folders)('%s, as a digest', async (folder) => {
    await expectVerdict(folder, `sha256:${encodeHex(digest('sha256', await readFile(artifactOf(folder))))}`);
  });
});

async function expectVerdict(folder: string, artifact: string): Promise<void> {
  const file = (name: string): string => area.path('conformance', folder, name);
  const has = (name: string): boolean => existsSync(file(name));
  const text = (name: string, other: string): string =>
    has(name) ? area.text('conformance', folder, name).trim() : other;
  const who = has('key.pub')
    ? ['--key', file('key.pub')]
    : [
        '--certificate-identity',
        text('identity', IDENTITY),
        '--certificate-oidc-issuer',
        text('issuer', ISSUER),
      ];
  const root = has('trusted_root.json')
    ? file('trusted_root.json')
    : area.path('conformance', 'public-good-trusted_root.json');
  const flags = ['--bundle', file('bundle.sigstore.json'), ...who, '--trusted-root', root];
  const ran = await runIn(files(), 'verify-bundle', ...flags, artifact);
  const accepts = (verdicts.get(folder) ?? (folder.endsWith('_fail') ? 'reject' : 'accept')) === 'accept';
  expect(`${folder}: ${accepts ? ran.stderr : ''}`).toBe(`${folder}: ${accepts ? 'Verified OK\n' : ''}`);
  expect(ran.exitCode === 0).toBe(accepts);
}

function artifactOf(folder: string): string {
  const own = area.path('conformance', folder, 'artifact');
  return existsSync(own) ? own : area.path('conformance', 'a.txt');
}

/** The real files, and no network. */
function files(): TestIo {
  return {
    ...testIo(),
    readFile: (path) => readFile(path),
    exists: async (path) => existsSync(path),
    fetch: () => Promise.reject(new TypeError('there is no network here')),
  };
}

const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';
