import { statSync } from 'node:fs';
import { createRegistryClient } from '@sealwright/oci';
import {
  createLog,
  createMetrics,
  listen,
  operations,
  parseAddress,
  parseFlags,
  run,
  type RunningService,
  UsageError,
} from '@sealwright/service';
import { parseChainsConfig, refuseUnsupported } from './config.js';
import { readChainsConfig } from './config-file.js';
import { createController } from './controller.js';
import { directorySource } from './directory-source.js';
import { signingKeys } from './signing-key.js';
import { ociStorage } from './storage/oci.js';
import { tektonStorage } from './storage/tekton.js';

async function start(args: readonly string[]): Promise<RunningService | string | undefined> {
  const flags = parseFlags(args, FLAGS, HELP);
  if (typeof flags === 'string') return flags;
  const runs = folder('--runs-dir', flags['runs-dir']);
  const secrets = folder('--secrets-dir', flags['secrets-dir'] ?? '/etc/signing-secrets');
  const config = parseChainsConfig(flags.config === undefined ? {} : readChainsConfig(flags.config));
  refuseUnsupported(config);
  const log = createLog('controller');
  for (const warning of config.warnings) log.warn({ reason: warning }, 'configuration');
  const metrics = createMetrics();
  const source = directorySource(runs, log);
  const insecure = config.ociInsecure || flags['insecure-registry'] === true;
  const registry = insecure ? createRegistryClient({ insecure: () => true }) : createRegistryClient();
  const keys = signingKeys(secrets);
  const controller = createController({
    config,
    keys,
    source,
    log,
    metrics,
    storages: [ociStorage({ registry, repository: config.ociRepository, log }), tektonStorage(source)],
    absentTaskRuns: 'wait',
    retryDelay: milliseconds(flags['retry-delay']),
  });
  if (flags.once === true) {
    const { failed, waiting } = await controller.round();
    if (failed + waiting === 0) return undefined;
    throw new Error(
      `${failed} runs could not be signed, ${waiting} wait for a TaskRun; the log says which and why`,
    );
  }
  const ready = async (): Promise<void> => void (await keys.signer());
  const app = operations({ metrics, ready });
  const server = await listen(
    (request) => app.fetch(request),
    parseAddress(flags.listen ?? '127.0.0.1:9090'),
  );
  const working = controller.start();
  return {
    ready: { url: server.url },
    stop: async () => {
      await working.stop();
      await server.close();
    },
  };
}

function folder(flag: string, path: string | undefined): string {
  if (path === undefined) throw new UsageError(`${flag} is needed: the folder that holds the runs`);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`${flag}: ${path} is not a folder`);
  return path;
}

function milliseconds(text: string | undefined): number {
  const seconds = Number(text ?? '60');
  if (!(seconds >= 0 && seconds <= 86_400)) throw new UsageError('--retry-delay takes seconds, 0 to 86400');
  return seconds * 1000;
}

const FLAGS = {
  'runs-dir': {
    type: 'string',
    value: 'DIR',
    help: 'TaskRuns and PipelineRuns, one in a .json or .yaml file; results are written back',
  },
  'secrets-dir': {
    type: 'string',
    value: 'DIR',
    help: 'x509.pem, or cosign.key with cosign.password, as the agent unsealed them (default /etc/signing-secrets)',
  },
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    help: 'chains-config: a ConfigMap, a plain map, or the folder it is mounted at',
  },
  listen: {
    type: 'string',
    value: 'ADDRESS',
    help: 'for /healthz, /readyz and /metrics (default 127.0.0.1:9090)',
  },
  'insecure-registry': {
    type: 'boolean',
    help: 'speak plain HTTP to every registry; loopback needs no flag',
  },
  'retry-delay': {
    type: 'string',
    value: 'SECONDS',
    help: 'before the second attempt to sign a run; doubled each time (default 60)',
  },
  once: { type: 'boolean', help: 'sign what is there, and end' },
} as const;

const HELP = {
  usage: 'sealwright-controller --runs-dir DIR [flags]',
  summary: 'Signs the provenance of finished Tekton runs, as Tekton Chains does.',
  examples: [
    'sealwright-controller --runs-dir ./runs --secrets-dir /run/signing-secrets',
    'sealwright-controller --runs-dir ./runs --secrets-dir /run/signing-secrets --config chains-config.yaml --once',
  ],
};

await run('sealwright-controller', start);
