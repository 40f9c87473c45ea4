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
