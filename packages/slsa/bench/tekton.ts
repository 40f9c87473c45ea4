/** Formats of Tekton runs, against reading the run with `JSON.parse`: `pnpm bench slsa`. */
import { taskRun } from '@sealwright/testing';
import { paired, report } from '../../../tools/bench.ts';
import { formatRun, parseRun, type TektonFormat } from '../src/tekton/index.js';

const texts = ['a', 'b', 'c'].map((name) =>
  JSON.stringify(
    taskRun({ name, image: 'registry.example.com/shop/checkout', digest: `sha256:${'ab'.repeat(32)}` }),
  ),
);
const runs = texts.map((text) => parseRun(text));
let turn = 0;
const next = <T>(items: readonly T[]): T => items[(turn += 1) % items.length] as T; // never empty

const formats: readonly TektonFormat[] = ['slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'];
const results = [];
for (const format of formats) {
  results.push(
    await paired(
      `${format} of a TaskRun of ${texts[0]?.length ?? 0} bytes, against JSON.parse of it`,
      () => formatRun(next(runs), { format }).payload.length,
      () => typeof JSON.parse(next(texts)) === 'object',
    ),
  );
}
report(results);
