import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseJson } from '../src/index.js';

const refusal = (code: string, offset: number, pointer: string) =>
  expect.objectContaining({ code, offset, pointer });

describe('parseJson', () => {
  it('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('says the same of a text however it is written', () => {
    const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 });
    fc.assert(
      fc.property(value, fc.boolean(), fc.integer({ min: 0, max: 6 }), (given, twice, maxDepth) => {
        const compact = twice
          ? `{"a":${JSON.stringify(given)},"a":${JSON.stringify(given)}}`
          : JSON.stringify(given);
        const outcomes = [compact, `${compact}\n`, ` ${compact} \n`].map((text) => {
          try {
            return parseJson(text, { maxDepth });
          } catch (error) {
            return (error as JsonError).code;
          }
        });
        expect(outcomes[0]).toEqual(outcomes[2]);
        expect(outcomes[1]).toEqual(outcomes[2]);
        if (twice) expect(outcomes[2]).toMatch(/^ERR_JSON_(DUPLICATE|DEPTH)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '1',
    '-0',
    '0.5',
    '1e3',
    '-1.25E-2',
    '1e400',
    '"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"',
    ' [ ] ',
    '{ "a" : [ 1 , { } ] }',
    '"\u007f\u2028"',
  ])('takes %s', (text) => expect(parseJson(text)).toEqual(JSON.parse(text)));

  it.each([
    ['', 0, ''],
    [' ', 1, ''],
    ['01', 1, ''],
    ['1.', 2, ''],
    ['.5', 0, ''],
    ['+1', 0, ''],
    ['1e', 2, ''],
    ['-', 1, ''],
    ['nul', 0, ''],
    ['NaN', 0, ''],
    ['"a', 2, ''],
    ['"\n"', 1, ''],
    ['"\\x"', 1, ''],
    ['"\\u12"', 1, ''],
    ['"\\u12g4"', 1, ''],
    ['[1,]', 3, '/1'],
    ['[1 2]', 3, ''],
    ['{"a":1,}', 7, ''],
    ['{"a" 1}', 5, '/a'],
    ['{a:1}', 1, ''],
    ['{"a":[1,{"b/~":x}]}', 15, '/a/1/b~1~0'],
    ['1 1', 2, ''],
    ['\u00a01', 0, ''],
    ["'a'", 0, ''],
    ['{"a":1', 6, ''],
  ])('refuses %j with its place', (text, offset, pointer) => {
    expect(() => parseJson(text)).toThrow(refusal('ERR_JSON_SYNTAX', offset, pointer));
  });

  it('refuses exactly what JSON.parse refuses, but for duplicates', () => {
    const alphabet = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      'a',
      '\\',
      'u',
      '0',
      '1',
      '.',
      'e',
      '-',
      ' ',
      'true',
      'null',
    );
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 14 }), (parts) => {
        const text = parts.join('');
        let expected: unknown = JsonError;
        try {
          expected = JSON.parse(text);
        } catch {
          // stays the refusal
        }
        if (expected === JsonError) expect(() => parseJson(text)).toThrow(JsonError);
        else expect(parseJson(text, { duplicates: 'last' })).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a member named twice, however it is spelled', () => {
    expect(() => parseJson('{"x":{"a":1,"\\u0061":2}}')).toThrow(refusal('ERR_JSON_DUPLICATE', 12, '/x/a'));
    expect(() => parseJson('{"__proto__":1,"__proto__":2}')).toThrow(
      refusal('ERR_JSON_DUPLICATE', 15, '/__proto__'),
    );
    expect(parseJson('{"a":1,"a":2}', { duplicates: 'last' })).toEqual({ a: 2 });
  });

  it.each([
    ['ASCII', 'name'],
    ['two bytes', '\u00e9'],
    ['four bytes', '\u{1f600}'],
    ['half a surrogate pair', '\ud800'],
  ])('counts offsets in UTF-16, and finds repeats, beside %s', (_name, word) => {
    const at = word.length;
    expect(() => parseJson(`{"${word}":x}`)).toThrow(refusal('ERR_JSON_SYNTAX', 4 + at, `/${word}`));
    expect(() => parseJson(`{"${word}":1,"${word}":2}`)).toThrow(
      refusal('ERR_JSON_DUPLICATE', 6 + at, `/${word}`),
    );
    for (const size of [5, 8, 9, 100]) {
      const names = Array.from({ length: size }, (_, index) => `"${word}${index}":${index}`);
      expect(parseJson(`{${names.join()}}`)).toEqual(JSON.parse(`{${names.join()}}`));
      for (const name of [`${word}0`, `${word}${size - 1}`, `${word}\\u0030`]) {
        const text = `{"a":[{${names.join()},"${name}":0}]}`;
        const offset = text.lastIndexOf(`"${name}"`);
        expect(() => parseJson(text)).toThrow(
          expect.objectContaining({ code: 'ERR_JSON_DUPLICATE', offset }),
        );
      }
    }
  });

  it('tells names apart that differ in half surrogate pairs alone', () => {
    for (const text of ['{"\ud800":1,"\udc00":2}', '{"\\ud800":1,"\\udc00":2,"\ufffd":3}'])
      expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('keeps the text of big integers when it is asked to, and of nothing else', () => {
    const text = '[18446744073709551615, -9007199254740993, 9007199254740991, 1e30, 12345678901234567.5]';
    expect(parseJson(text, { bigIntegers: 'text' })).toEqual([
      '18446744073709551615',
      '-9007199254740993',
      9_007_199_254_740_991,
      1e30,
      12_345_678_901_234_568,
    ]);
    expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(
      parseJson('["\u00e9",18446744073709551615,"\u{1f600}",-18446744073709551615]', { bigIntegers: 'text' }),
    ).toEqual(['\u00e9', '18446744073709551615', '\u{1f600}', '-18446744073709551615']);
  });

  it('keeps __proto__ as a member', () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":1}');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
  });

  it('caps depth, size and count', () => {
    expect(parseJson('[[[]]]', { maxDepth: 3 })).toEqual([[[]]]);
    expect(() => parseJson('[[[[]]]]', { maxDepth: 3 })).toThrow(refusal('ERR_JSON_DEPTH', 3, '/0/0/0'));
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_DEPTH' }),
    );
    expect(() => parseJson('"abc"', { maxBytes: 4 })).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_SIZE' }),
    );
    expect(() => parseJson('[1,2,3]', { maxNodes: 3 })).toThrow(refusal('ERR_JSON_SIZE', 5, '/2'));
    expect(parseJson('[{"a":1,"b":2},[1,2,3]]', { maxMembers: 2 })).toHaveLength(2);
    expect(() => parseJson('[{"a":1,"b":2}]', { maxMembers: 1 })).toThrow(refusal('ERR_JSON_SIZE', 8, '/0'));
  });

  it('reads UTF-8 and refuses what is not', () => {
    expect(parseJson(new TextEncoder().encode('"\u00e9"'))).toBe('\u00e9');
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0xef, 0xbb, 0xbf, 0x31],
    ]) {
      expect(() => parseJson(Uint8Array.from(bytes))).toThrow(
        expect.objectContaining({ code: 'ERR_JSON_UTF8' }),
      );
    }
  });

  it.skipIf(typeof SharedArrayBuffer === 'undefined')('reads memory that threads share', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(7));
    shared.set(new TextEncoder().encode('{"a":1}'));
    expect(parseJson(shared)).toEqual({ a: 1 });
  });

  it('answers any bytes at all with a value or a JsonError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string()), (input) => {
        try {
          parseJson(input);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
        }
      }),
    );
  });
});

