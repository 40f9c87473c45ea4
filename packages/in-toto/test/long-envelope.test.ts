import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { JsonError, parseJson } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUT, cutPayload } from '../src/cut-payload.js';
import { DSSE_LIMITS, type DsseEnvelope, envelopeOf, parseEnvelope } from '../src/envelope.js';
import { InTotoError } from '../src/index.js';

const PAYLOAD = encodeBase64(Uint8Array.from({ length: 3000 }, (_, index) => (index * 7) % 251));
const OTHER = encodeBase64(new Uint8Array(2400).fill(0x5a));
const TYPE = '"payloadType":"application/vnd.in-toto+json"';
const SIGNATURES = '"signatures":[{"keyid":"a","sig":"AAAA"}]';
const LONG = `{${TYPE},"payload":"${PAYLOAD}",${SIGNATURES}}`;

/** What comes out, or the code and place of the fault, as text. */
function outcome(parse: () => DsseEnvelope): string {
  try {
    const { payloadType, payload, signatures } = parse();
    const rest = signatures.map(({ keyid, sig, unknown }) => [keyid, encodeBase64(sig), unknown]);
    return JSON.stringify([payloadType, encodeBase64(payload), rest]);
  } catch (error) {
    if (error instanceof InTotoError)
      return `${JSON_CODES.has(error.code) ? 'JSON' : error.code} ${error.pointer}`;
    if (error instanceof JsonError) return `JSON ${error.pointer}`;
    throw error;
  }
}

/** The same, with the whole text going through the parser of JSON. */
function whole(text: string): string {
  return outcome(() => envelopeOf(parseJson(text, DSSE_LIMITS)));
}

/** What faults of JSON are called here. */
const JSON_CODES: ReadonlySet<string> = new Set([
  'DSSE_MALFORMED_JSON',
  'DSSE_DUPLICATE_KEY',
  'DSSE_LIMIT_EXCEEDED',
]);

describe('a long envelope', () => {
  it('is cut, so that the rest is short', () => {
    expect(cutPayload(LONG)).toEqual({ rest: LONG.replace(PAYLOAD, CUT), payload: PAYLOAD });
    expect(cutPayload(encodeUtf8(LONG))?.payload).toBe(PAYLOAD);
    expect(cutPayload(LONG.replace('"payload":', '"payload" :\n\t\r '))?.payload).toBe(PAYLOAD);
  });

  it.each([
    ['a short one', `{${TYPE},"payload":"AAAA",${SIGNATURES}}`],
    ['a long one with a short payload', `{${TYPE},"payload":"AAAA",${SIGNATURES},"x":"${PAYLOAD}"}`],
    ['one with an escape', LONG.replace('"keyid":"a"', String.raw`"keyid":"\u0061"`)],
    ['one with an escape in the payload', LONG.replace(PAYLOAD, `${PAYLOAD}\\u0041`)],
    ['one that has the mark elsewhere', LONG.replace('"keyid":"a"', `"keyid":"${CUT}"`)],
    ['one that does not end', LONG.slice(0, LONG.indexOf(PAYLOAD) + 2500)],
  ])('is not cut: %s', (_, text) => {
    expect(cutPayload(text)).toBeUndefined();
  });

  it.each([
    ['as it should be', LONG],
    ['with blanks', LONG.replaceAll(',"', ' ,\n "').replace('"payload":', '"payload" : ')],
    [
      'with more members',
      LONG.replace('"sig"', '"cert":"x","sig"').replace(TYPE, `${TYPE},"more":[1,{"a":null}]`),
    ],
    ['with another payload in front', `{"x":{"payload":"${OTHER}"},${LONG.slice(1)}`],
    ['with another payload behind', `${LONG.slice(0, -1)},"x":{"payload":"${OTHER}"}}`],
    ['with two payloads', `{"payload":"${OTHER}",${LONG.slice(1)}`],
    ['with a payload in other case', `{"Payload":"${OTHER}",${LONG.slice(1)}`],
    ['with the name as a value', `{"x":"payload","y":"${OTHER}",${LONG.slice(1)}`],
    ['with a name that ends so', `{"x":"a","a payload":"${OTHER}",${LONG.slice(1)}`],
    ['with the name after a string', `{"x":"payload":"${OTHER}",${LONG.slice(1)}`],
    ['with the payload in a list', `[${LONG}]`],
    ['with text behind', `${LONG}x`],
    ['with a byte order mark', `\ufeff${LONG}`],
    [
      'with a line break in the payload',
      LONG.replace(PAYLOAD, `${PAYLOAD.slice(0, 2400)}\n${PAYLOAD.slice(2400)}`),
    ],
    ['with a control character in the payload', LONG.replace(PAYLOAD, `${PAYLOAD}\u0001`)],
    ['with half a pair in the payload', LONG.replace(PAYLOAD, `${PAYLOAD}\ud800`)],
    ['with a wide digit in the payload', LONG.replace(PAYLOAD, `${PAYLOAD.slice(0, -1)}\u0141`)],
    ['with padding missing', LONG.replace(PAYLOAD, `${PAYLOAD}AA`)],
    ['with both alphabets', LONG.replace(PAYLOAD, `${PAYLOAD.slice(0, -8)}+A-A+A-A`)],
    ['with stray bits', LONG.replace(PAYLOAD, `${PAYLOAD}AB==`)],
    ['with no signatures', LONG.replace(SIGNATURES, '"signatures":[]')],
    ['without a payload type', LONG.replace(TYPE, '"x":1')],
    ['with a payload that is cut', LONG.replace(PAYLOAD, CUT.padEnd(2500, 'A'))],
  ])('%s, comes out as if all of it were parsed', (_, text) => {
    const expected = whole(text);
    expect(outcome(() => parseEnvelope(text))).toBe(expected);
    if (!/[\ud800-\udfff]/u.test(text)) expect(outcome(() => parseEnvelope(encodeUtf8(text)))).toBe(expected);
  });

  it('comes out the same however it is broken', () => {
    const pieces = [
      '"',
      '\\',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      'A',
      '=',
      '-',
      '_',
      '\n',
      '\u0001',
      'é',
      CUT,
      '"payload":"',
      `"payload":"${OTHER}",`,
      TYPE,
    ];
    const edit = fc.record({
      at: fc.oneof(
        fc.nat(60),
        fc.nat(60).map((from) => LONG.length - from),
        fc.nat(LONG.length),
      ),
      remove: fc.nat(3),
      insert: fc.constantFrom('', ...pieces),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = LONG;
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + remove);
        expect(outcome(() => parseEnvelope(text))).toBe(whole(text));
      }),
      { numRuns: 10_000, seed: 7 },
    );
  });

  it('keeps to its limits', () => {
    for (const limits of [{ maxBytes: LONG.length - 1 }, { maxMembers: 2 }, { maxDepth: 2 }])
      expect(() => parseEnvelope(LONG, { limits })).toThrow(
        expect.objectContaining({ code: 'DSSE_LIMIT_EXCEEDED' }),
      );
  });
});
