import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { parseConfig } from '../src/config/parse.js';
import { mustBeSound } from '../src/config/supported.js';

const area = vectorArea('kbs/config');
const has = (file: string): boolean => area.present && area.list().includes(file);

describe.skipIf(!area.present)('the vectors of kbs/config', () => {
  it('are here', () => expect(area.list()).not.toHaveLength(0));
});

describe.skipIf(!area.present)('configurations of the original', () => {
  it.for(area.list().filter((name) => name.endsWith('.toml')))('%s is read', (name) => {
    expect(parseConfig(area.text(name), name).config.http_server.sockets).not.toHaveLength(0);
  });
});

describe.skipIf(!has('expected.json'))('expected.json', () => {
  const expected = has('expected.json')
    ? Object.entries(area.json<Record<string, object>>('expected.json'))
    : [];
  it.for(expected)('%s has these values', ([name, values]) => {
    const { sealwright, ...config } = parseConfig(area.text(name), name).config;
    expect(config).toEqual(values);
    expect(sealwright.database).toBeNull();
  });
});

describe.skipIf(!has('negative.json'))('negative.json', () => {
  const cases = has('negative.json') ? area.json<{ toml: string; why: string }[]>('negative.json') : [];
  it.for(cases)('$why', ({ toml }) => {
    expect(() => mustBeSound(parseConfig(toml, 'case.toml'))).toThrow(
      expect.objectContaining({ name: 'UsageError' }),
    );
  });
});