describe('long strings', () => {
  const long = 'x'.repeat(300);

  it.each([
    ['plain', long],
    ['with what JSON escapes', `${long}\\"\n\u0000${long}`],
    ['with any character', `${long}\u007f\u2028\u{1f600}\ud800${long}`],
  ])('%s are read as JSON.parse reads them', (_name, value) => {
    for (const text of [
      JSON.stringify(value),
      JSON.stringify([value, value]),
      JSON.stringify({ [value]: value }),
    ]) {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }
  });

  it.each(['\n', '\u0000', '\u001f'])('refuse the control character %j, at its place', (character) => {
    expect(() => parseJson(`["${long}${character}${long}"]`)).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_SYNTAX', offset: 302, pointer: '/0' }),
    );
  });

  it.each(['', '\\\\', '\u00e9'])('refuse a control character in a name too, after %j', (before) => {
    for (const [first, second] of [
      ['1', '"'],
      ['x', ''],
      ['1,"a":1', ''],
    ]) {
      const name = `"${before}${long}\u0001${long}"`;
      const offset = 2 + before.length + long.length;
      expect(() => parseJson(`{${name}:${first},${name}${second}}`)).toThrow(
        expect.objectContaining({ code: 'ERR_JSON_SYNTAX', offset }),
      );
    }
  });

  it('refuse to end without a quote, or with an escaped one', () => {
    for (const text of [`"${long}`, `"${long}\\"`, `"${long}\\`, `{"${long}":"${long}`]) {
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'ERR_JSON_SYNTAX' }));
    }
  });
});
