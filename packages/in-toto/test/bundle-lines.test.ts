import { encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { type BundleLine, type BundleLineOptions, encodeEnvelope, readBundleLines } from '../src/index.js';

const ENVELOPE = encodeEnvelope({
  payloadType: 'application/vnd.in-toto+json',
  payload: encodeUtf8('{}'),
  signatures: [{ keyid: '', sig: encodeUtf8('sig'), unknown: {} }],
});
const BUNDLE = `{"mediaType":"m","verificationMaterial":{},"dsseEnvelope":${ENVELOPE}}`;

describe('readBundleLines', () => {
  it('tells the kinds of lines apart', async () => {
    const text = [ENVELOPE, ' \t\r', 'junk', '[]', '1', '{}', BUNDLE, '{"a":1,"a":2}', ENVELOPE].join('\n');
    expect(await read([text])).toMatchObject([
      { line: 1, kind: 'envelope', envelope: { payloadType: 'application/vnd.in-toto+json' } },
      { line: 2, kind: 'blank' },
      { line: 3, kind: 'unrecognized', code: 'INTOTO_MALFORMED_JSON', why: 'not JSON' },
      { line: 4, kind: 'unrecognized', code: 'INTOTO_WRONG_TYPE', why: 'array' },
      { line: 5, kind: 'unrecognized', code: 'INTOTO_WRONG_TYPE' },
      { line: 6, kind: 'unrecognized', code: 'INTOTO_MISSING_FIELD' },
      { line: 7, kind: 'sigstore-bundle', bundle: { mediaType: 'm' }, envelope: {} },
      { line: 8, kind: 'unrecognized', code: 'INTOTO_DUPLICATE_KEY' },
      { line: 9, kind: 'envelope' },
    ]);
  });

  it('passes over an envelope that does not decode', async () => {
    const broken = ENVELOPE.replace('"payload":"', '"payload":"%');
    expect(await read([broken])).toMatchObject([{ kind: 'unrecognized', code: 'DSSE_BAD_BASE64' }]);
  });

  it('says what a line holds that is no object, and gives a bundle without an envelope that does not read', async () => {
    const broken = BUNDLE.replace('"payload":"', '"payload":"%');
    const lines = await read([['1', '"a"', 'null', 'true', broken].join('\n')]);
    const reasons = lines.map((line) => (line.kind === 'unrecognized' ? line.why : line.kind));
    expect(reasons).toEqual(['number', 'string', 'null', 'boolean', 'sigstore-bundle']);
    expect(lines[4]).not.toHaveProperty('envelope');
  });

  it('keeps nothing of a line that is too long, and reads on', async () => {
    const long = 'x'.repeat(ENVELOPE.length);
    const lines = await read([long, `${long}\n${ENVELOPE}\n`], { maxLineBytes: ENVELOPE.length });
    expect(lines).toMatchObject([
      { line: 1, kind: 'unrecognized', code: 'INTOTO_LIMIT_EXCEEDED' },
      { line: 2, kind: 'envelope' },
    ]);
  });

  it('marks repeats when asked, whatever the order of signatures', async () => {
    const text = `${ENVELOPE}\n${BUNDLE}\n`;
    expect(await read([text], { findRepeats: true })).toMatchObject([
      { line: 1 },
      { line: 2, sameAsLine: 1 },
    ]);
    expect((await read([text])).some((line) => 'sameAsLine' in line)).toBe(false);
  });

  it('takes CRLF, no final newline, nothing, and a buffer that is used again', async () => {
    const buffer = new Uint8Array(3);
    async function* reused(): AsyncGenerator<Uint8Array> {
      for (const byte of encodeUtf8('{}\r\n[]')) {
        buffer.fill(byte);
        yield buffer.subarray(0, 1);
      }
    }
    const kinds: string[] = [];
    for await (const line of readBundleLines(reused()))
      kinds.push(line.kind === 'unrecognized' ? line.why : '');
    expect(kinds).toEqual(['object that is neither envelope nor bundle', 'array']);
    expect(await read([])).toEqual([]);
    expect(await read(['\n', '', '\n'])).toEqual([
      { line: 1, kind: 'blank' },
      { line: 2, kind: 'blank' },
    ]);
  });
});

async function read(parts: readonly string[], options?: BundleLineOptions): Promise<BundleLine[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* parts.map((part) => encodeUtf8(part));
  }
  const lines: BundleLine[] = [];
  for await (const line of readBundleLines(chunks(), options)) lines.push(line);
  return lines;
}
