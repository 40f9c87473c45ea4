/** The strict reader against `JSON.parse`: `pnpm bench json`. */
import { paired, report } from '../../../tools/bench.ts';
import { parseJson } from '../src/index.js';

const entry = {
  uri: 'git+https://git.example.com/shop/checkout',
  digest: { gitCommit: 'cd'.repeat(20) },
  count: 12.5,
  ok: true,
};
const texts = [100, 101, 102].map((length) =>
  JSON.stringify({ entries: Array.from({ length }, () => entry) }),
);
const bytes = texts.map((text) => new TextEncoder().encode(text));
const decoder = new TextDecoder();
let turn = 0;
const next = <T>(items: readonly T[]): T | undefined => items[(turn += 1) % items.length];

report([
  await paired(
    `text of ${texts[0]?.length ?? 0} characters, against JSON.parse`,
    () => typeof parseJson(next(texts) ?? '') === 'object',
    () => typeof JSON.parse(next(texts) ?? '') === 'object',
  ),
  await paired(
    `UTF-8 of ${bytes[0]?.length ?? 0} bytes, against TextDecoder and JSON.parse`,
    () => typeof parseJson(next(bytes) ?? '') === 'object',
    () => typeof JSON.parse(decoder.decode(next(bytes))) === 'object',
  ),
]);
