import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one service, in a registry of its own. */
export interface Metrics {
  /** Make a counter. Its name ends in `_total`. */
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  /** Make a gauge. */
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** Make a histogram. Its name says the unit. */
  histogram(name: string, help: string, labels?: readonly string[], buckets?: readonly number[]): Histogram;
  /** Everything in the text format of Prometheus. */
  text(): Promise<string>;
  /** Media type of {@link Metrics.text}. */
  readonly contentType: string;
}

/** Make the metrics of a service. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) => new Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, labels = [], buckets) =>
      new Histogram({
        name,
        help,
        labelNames: [...labels],
        registers,
        ...(buckets === undefined ? {} : { buckets: [...buckets] }),
      }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
