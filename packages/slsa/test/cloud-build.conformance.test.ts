import { importPublicKey } from '@sealwright/crypto';
import { matchDigests } from '@sealwright/in-toto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  appraiseProvenance,
  type CloudBuildKey,
  parseCloudBuild,
  preferredCloudBuild,
  SlsaError,
  verifyCloudBuild,
} from '../src/index.js';
import { cloudBuild } from '../src/trust/index.js';

const area = vectorArea('slsa/gcb');

interface Signature {
  readonly keyid: string;
  readonly keyFile: string;
  readonly covers: string;
  readonly valid: boolean;
}

interface File {
  readonly file: string;
  readonly provenances: readonly {
    readonly signatures: readonly Signature[];
    readonly statementType?: string;
    readonly predicateType?: string;
    readonly builderId?: string;
    readonly buildType?: string;
    readonly subjectDigest?: Readonly<Record<string, string>>;
    readonly subjectCount?: number;
  }[];
  readonly expect: { readonly ok: boolean; readonly error?: string; readonly prefer?: string };
}

const files = area.present ? area.json<{ files: File[] }>('expected.json').files : [];

/** Files of keys are named by location, name and version; those without a name check signatures that are not over PAE. */
function keyOf(keyid: string): CloudBuildKey {
  const [, location = '', name = '', version = ''] =
    /\/locations\/([^/]+)\/.*\/cryptoKeys\/([^/]+)\/cryptoKeyVersions\/([^/]+)$/.exec(keyid) ?? [];
  const covers = name === 'builtByGCB' ? 'payload' : 'pae';
  const file = covers === 'payload' ? `${location}.pem` : `${location}-pae-${name}_${version}.pem`;
  return { keyid, key: importPublicKey(area.text('keys', file)), covers };
}

describe.skipIf(!area.present)('Cloud Build', () => {
  it('has a case for every file', () => {
    const found = area.list().filter((name) => name.endsWith('.json') && name !== 'expected.json');
    expect(files.map(({ file }) => file).sort()).toEqual(found);
  });

  it.each(files)('$file', async ({ file, provenances, expect: expected }) => {
    const parsed = parseCloudBuild(area.bytes(file));
    const keyids = provenances.flatMap(({ signatures }) => signatures.map(({ keyid }) => keyid));
    const keys = [...new Set(keyids)].map(keyOf);
    const verdicts = await verifyCloudBuild(parsed, keys);
    expect(verdicts.length).toBe(provenances.length);
    for (const [index, { signatures }] of provenances.entries()) {
      const envelope = parsed.provenance[index]?.envelope;
      if (envelope instanceof SlsaError || envelope === undefined) continue;
      expect(envelope.signatures.map(({ keyid }) => keyid)).toEqual(signatures.map(({ keyid }) => keyid));
      const signed = verdicts[index]?.checks.find(({ code }) => code === 'DSSE_NO_VALID_SIGNATURE');
      expect(signed?.status === 'pass').toBe(signatures.some(({ valid }) => valid));
    }
    const preferred = preferredCloudBuild(verdicts);
    expect(preferred !== undefined).toBe(expected.ok);
    const failed = verdicts.flatMap(({ checks }) => checks.filter(({ status }) => status === 'fail'));
    if (expected.error !== undefined) expect(failed.map(({ code }) => code)).toContain(expected.error);
    if (preferred === undefined) return;
    const { statement, view } = preferred;
    const described = provenances.find(
      ({ predicateType }) => predicateType === (expected.prefer ?? statement.predicateType),
    );
    expect(`https://in-toto.io/Statement/${statement.version}`).toBe(described?.statementType);
    expect(view.builderId).toBe(described?.builderId);
    expect(view.buildType).toBe(described?.buildType);
    expect(statement.subject.length).toBe(described?.subjectCount);
    expect(matchDigests(statement.subject[0]?.digest ?? {}, described?.subjectDigest ?? {})).toBe('sha256');
    const digest = parsed.summary.digest;
    const trust = cloudBuild(keys.map(({ keyid }) => keyid));
    const verdict = appraiseProvenance(preferred, { trust, expect: { digest, minLevel: 3 } });
    expect(verdict.checks.filter(({ status }) => status === 'fail')).toEqual([]);
  });
});
