import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { credentialKeys, parseAuthFile, parseReference } from '../src/index.js';

interface Area {
  auth_file: unknown;
  cases: { reference: string; expect: 'anonymous' | 'error' | { username: string; password: string } }[];
  lookup_keys?: { name: string; keys: string[] }[];
}

const area = vectorArea('images');

describe.skipIf(!area.present)(`credentials of vectors of ${area.name}`, () => {
  const read = (): Area => area.json<Area>('registry-auth.json');

  it.each(area.present ? read().cases : [])('$reference', async (row) => {
    const found = parseAuthFile(JSON.stringify(read().auth_file)).find(parseReference(row.reference));
    if (row.expect === 'error') await expect(found).rejects.toMatchObject({ code: 'ERR_OCI_CREDENTIALS' });
    else expect(await found).toEqual(row.expect === 'anonymous' ? undefined : row.expect);
  });

  it.each(area.present ? (read().lookup_keys ?? []) : [])('keys of $name', ({ name, keys }) => {
    expect(credentialKeys(parseReference(name))).toEqual(keys);
  });
});
