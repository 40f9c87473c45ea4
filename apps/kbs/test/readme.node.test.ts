import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../src/config/parse.js';
import { mustBeSound, mustBeSupported } from '../src/config/supported.js';
import { parseDeclarativePolicy } from '../src/policy/declarative.js';
import { AFFIRMING_SAMPLE } from './broker.js';

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

describe('the README', () => {
  it('shows a configuration that starts', () => {
    const parsed = parseConfig(blocks('toml').join('\n'), 'README.md');
    mustBeSound(parsed);
    expect(mustBeSupported(parsed).sealwright).toMatchObject({
      database: 'kbs.sqlite',
      reference_values: { svn: ['1'] },
    });
  });

  it('shows the reference values that the tests use', () => {
    expect(blocks('toml')).toContain(AFFIRMING_SAMPLE.trimStart());
  });

  it('shows a policy that can be uploaded', () => {
    const policies = blocks('json');
    expect(policies).toHaveLength(1);
    for (const text of policies) expect(parseDeclarativePolicy(text, 'README.md').name).toBe('README.md');
  });
});
