import type { Metrics } from '@sealwright/service';

/** The counters that the original has, under its names. */
export type KbsMetrics = ReturnType<typeof createKbsMetrics>;

/**
 * Make the metrics of a key broker.
 *
 * @param metrics - where they are kept
 */
export function createKbsMetrics(metrics: Metrics) {
  const build = metrics.gauge('kbs_build_info', 'What runs here', ['version']);
  build.set({ version: '0.1.0' }, 1);
  return {
    requests: metrics.counter('kbs_http_requests_total', 'Requests'),
    seconds: metrics.histogram(
      'kbs_http_request_duration_seconds',
      'Duration of requests',
      [],
      [0.0005, 0.001, 0.005, 0.01, 0.05, 0.5, 1],
    ),
    active: metrics.gauge('kbs_http_active_connections', 'Requests under way'),
    authRequests: metrics.counter('kbs_auth_requests_total', 'Requests for a challenge'),
    authSuccesses: metrics.counter('kbs_auth_successes_total', 'Challenges given'),
    authErrors: metrics.counter('kbs_auth_errors_total', 'Challenges refused'),
    attestations: metrics.counter('kbs_attestation_requests_total', 'Attestations'),
    attestationSuccesses: metrics.counter(
      'kbs_attestation_successes_total',
      'Attestations that gave a token',
      ['tee_type'],
    ),
    attestationFailures: metrics.counter('kbs_attestation_failures_total', 'Attestations refused', [
      'tee_type',
    ]),
    policyEvaluations: metrics.counter('kbs_policy_evaluations_total', 'Decisions of the resource policy'),
    policyApprovals: metrics.counter('kbs_policy_approvals_total', 'Decisions that allowed'),
    policyViolations: metrics.counter('kbs_policy_violations_total', 'Decisions that denied'),
    policyErrors: metrics.counter('kbs_policy_errors_total', 'Decisions that failed'),
    reads: metrics.counter('kbs_resource_reads_total', 'Resources released', ['resource_path']),
    writes: metrics.counter('kbs_resource_writes_total', 'Resources stored', ['resource_path']),
    deletes: metrics.counter('kbs_resource_deletes_total', 'Resources deleted', ['resource_path']),
    pluginRequests: metrics.counter('kbs_plugin_requests_total', 'Requests to a plugin', ['plugin_name']),
    pluginErrors: metrics.counter('kbs_plugin_errors_total', 'Requests that a plugin refused', [
      'plugin_name',
    ]),
  };
}
