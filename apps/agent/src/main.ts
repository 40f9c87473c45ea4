import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { decodeUtf8 } from '@sealwright/bytes';
import { decodeInitDataAnnotation, InitDataError, parseInitData } from '@sealwright/initdata';
import { parseJson } from '@sealwright/json';
import { createKbsClient, type KbsClient } from '@sealwright/kbs-protocol';
import {
  createLog,
  createMetrics,
  formatAddress,
  listen,
  type Log,
  operations,
  parseAddress,
  parseFlags,
  run,
  type RunningService,
  UsageError,
} from '@sealwright/service';
import manifest from '../package.json' with { type: 'json' };
import { sampleAttester } from './attester.js';
import { type BackendError, sampleBackend } from './backend.js';
import {
  type AttestationAgentConfig,
  type DataHubConfig,
  kbcParamsOfCommandLine,
  parseAttestationAgentConfig,
  parseDataHubConfig,
  parseKbcParams,
} from './config.js';
import { type MemoryFiles, mustBeInMemory, writeMemoryFiles } from './memory-files.js';
import { type Feature, restFacade } from './rest.js';
import { attestationAgent, dataHub } from './ttrpc-services.js';
import { serveTtrpc } from './ttrpc-sockets.js';
import { unsealFolder, type UnsealOptions, unsealText } from './unseal-folder.js';

type AgentFlags = Exclude<ReturnType<typeof readFlags>, string>;

async function start(args: readonly string[]): Promise<RunningService | string | undefined> {
  const flags = readFlags(args);
  if (typeof flags === 'string') return flags;
  const agent = readConfig(flags['config-file'], parseAttestationAgentConfig);
  const hub = readConfig(flags['cdh-config'], parseDataHubConfig);
  refuseUnsupported(agent, hub);
  const feature = featureOf(flags.features);
  const address = parseAddress(flags.listen ?? '127.0.0.1:8006');
  const anyone = flags['dangerously-listen-anywhere'] === true;
  if (!anyone && !['127.0.0.1', '::1', 'localhost'].includes(address.host)) {
    throw new UsageError(
      `--listen: ${formatAddress(address)} is not loopback, and whoever reaches it gets secrets`,
    );
  }
  const log = createLog('agent');
  const kbs = kbsClient(flags, agent, hub);
  const trust = unsealOptions(flags, kbs, hub);
  const unsealed = await unseal(flags, trust, log);
  if (flags.once === true) return undefined;
  const metrics = createMetrics();
  const failures = metrics.counter(
    'agent_backend_failures_total',
    'requests that attestation agent or data hub could not answer',
    ['reason'],
  );
  const backend = sampleBackend(kbs, Date.now);
  const failed = (path: string, error: BackendError): void => {
    failures.inc({ reason: error.reason });
    log.warn({ path, reason: error.reason, cause: causeOf(error) }, 'request failed');
  };
  const facade = restFacade({
    backend,
    feature,
    version: manifest.version,
    dangerouslyAnswerAnyone: anyone,
    failed,
  });
  const health = operations({ metrics, ready: () => undefined });
  const unsealOne = async (sealed: string): Promise<Uint8Array> => (await unsealText(sealed, trust)).expose();
  const sockets = await serveTtrpc(
    [
      {
        flag: 'attestation_sock',
        address: flags.attestation_sock,
        services: [attestationAgent(backend, failed)],
      },
      { flag: 'cdh_sock', address: flags.cdh_sock, services: dataHub(backend, unsealOne, failed) },
    ],
    (error) => log.error({ cause: error instanceof Error ? error.message : undefined }, 'a call failed'),
  ).catch((error: unknown) => {
    unsealed?.files.wipe();
    throw error;
  });
  const server = await listen(async (request, remote) => {
    const { pathname } = new URL(request.url);
    return OPERATIONS.has(pathname) ? health.fetch(request) : facade(request, remote);
  }, address).catch(async (error: unknown) => {
    unsealed?.files.wipe();
    await sockets.close();
    throw error;
  });
  log.warn({ tee: 'sample' }, 'evidence of this guest proves nothing: no TEE is used');
  return {
    ready: {
      url: server.url,
      ...sockets.addresses,
      ...(unsealed === undefined ? {} : { unsealed: unsealed.names }),
    },
    stop: async () => {
      unsealed?.files.wipe();
      await Promise.all([server.close(), sockets.close()]);
    },
  };
}

