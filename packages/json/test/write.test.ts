import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  compareCodePoints,
  goJson,
  goJsonOrdered,
  isJsonObject,
  jsonPointer,
  type JsonValue,
  parseJson,
} from '../src/index.js';

const invalid = (pointer: string) => expect.objectContaining({ code: 'ERR_JSON_VALUE', pointer });

describe('compareCodePoints', () => {
  it('is the order of UTF-8', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '\u00e9', '\uffff', '\ue000', '\u{1f600}', '\u{10ffff}'),
    });
    const hex = (value: string) =>
      Array.from(new TextEncoder().encode(value), (byte) => byte.toString(16).padStart(2, '0')).join('');
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = hex(a) < hex(b) ? -1 : hex(a) > hex(b) ? 1 : 0;
        expect(Math.sign(compareCodePoints(a, b))).toBe(expected);
      }),
    );
  });
});

describe('canonicalJson', () => {
  it('writes the sample of RFC 8785 section 3.2.2', () => {
    const input =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(parseJson(input))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts by UTF-16 code units (RFC 8785 section 3.2.3)', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const value = Object.fromEntries(names.map((name) => [name, 0]));
    expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toEqual([
      '1',
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\u{1f600}',
      '\ufb33',
    ]);
  });

  it('is the same text for the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as JsonValue);
        expect(canonicalJson(parseJson(text))).toBe(text);
        expect(parseJson(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what it cannot hold', () => {
    expect(() => canonicalJson({ a: [Number.NaN] })).toThrow(invalid('/a/0'));
    expect(() => canonicalJson({ a: '\ud800' })).toThrow(invalid('/a'));
    expect(() => canonicalJson({ '\udfff': 1 })).toThrow(invalid(''));
  });
});

describe('goJson', () => {
  it('escapes as Go does', () => {
    expect(goJson({ b: '<a href="x">&\u2028\u2029\u007f\u0001\b\f', a: ['\u00e9/'] })).toBe(
      '{"a":["\u00e9/"],"b":"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029\u007f\\u0001\\b\\f"}',
    );
    expect(goJson('\ud800')).toBe('"\ufffd"');
  });

  it('sorts by UTF-8, and not at all when ordered', () => {
    const value = { '\u{1f600}': 1, '\ufb33': 2, b: 3, ab: 4, a: 5 };
    expect(goJson(value)).toBe('{"a":5,"ab":4,"b":3,"\ufb33":2,"\u{1f600}":1}');
    expect(goJsonOrdered(value)).toBe('{"\u{1f600}":1,"\ufb33":2,"b":3,"ab":4,"a":5}');
  });

  it('writes numbers as Go does', () => {
    expect(goJson([1e20, 1e21, 1e-6, 1e-7, -0, 1.5, true, null])).toBe(
      '[100000000000000000000,1e+21,0.000001,1e-7,-0,1.5,true,null]',
    );
    expect(() => goJson(Number.POSITIVE_INFINITY)).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_VALUE' }),
    );
  });
});

describe('jsonPointer and isJsonObject', () => {
  it('escape and tell apart', () => {
    expect(jsonPointer()).toBe('');
    expect(jsonPointer('a/b', 0, 'm~n')).toBe('/a~1b/0/m~0n');
    expect([{}, [], null, 'a', 1].map((value) => isJsonObject(value))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
