import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { runIn, testIo } from './test-io.js';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly expectations: {
    readonly digest: string;
    readonly externalParameters?: { readonly allowOnly?: readonly string[] };
    readonly maxLevel?: number;
    readonly [name: string]: unknown;
  };
  readonly expect: { readonly ok: boolean; readonly error?: string; readonly level?: number };
}

const FLAGS: Readonly<Record<string, string>> = {
  builderId: '--builder-id',
  acceptBuilderRef: '--builder-ref',
  buildType: '--build-type',
  source: '--source',
  commit: '--commit',
  tag: '--tag',
  versionedTag: '--versioned-tag',
  branch: '--branch',
  maxLevel: '--max-level',
  minLevel: '--min-level',
};

const slsa = vectorArea('slsa');
const roots = vectorArea('bundle/conformance');
const cases = slsa.present ? slsa.json<{ cases: Case[] }>('verify-cases.json').cases : [];

/** Bundles of the public instance of Sigstore: what has no entry in its log is of an instance whose root is not at hand. */
const publicBundles = cases.filter(
  ({ file }) =>
    slsa.text(file).includes('"inclusionPromise"') || slsa.text(file).includes('"inclusionProof"'),
);

interface NpmFile {
  readonly file: string;
  readonly attestations: readonly {
    readonly verifyWith: string;
    readonly subject?: readonly { readonly name: string }[] | null;
    readonly subjectIsSha512Of?: string;
  }[];
  readonly expect: { readonly ok: boolean };
}

/** What the registry of npm answers about a package that is at hand. */
const packages = slsa.present
  ? slsa
      .json<{ files: NpmFile[] }>('npm', 'expected.json')
      .files.flatMap(({ file, attestations, expect: wanted }) => {
        const tarball = attestations.find((each) => each.subjectIsSha512Of !== undefined)?.subjectIsSha512Of;
        const [name] = attestations.flatMap(({ subject }) => subject?.map((each) => each.name) ?? []);
        const key = attestations.find(({ verifyWith }) => verifyWith.endsWith('.pem'))?.verifyWith;
        return tarball === undefined || name === undefined || key === undefined
          ? []
          : [{ file, tarball, key, name: decodeURIComponent(name.slice('pkg:npm/'.length)), ok: wanted.ok }];
      })
  : [];

function flagsOf({ digest, externalParameters, ...rest }: Case['expectations']): string[] {
  const unknown = Object.keys(rest).filter((name) => FLAGS[name] === undefined);
  if (unknown.length > 0) throw new Error(`no flag for ${unknown.join(', ')}`);
  return [
    '--digest',
    digest,
    ...Object.entries(rest).flatMap(([name, value]) => [FLAGS[name] ?? '', String(value)]),
    ...(externalParameters?.allowOnly ?? []).flatMap((name) => ['--allow-parameter', name]),
  ];
}

describe.skipIf(!slsa.present || !roots.present)('provenance verify, from the signature on', () => {
  it.each(publicBundles)('$name', async ({ file, expectations, expect: wanted }) => {
    const io = testIo({
      root: readFileSync(roots.path('public-good-trusted_root.json'), 'utf8'),
      attestation: slsa.text(file),
    });
    const trust = ['--trusted-root', 'root', '--trust', 'github-generators'];
    const ran = await runIn(
      io,
      'provenance',
      'verify',
      ...trust,
      ...flagsOf(expectations),
      '--json',
      'attestation',
    );
    const { ok, checks, level } = JSON.parse(ran.stdout);
    expect({ ok, exitCode: ran.exitCode }).toEqual({ ok: wanted.ok, exitCode: wanted.ok ? 0 : 1 });
    if (wanted.level !== undefined) expect(level).toBe(wanted.level);
    const failed = checks.filter(({ status }: { status: string }) => status === 'fail');
    if (wanted.error !== undefined)
      expect(failed).toContainEqual(expect.objectContaining({ code: wanted.error }));
  });
});

describe.skipIf(!slsa.present || !roots.present)('provenance verify-npm, from the signature on', () => {
  it.each(packages)('$file', async ({ file, tarball, key, name, ok }) => {
    const { attestations } = slsa.json<{ attestations: { bundle: { dsseEnvelope: { payload: string } } }[] }>(
      'npm',
      file,
    );
    const statements = attestations.map(({ bundle }) =>
      Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString(),
    );
    const repository =
      /https:\/\/github\.com\/[\w.-]{1,100}\/[\w.-]{1,100}/.exec(
        statements
          .join('')
          .replaceAll('https://github.com/npm/', '')
          .replaceAll('https://github.com/actions/', ''),
      )?.[0] ?? '';
    const io = testIo({
      root: readFileSync(roots.path('public-good-trusted_root.json'), 'utf8'),
      key: slsa.text('npm', key),
      answer: slsa.text('npm', file),
    });
    io.files.set('tarball', { bytes: slsa.bytes(tarball), mode: 0o644 });
    const trust = ['--trusted-root', 'root', '--registry-key', 'key', '--repository', repository];
    const ask = (...args: readonly string[]) =>
      runIn(io, 'provenance', 'verify-npm', ...trust, ...args, 'answer');
    const ran = await ask('--package', name, '--tarball', 'tarball');
    expect([ran.exitCode, ran.stderr === '']).toEqual(ok ? [0, true] : [1, false]);
    const other = await ask('--package', `${name}.1`, '--tarball', 'tarball');
    expect(other.exitCode).toBe(1);
    expect((await ask('--package', name, '--tarball', 'key')).exitCode).toBe(1);
  });
});
