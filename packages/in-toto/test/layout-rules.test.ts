import { decodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InTotoError } from '../src/index.js';
import { applyRules, linkFiles } from '../src/layout/apply-rules.js';
import { Checks } from '../src/layout/check.js';
import { compileGlob, WorkBudget } from '../src/layout/glob.js';
import {
  type ArtifactRule,
  type Artifacts,
  canonicalMetadata,
  encodeRule,
  linkFileName,
  parseLinkFileName,
  parseRule,
} from '../src/layout/index.js';
import { cleanPath } from '../src/layout/path.js';

const matches = (pattern: string, path: string) =>
  compileGlob(pattern).matches(path, new WorkBudget(1_000_000));
const code = (value: string) => expect.objectContaining({ name: 'InTotoError', code: value });

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'a/b', true],
    ['', '', true],
    ['', 'a', false],
    ['foo.py', 'foo.py', true],
    ['foo.py', 'foo_py', false],
    ['foo*', 'foo/bar/baz', true],
    ['*.py', 'a/b.py', true],
    ['*.py', 'a/b.pyc', false],
    ['a?c', 'a/c', true],
    ['a?c', 'ac', false],
    ['?', '\u{1f600}', true],
    ['a*b*c', 'axxbyybzzc', true],
    ['a*b*c', 'axxbyybzz', false],
    ['**a', 'bca', true],
    ['[abc]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[!a-c]x', 'ax', false],
    ['[^a]x', '^x', true],
    ['[^a]x', 'bx', false],
    ['[*]', '*', true],
    ['[*]', 'a', false],
    ['[\\]]', ']', true],
    ['a-]', 'a-]', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a*', 'b', false],
  ])('%j on %j: %j', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it.each(['[', '[]', '[a', '[!]', '[a-', '[a-]', '[-a]', '[]a]', '[b-a]', '[a\\', '\\', 'a\\'])(
    'refuses %j',
    (pattern) => {
      expect(() => compileGlob(pattern)).toThrow(code('LAYOUT_BAD_RULE'));
    },
  );

  it('matches as a regular expression does', () => {
    const word = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', '[!a]'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    const path = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(word, path, (pattern, name) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.').replaceAll('[!', '[^');
        expect(matches(pattern, name)).toBe(new RegExp(`^(?:${source})$`, 's').test(name));
      }),
    );
  });

  it('does not take more steps than pattern length times path length', () => {
    const [pattern, path] = [`${'a*'.repeat(50)}b`, 'a'.repeat(2000)];
    expect(compileGlob(pattern).matches(path, new WorkBudget(2 * pattern.length * path.length))).toBe(false);
    expect(() => compileGlob(pattern).matches(path, new WorkBudget(100))).toThrow(
      code('INTOTO_LIMIT_EXCEEDED'),
    );
  });

  it('says which path it is, when it has no wildcards', () => {
    expect(compileGlob('a\\*b').literal).toBe('a*b');
    expect(compileGlob('a*b').literal).toBeUndefined();
  });
});

describe('a path', () => {
  it.each([
    ['', '.'],
    ['./a//b/', 'a/b'],
    ['a/../b', 'b'],
    ['../../a', '../../a'],
    ['a/../..', '..'],
    ['/..//a/.', '/a'],
    ['/', '/'],
  ])('%j is %j', (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
    expect(cleanPath(clean)).toBe(clean);
  });
});

describe('a rule', () => {
  it.each([
    'CREATE a',
    'DELETE a',
    'MODIFY a',
    'ALLOW *',
    'DISALLOW *',
    'REQUIRE a',
    'MATCH a WITH PRODUCTS FROM s',
    'MATCH a IN x WITH MATERIALS FROM s',
    'MATCH a WITH PRODUCTS IN y FROM s',
    'MATCH a IN x WITH PRODUCTS IN y FROM s',
    'MATCH in IN in WITH PRODUCTS IN with FROM from',
  ])('%s reads and writes', (text) => {
    expect(encodeRule(parseRule(text.split(' '))).join(' ')).toBe(text);
  });

  it('folds the case of keywords and of nothing else', () => {
    expect(parseRule(['match', 'A', 'in', 'B', 'With', 'products', 'from', 'S'])).toEqual({
      type: 'MATCH',
      pattern: 'A',
      sourcePrefix: 'B',
      with: 'PRODUCTS',
      destinationPrefix: '',
      from: 'S',
    });
  });

  it.each([
    '',
    'ALLOW',
    'ALLOW a b',
    'PERMIT a',
    'MATCH a',
    'MATCH a WITH PRODUCTS',
    'MATCH a WITH THINGS FROM s',
    'MATCH a WITH PRODUCTS FROM s t',
    'MATCH a IN',
    'MATCH a IN x FROM s',
    'ALLOW [',
  ])('%j is refused', (text) => {
    expect(() => parseRule(text.split(' '), '/x')).toThrow(
      expect.objectContaining({ code: 'LAYOUT_BAD_RULE', pointer: '/x' }),
    );
  });

  it('is an InTotoError for any other words', () => {
    const word = fc.oneof(
      fc.constantFrom('MATCH', 'IN', 'WITH', 'PRODUCTS', 'FROM', 'ALLOW', 'a'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 11 }), (words) => {
        try {
          const rule = parseRule(words);
          expect(parseRule(encodeRule(rule))).toEqual(rule);
        } catch (error) {
          expect(error).toBeInstanceOf(InTotoError);
        }
      }),
    );
  });
});

