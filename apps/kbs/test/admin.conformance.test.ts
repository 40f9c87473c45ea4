import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { createAdminAccess } from '../src/admin/access.js';
import { parseAdmin } from '../src/config/admin.js';
import { Section } from '../src/config/section.js';
import type { AdminConfig } from '../src/config/types.js';

const area = vectorArea('kbs/admin');
const cases = <T>(file: string): T[] => (area.list().includes(file) ? area.json<T[]>(file) : []);

describe.skipIf(!area.present)('the vectors of kbs/admin', () => {
  it('are here', () => expect(area.list()).not.toHaveLength(0));
});

interface AccessCase {
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly now: number;
  readonly uri: string;
  readonly authorization: string | null;
  readonly expect: { readonly allowed: boolean; readonly reason?: string };
}

describe.skipIf(!area.present)('access-cases.json', () => {
  it.for(cases<AccessCase>('access-cases.json'))('$name', async (item) => {
    const access = await createAdminAccess(
      parse(item.config),
      async (uri) => area.text(uri),
      () => item.now * 1000,
    );
    const decision = await access.check({ uri: item.uri, authorization: item.authorization });
    expect(decision.allowed).toBe(item.expect.allowed);
    if (!decision.allowed) expect(decision.reason).toBe(item.expect.reason);
  });
});

interface ConfigCase {
  readonly config: Record<string, unknown>;
  readonly valid: boolean;
  readonly reason?: string;
}

describe.skipIf(!area.present)('config-cases.json', () => {
  const all = cases<ConfigCase>('config-cases.json');
  it.for(
    all.map((item) => ({ ...item, title: `${item.reason ?? 'valid'}: ${JSON.stringify(item.config)}` })),
  )('$title', (item) => {
    if (item.valid)
      expect(parse(item.config)).toMatchObject({ authorization_mode: item.config['authorization_mode'] });
    else expect(() => parse(item.config)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});

function parse(config: Record<string, unknown>): AdminConfig {
  return parseAdmin(new Section({ file: 'case', lines: new Map() }, ['admin'], config));
}
