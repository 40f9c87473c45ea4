/** The strict reader against `JSON.parse`: `pnpm bench json`. */
import { inTurn, paired, report } from '../../../tools/bench.ts';
import { parseJson } from '../src/index.js';

const entry = {
  uri: 'git+https://git.example.com/shop/checkout',
  digest: { gitCommit: 'cd'.repeat(20) },
  count: 12.5,
  ok: true,
};
const textOf = (length: number): string => JSON.stringify({ entries: Array.from({ length }, () => entry) });
const text = inTurn([textOf(100), textOf(101), textOf(102)]);
const encoder = new TextEncoder();
const bytes = inTurn([encoder.encode(textOf(100)), encoder.encode(textOf(101)), encoder.encode(textOf(102))]);
const decoder = new TextDecoder();

report([
  await paired(
    `text of ${text().length} characters, against JSON.parse`,
    () => typeof parseJson(text()) === 'object',
    () => typeof JSON.parse(text()) === 'object',
  ),
  await paired(
    `UTF-8 of ${bytes().length} bytes, against TextDecoder and JSON.parse`,
    () => typeof parseJson(bytes()) === 'object',
    () => typeof JSON.parse(decoder.decode(bytes())) === 'object',
  ),
]);