async function unseal(
  flags: AgentFlags,
  trust: UnsealOptions,
  log: Log,
): Promise<{ readonly files: MemoryFiles; readonly names: readonly string[] } | undefined> {
  const [from, to] = [flags['unseal-from'], flags['unseal-to']];
  if (from === undefined && to === undefined) {
    if (flags.once === true)
      throw new UsageError('--once only unseals, so it needs --unseal-from and --unseal-to');
    return undefined;
  }
  if (from === undefined || to === undefined)
    throw new UsageError('--unseal-from and --unseal-to go together');
  const onDisk = flags['dangerously-unseal-to-disk'] === true;
  if (!onDisk) mustBeInMemory(to); // before a secret is fetched
  const secrets = await unsealFolder(from, trust);
  const names = [...secrets.keys()];
  const files = writeMemoryFiles(to, secrets, { dangerouslyOnDisk: onDisk });
  log.info({ names }, 'unsealed');
  return { files, names };
}

function unsealOptions(
  flags: AgentFlags,
  kbs: KbsClient | undefined,
  hub: DataHubConfig | undefined,
): UnsealOptions {
  const signingKey = flags['signing-key'] === undefined ? undefined : readJwk(flags['signing-key']);
  const getResource = async (uri: string): Promise<Uint8Array> => {
    if (kbs === undefined) throw new UsageError('a sealed secret needs a KBS: give --kbs-url');
    return kbs.getResource(uri);
  };
  return {
    keyResolver: async (kid) => signingKey ?? parseJson(decodeUtf8(await getResource(kid))),
    ...(flags['signing-kid'] === undefined ? {} : { allowedKids: flags['signing-kid'] }),
    providers: { vault: { kbs: { getSecret: ({ name }) => getResource(name) } } },
    dangerouslyAcceptUnsigned:
      flags['dangerously-accept-unsigned'] === true || hub?.skip_sealed_secret_verification === true,
  };
}

function kbsClient(
  flags: AgentFlags,
  agent: AttestationAgentConfig | undefined,
  hub: DataHubConfig | undefined,
): KbsClient | undefined {
  const configured = agent?.token_configs.kbs ?? undefined;
  const params = parseKbcParams(process.env['AA_KBC_PARAMS'] ?? kbcParamsOfCommandLine(commandLine()));
  const fallback = params.kbc === 'cc_kbc' ? params.uri : undefined;
  const url =
    flags['kbs-url'] ?? configured?.url ?? (hub?.kbc.name === 'cc_kbc' ? hub.kbc.url : undefined) ?? fallback;
  const certificates = [configured?.cert, hub?.kbc.kbs_cert].filter((pem) => typeof pem === 'string');
  if (certificates.length > 0) setDefaultCACertificates([...getCACertificates('default'), ...certificates]);
  const initData = flags['initdata-toml'] === undefined ? undefined : readInitData(flags['initdata-toml']);
  if (url === undefined || url === '') return undefined;
  if (!URL.canParse(url)) throw new UsageError('the URL of the KBS is no URL');
  return createKbsClient({ url, attester: sampleAttester, ...(initData === undefined ? {} : { initData }) });
}

/** The document itself, or its annotation, which is turned into the document. */
function readInitData(path: string): string {
  const bytes = readFile('--initdata-toml', path);
  try {
    const text = bytes.toString('utf8');
    if (/^[A-Za-z0-9+/=\s]+$/.test(text)) {
      const decoded = decodeInitDataAnnotation(text.trim());
      if (decoded !== undefined) return decodeUtf8(decoded.bytes);
    }
    parseInitData(bytes);
    return text;
  } catch (cause) {
    if (!(cause instanceof InitDataError)) throw cause;
    throw new UsageError(`--initdata-toml: ${path}: ${cause.message}`, { cause });
  }
}

function readJwk(path: string): unknown {
  const bytes = readFile('--signing-key', path);
  try {
    return parseJson(bytes);
  } catch (cause) {
    throw new UsageError(`--signing-key: ${path} is not a JWK`, { cause });
  }
}

function readConfig<T>(
  path: string | undefined,
  read: (text: string, format: 'toml' | 'json') => T,
): T | undefined {
  if (path === undefined) return undefined;
  const text = readFile('configuration', path).toString('utf8');
  try {
    return read(text, path.endsWith('.json') ? 'json' : 'toml');
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`${path}: ${cause.message}`, { cause });
  }
}

