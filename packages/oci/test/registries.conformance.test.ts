import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { formatReference, parseReference, parseRegistriesConfig, pullAttempts } from '../src/index.js';

interface Area {
  config_toml: string;
  cases: { reference: string; expect: string | { reference: string; kind: string; use_http: boolean }[] }[];
  invalid_configs: { toml: string; error: string }[];
}

const area = vectorArea('images');

describe.skipIf(!area.present)(`registries files of vectors of ${area.name}`, () => {
  const read = (): Area => area.json<Area>('registry-config.json');

  it.each(area.present ? read().cases : [])('$reference', (row) => {
    const attempts = () =>
      pullAttempts(parseRegistriesConfig(read().config_toml), parseReference(row.reference));
    if (typeof row.expect === 'string') {
      expect(row.expect).toBe('error: blocked');
      expect(attempts).toThrow(expect.objectContaining({ code: 'ERR_OCI_BLOCKED' }));
      return;
    }
    const found = attempts().map(({ reference, kind, insecure }) => ({
      reference: formatReference(reference),
      kind,
      use_http: insecure,
    }));
    expect(found).toEqual(row.expect);
  });

  it.each(area.present ? read().invalid_configs : [])('refuses: $error', ({ toml }) => {
    expect(() => parseRegistriesConfig(toml)).toThrow(expect.objectContaining({ code: 'ERR_OCI_CONFIG' }));
  });
});