describe('rules over files', () => {
  const [A, B] = [{ sha256: 'aa' }, { sha256: 'bb' }];
  const materials: Artifacts = { kept: A, './changed': A, deleted: A };
  const products: Artifacts = { kept: A, changed: B, 'new/x': B };
  const others = new Map([['s', linkFiles({ materials: {}, products: { kept: A, changed: A, 'd/x': B } })]]);
  const run = (side: 'Materials' | 'Products', ...texts: string[]) => {
    const rules: ArtifactRule[] = texts.map((text) => parseRule(text.split(' ')));
    const checks = new Checks();
    const item = { name: 'i', expectedMaterials: [], expectedProducts: [], [`expected${side}`]: rules };
    applyRules(item, linkFiles({ materials, products }), others, new WorkBudget(10_000), checks);
    return checks.list.map(({ outcome, actual }) => `${outcome} ${actual}`);
  };

  it.each([
    [
      'Materials',
      ['CREATE *', 'DISALLOW *'],
      ['pass accounts for: none', 'fail left over: kept, changed, deleted'],
    ],
    ['Products', ['CREATE *', 'DISALLOW *'], ['pass accounts for: new/x', 'fail left over: kept, changed']],
    [
      'Materials',
      ['DELETE *', 'DISALLOW *'],
      ['pass accounts for: deleted', 'fail left over: kept, changed'],
    ],
    ['Products', ['MODIFY *'], ['pass accounts for: changed']],
    ['Products', ['MODIFY kept'], ['pass accounts for: none']],
    [
      'Products',
      ['ALLOW ./new/../kept', 'ALLOW kept'],
      ['pass accounts for: kept', 'pass accounts for: none'],
    ],
    [
      'Products',
      ['REQUIRE kept', 'ALLOW *', 'REQUIRE kept', 'DISALLOW *'],
      [
        'pass it is there',
        'pass accounts for: kept, changed, new/x',
        'fail it is not there',
        'pass left over: none',
      ],
    ],
    ['Products', ['REQUIRE ke*'], ['fail it is not there']],
    [
      'Products',
      ['MATCH * WITH PRODUCTS FROM s', 'DISALLOW *'],
      ['pass accounts for: kept', 'fail left over: changed, new/x'],
    ],
    ['Products', ['MATCH x IN new WITH PRODUCTS IN d FROM s'], ['pass accounts for: new/x']],
    ['Products', ['MATCH * IN new/ WITH PRODUCTS IN ./d/ FROM s'], ['pass accounts for: new/x']],
    ['Products', ['MATCH kept IN new WITH PRODUCTS FROM s'], ['pass accounts for: none']],
    ['Products', ['MATCH kept IN . WITH PRODUCTS FROM s'], ['pass accounts for: kept']],
    ['Products', ['MATCH * WITH MATERIALS FROM s'], ['pass accounts for: none']],
    ['Products', ['MATCH * WITH PRODUCTS FROM unknown'], ['pass accounts for: none']],
    ['Products', [], []],
  ] as const)('%s: %j', (side, rules, expected) => {
    expect(run(side, ...rules)).toEqual(expected);
  });

  it('takes files for equal only when all digests are', () => {
    const with2 = linkFiles({
      materials: { f: { sha256: 'aa', sha512: 'b' } },
      products: { f: { sha256: 'aa' } },
    });
    const checks = new Checks();
    const item = { name: 'i', expectedMaterials: [], expectedProducts: [parseRule(['MODIFY', 'f'])] };
    applyRules(item, with2, new Map(), new WorkBudget(100), checks);
    expect(checks.list[0]?.actual).toBe('accounts for: f');
  });
});

describe('canonical JSON', () => {
  it('escapes two characters only, and sorts by code points', () => {
    const value = { b: [1, -2, true, null], a: 'q"\\\n\u00e9', '\u{1f600}': {}, '\uffff': 0, '': -0 };
    expect(decodeUtf8(canonicalMetadata(value))).toBe(
      '{"":0,"a":"q\\"\\\\\n\u00e9","b":[1,-2,true,null],"\uffff":0,"\u{1f600}":{}}',
    );
  });

  it.each([[1.5], [2 ** 53], [Number.NaN], ['\ud800'], [{ '\udc00': 1 }], [{ a: [0.1] }]])(
    'refuses %j',
    (value) => {
      expect(() => canonicalMetadata(value)).toThrow(code('LAYOUT_NOT_CANONICAL'));
    },
  );
});

describe('a file name of a link', () => {
  it('is the step and the front of the key id', () => {
    expect(linkFileName('write.code', '0123456789')).toBe('write.code.01234567.link');
    expect(parseLinkFileName('write.code.01234567.link')).toEqual({ step: 'write.code', keyid: '01234567' });
    for (const name of ['a.link', '.x.link', 'a..link', 'a.b.json', ''])
      expect(parseLinkFileName(name)).toBeUndefined();
  });
});