function readFile(what: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UsageError(`${what}: cannot read ${path}`, { cause });
  }
}

function refuseUnsupported(agent: AttestationAgentConfig | undefined, hub: DataHubConfig | undefined): void {
  if (agent?.eventlog_config.enable_eventlog === true)
    throw new UsageError('eventlog_config.enable_eventlog is not supported yet');
  const algorithm = agent?.token_configs.kbs?.tee_key_algorithm ?? TEE_KEY_ALGORITHM;
  if (algorithm !== TEE_KEY_ALGORITHM) {
    throw new UsageError(`token_configs.kbs.tee_key_algorithm: only ${TEE_KEY_ALGORITHM} is supported yet`);
  }
  if (hub !== undefined && hub.credentials.length > 0)
    throw new UsageError('credentials are not supported yet');
  if (hub !== undefined && hub.kbc.name !== 'cc_kbc' && hub.kbc.name !== 'offline_fs_kbc') {
    throw new UsageError('kbc.name is cc_kbc or offline_fs_kbc');
  }
}

function featureOf(text: string | undefined): Feature {
  const feature = (['resource', 'attestation', 'all'] as const).find((each) => each === (text ?? 'resource'));
  if (feature === undefined) throw new UsageError('--features takes resource, attestation or all');
  return feature;
}

function commandLine(): string {
  try {
    return readFileSync('/proc/cmdline', 'utf8');
  } catch {
    return '';
  }
}

function causeOf({ cause }: BackendError): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}

function readFlags(args: readonly string[]) {
  return parseFlags(
    args,
    {
      'config-file': { type: 'string', short: 'c', value: 'FILE', help: 'aa.toml, or the same as JSON' },
      'cdh-config': { type: 'string', value: 'FILE', help: 'cdh.toml, or the same as JSON' },
      'kbs-url': {
        type: 'string',
        value: 'URL',
        help: 'the KBS; else the configuration, AA_KBC_PARAMS or the kernel command line says it',
      },
      listen: {
        type: 'string',
        short: 'b',
        value: 'ADDRESS',
        help: 'loopback address of the REST API (default 127.0.0.1:8006)',
      },
      attestation_sock: {
        type: 'string',
        short: 'a',
        value: 'ADDRESS',
        help: 'unix:// address on which to serve the attestation agent by ttRPC',
      },
      cdh_sock: {
        type: 'string',
        value: 'ADDRESS',
        help: 'unix:// address on which to serve the confidential data hub by ttRPC',
      },
      features: {
        type: 'string',
        short: 'f',
        value: 'NAME',
        help: 'what the REST API serves: resource (default), attestation or all',
      },
      'initdata-toml': {
        type: 'string',
        short: 't',
        value: 'FILE',
        help: 'init-data of this guest: the TOML, or its annotation',
      },
      'unseal-from': {
        type: 'string',
        value: 'DIR',
        help: 'folder with sealed secrets, such as a mounted Kubernetes Secret',
      },
      'unseal-to': {
        type: 'string',
        value: 'DIR',
        help: 'where their values go: on a tmpfs, mode 0600, gone when the agent ends',
      },
      'signing-key': {
        type: 'string',
        value: 'FILE',
        help: 'public JWK that signed the sealed secrets; else the KBS is asked for the kid',
      },
      'signing-kid': {
        type: 'string',
        multiple: true,
        value: 'KID',
        help: 'a key id that may sign sealed secrets; any, unless given',
      },
      once: { type: 'boolean', help: 'unseal, leave the files, and end' },
      'dangerously-accept-unsigned': { type: 'boolean', help: 'take sealed secrets that nobody signed' },
      'dangerously-unseal-to-disk': { type: 'boolean', help: 'write values to any file system' },
      'dangerously-listen-anywhere': { type: 'boolean', help: 'answer others than loopback' },
    },
    {
      usage: 'sealwright-agent [flags]',
      summary: 'Attests a guest, fetches what is released to it, and opens its sealed secrets in memory.',
      examples: [
        'sealwright-agent --kbs-url http://127.0.0.1:8080 --features all',
        'sealwright-agent --kbs-url http://127.0.0.1:8080 --initdata-toml initdata.toml \\',
        '    --unseal-from /sealed/signing-secrets --unseal-to /dev/shm/signing-secrets',
      ],
    },
  );
}

const TEE_KEY_ALGORITHM = 'ECDH-ES+A256KW-P256';
const OPERATIONS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

await run('sealwright-agent', start);
