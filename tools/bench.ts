import { cpus } from 'node:os';

/** Work to time: it gives something that depends on it, so that it cannot be left out. */
export type Work = () => number | boolean | Promise<number | boolean>;

/** What a pair of works cost. */
export interface Ratio {
  readonly name: string;
  /** CPU microseconds of one candidate, the median of the rounds. */
  readonly candidate: number;
  /** The same of one floor. */
  readonly floor: number;
  /** Median of the ratios of the rounds. */
  readonly ratio: number;
}

/**
 * Time a candidate against its floor, in one process, by turns: a second of each to warm up, then batches of 50 ms or more, nine rounds,
 * the order of the two alternating.
 * CPU time of the whole process, so that what a thread pool does counts.
 *
 * @param name - of the candidate, and what the floor is
 * @param candidate - the work
 * @param floor - the least that has to be done
 */
export async function paired(name: string, candidate: Work, floor: Work): Promise<Ratio> {
  const works = [candidate, floor];
  for (const work of works) await warmUp(work);
  const counts: number[] = [];
  for (const work of works) counts.push(await calibrate(work));
  const costs: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const cost: [number, number] = [0, 0];
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      cost[index as 0 | 1] = await costOf(works[index] ?? candidate, counts[index] ?? 1);
    }
    costs.push(cost);
  }
  return {
    name,
    candidate: median(costs.map(([each]) => each)),
    floor: median(costs.map(([, each]) => each)),
    ratio: median(costs.map(([each, least]) => each / least)),
  };
}

/**
 * Print results as a table, with the machine that they are of.
 *
 * @param results - to print
 */
export function report(results: readonly Ratio[]): void {
  console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}`);
  for (const { name, candidate, floor, ratio } of results) {
    const cost = `${candidate.toFixed(1)} us against ${floor.toFixed(1)} us`;
    console.log(`${ratio.toFixed(2).padStart(8)} x  ${cost.padEnd(34)} ${name}`);
  }
}

/**
 * Give one item after another, for ever, so that no memo can hide the work.
 *
 * @param items - at least one
 */
export function inTurn<T>(items: readonly [T, ...T[]]): () => T {
  let turn = 0;
  return () => {
    turn += 1;
    return items[turn % items.length] ?? items[0];
  };
}

/** Let the compiler finish first: what is compared is what a server does all day. */
async function warmUp(work: Work): Promise<void> {
  const until = performance.now() + WARM_UP_MILLISECONDS;
  while (performance.now() < until) await costOf(work, 16);
}

async function calibrate(work: Work): Promise<number> {
  for (let count = 1; ; count *= 2) {
    const started = performance.now();
    await costOf(work, count);
    if (performance.now() - started >= BATCH_MILLISECONDS) return count;
  }
}

async function costOf(work: Work, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) sink += Number(await work());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

let sink = 0;
const ROUNDS = 9;
const BATCH_MILLISECONDS = 60;
const WARM_UP_MILLISECONDS = 1000;
