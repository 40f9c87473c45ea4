import { Hono } from 'hono';
import type { Metrics } from './metrics.js';

/** What the operator's endpoints answer from. */
export interface OperationsOptions {
  /** Served at `/metrics`. */
  readonly metrics: Metrics;
  /** Resolves when the service can do its work, and throws when it cannot: `/readyz`. */
  ready(): Promise<void> | void;
}

/**
 * The endpoints of an operator: `/healthz` (the process answers), `/readyz` (it can do its work, else 503) and `/metrics`.
 *
 * @param options - readiness and metrics
 */
export function operations(options: OperationsOptions): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) => {
    try {
      await options.ready();
      return context.text('ok\n');
    } catch (error) {
      return context.text(`${error instanceof Error ? error.message : 'not ready'}\n`, 503);
    }
  });
  app.get('/metrics', async (context) =>
    context.body(await options.metrics.text(), 200, { 'content-type': options.metrics.contentType }),
  );
  return app;
}
