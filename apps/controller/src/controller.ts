import type { Metrics } from '@sealwright/service';
import { failedAnnotations, retryDelay, signedAnnotations } from './bookkeeping.js';
import { decide, isManaged } from './eligibility.js';
import type { RunSource, StoredRun } from './run-source.js';
import { type SignRunDependencies, signRun } from './sign-run.js';

/** What the controller works with. */
export interface ControllerOptions extends Omit<SignRunDependencies, 'count'> {
  readonly source: RunSource;
  readonly metrics: Metrics;
  /** A TaskRun that is not there: `wait` for it, or take it as `deleted`. */
  readonly absentTaskRuns: 'wait' | 'deleted';
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly retryDelay: number;
}

/** What one round found. */
export interface Round {
  /** Runs that were signed in this round. */
  readonly signed: number;
  /** Runs that could not be signed in this round. */
  readonly failed: number;
  /** Pipeline runs that wait for a TaskRun. */
  readonly waiting: number;
}

/** Signs finished runs. */
export interface Controller {
  /** Look at every run once: TaskRuns first, because PipelineRuns wait for theirs. */
  round(): Promise<Round>;
  /** Look again whenever something changed or a retry is due, until it is ended. */
  start(): { stop(): Promise<void> };
}

/**
 * Make a controller.
 *
 * @param options - runs, keys, storages, configuration
 */
export function createController(options: ControllerOptions): Controller {
  const counters = countersOf(options.metrics);
  const due = new Map<string, number>();
  const sign = async (run: StoredRun, children: readonly StoredRun[]): Promise<boolean> => {
    const fields = { kind: run.run.kind, run: run.run.name, namespace: run.namespace };
    const failures = await signRun(run, children, {
      ...options,
      count: (step) => counters.get(`${run.run.kind} ${step}`)?.inc(),
    });
    const key = `${run.run.kind} ${run.run.uid}`;
    await options.source.annotate(run, failures.length === 0 ? signedAnnotations() : failedAnnotations(run));
    if (failures.length === 0) {
      due.delete(key);
      counters.get(`${run.run.kind} marked_signed`)?.inc();
      options.log.info(fields, 'signed');
      return true;
    }
    const delay = retryDelay(run, options.retryDelay);
    due.set(key, performance.now() + delay);
    for (const failure of failures) {
      counters.get(`${run.run.kind} signing_failures`)?.inc({ error_type: failure.type });
      options.log.error({ ...fields, ...failure, retryInMilliseconds: delay }, 'not signed');
    }
    return false;
  };
  const round = async (): Promise<Round> => {
    const result = { signed: 0, failed: 0, waiting: 0 };
    for (const kind of ['TaskRun', 'PipelineRun'] as const) {
      const runs = await options.source.list();
      for (const run of runs) {
        if (run.run.kind !== kind || !isManaged(run, options.config.managedBy)) continue;
        const find = (name: string): StoredRun | undefined =>
          runs.find(
            (each) =>
              each.run.kind === 'TaskRun' && each.namespace === run.namespace && each.run.name === name,
          );
        const decision = decide(run, find, options.absentTaskRuns);
        if (decision.outcome === 'wait-for-children') {
          result.waiting += 1;
          options.log.debug({ run: run.run.name, waitingFor: decision.waitingFor }, 'waits');
        }
        if (decision.outcome !== 'sign' || (due.get(`${kind} ${run.run.uid}`) ?? 0) > performance.now())
          continue;
        if (decision.missing.length > 0)
          options.log.warn({ run: run.run.name, missing: decision.missing }, 'TaskRuns are gone');
        if (await sign(run, decision.children)) result.signed += 1;
        else result.failed += 1;
      }
    }
    return result;
  };
  return { round, start: () => repeat(options, round, () => Math.min(...due.values()) - performance.now()) };
}

/** One round at a time; changes during a round make another one. */
function repeat(
  options: ControllerOptions,
  round: () => Promise<unknown>,
  untilDue: () => number,
): { stop(): Promise<void> } {
  let wake: () => void = () => undefined;
  let changed = true;
  const ended = new AbortController();
  const unwatch = options.source.watch(() => {
    changed = true;
    wake();
  });
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      if (changed) {
        changed = false;
        await round().catch((error: unknown) => {
          options.log.error({ reason: error instanceof Error ? error.message : 'unknown' }, 'round failed');
        });
      }
      if (ended.signal.aborted || changed) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(Math.min(untilDue(), LONGEST_WAIT), 10));
        wake = () => {
          clearTimeout(timer);
          setTimeout(resolve, SETTLE);
        };
      });
      changed = true;
    }
  };
  const running = loop();
  return {
    stop: async () => {
      ended.abort();
      unwatch();
      wake();
      await running;
    },
  };
}

function countersOf(metrics: Metrics): ReadonlyMap<string, { inc(labels?: Record<string, string>): void }> {
  const steps = ['sign_created', 'payload_stored', 'marked_signed', 'signing_failures'] as const;
  return new Map(
    (['TaskRun', 'PipelineRun'] as const).flatMap((kind) =>
      steps.map((step): [string, { inc(labels?: Record<string, string>): void }] => {
        const labels = step === 'signing_failures' ? ['error_type'] : [];
        const counter = metrics.counter(
          `watcher_${kind.toLowerCase()}_${step}_total`,
          `${step.replaceAll('_', ' ')}, of a ${kind}`,
          labels,
        );
        return [
          `${kind} ${step}`,
          { inc: (given) => (given === undefined ? counter.inc() : counter.inc(given)) },
        ];
      }),
    ),
  );
}

/** Milliseconds after a change before the folder is read: a file may still be on its way. */
const SETTLE = 50;

/** Milliseconds after which the runs are looked at even though nothing was heard of. */
const LONGEST_WAIT = 30_000;
