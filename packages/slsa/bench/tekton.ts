/** Formats of Tekton runs, against reading the run with `JSON.parse`: `pnpm bench slsa`. */
import { taskRun } from '@sealwright/testing';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import { formatRun, parseRun, type TektonFormat } from '../src/tekton/index.js';

const textOf = (name: string): string =>
  JSON.stringify(
    taskRun({ name, image: 'registry.example.com/shop/checkout', digest: `sha256:${'ab'.repeat(32)}` }),
  );
const text = inTurn([textOf('a'), textOf('b'), textOf('c')]);
const run = inTurn([parseRun(textOf('a')), parseRun(textOf('b')), parseRun(textOf('c'))]);

const formats: readonly TektonFormat[] = ['slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'];
const results = [];
for (const format of formats) {
  results.push(
    await paired(
      `${format} of a TaskRun of ${text().length} bytes, against JSON.parse of it`,
      () => formatRun(run(), { format }).payload.length,
      () => typeof JSON.parse(text()) === 'object',
    ),
  );
}
report(results);
