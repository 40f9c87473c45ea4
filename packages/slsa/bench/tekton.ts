/**
 * Formats of a TaskRun as a cluster has it, against reading the run with `JSON.parse`: `pnpm bench slsa`. The run is the one that
 * Alauda's guide is about, when the conformance vectors are there, and one of the same kind otherwise.
 */
import { type JsonObject } from '@sealwright/json';
import { taskRun } from '@sealwright/testing';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import { vectorArea } from '../../../tools/vectors.ts';
import { formatRun, parseRun, type TektonFormat } from '../src/tekton/index.js';

const area = vectorArea('chains/runs');
const alauda = 'alauda-build-image-taskrun.json';
const made = taskRun({ image: 'registry.example.com/shop/checkout', digest: `sha256:${'ab'.repeat(32)}` });
const base = JSON.stringify(area.present ? area.json<{ run: JsonObject }>(alauda).run : made);
const textOf = (uid: string): string => base.replace(/"uid": ?"[^"]*"/, `"uid":"${uid}"`);
const text = inTurn([textOf('a'), textOf('b'), textOf('c')]);
const run = inTurn([parseRun(textOf('a')), parseRun(textOf('b')), parseRun(textOf('c'))]);

const formats: readonly TektonFormat[] = ['slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'];
const results = [];
for (const format of formats) {
  results.push(
    await paired(
      `${format} of a TaskRun of ${base.length} characters, against JSON.parse of it`,
      () => formatRun(run(), { format }).payload.length,
      () => typeof JSON.parse(text()) === 'object',
    ),
    await paired(
      `${format} of the same from its text, against JSON.parse of it`,
      () => formatRun(parseRun(text()), { format }).payload.length,
      () => typeof JSON.parse(text()) === 'object',
    ),
  );
}
report(results);
