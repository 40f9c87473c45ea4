/**
 * From a configuration to a function that answers requests.
 *
 * @module
 */
import { randomBytes } from '@sealwright/crypto';
import { initDataClaims, parseInitData } from '@sealwright/initdata';
import {
  createMemorySessionStore,
  createSessionMachine,
  type EvidenceVerifier,
  type InitDataReading,
  type TeeName,
} from '@sealwright/kbs-protocol';
import { createMetrics, operations, type Handler, type Log } from '@sealwright/service';
import { createAdminAccess } from './admin/access.js';
import { sampleDeviceVerifier, sampleVerifier } from './attestation/sample-verifier.js';
import { createTokenIssuer } from './attestation/token-issuer.js';
import { loadTokenSigner } from './attestation/token-signer.js';
import { loadTokenTrust } from './attestation/token-trust.js';
import { databasePlace } from './config/database-path.js';
import type { SupportedConfig } from './config/supported.js';
import { plain } from './http/answer.js';
import { createKbs } from './http/kbs.js';
import { createKbsMetrics } from './kbs-metrics.js';
import { loadText } from './load-text.js';
import { configuredPolicy, createActivePolicy, type ActivePolicy } from './policy/active-policy.js';
import { openStorage } from './storage/open.js';

/** How long the head of a request may be: a token that shows the evidence of GPUs is longer than most servers take. */
export const MAX_HEADER_BYTES = 0x4_0000;

/** What is not in the configuration. */
export interface BuildOptions {
  readonly log: Log;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
  /** Gives so many random bytes, for challenges and session ids. Default: good ones. */
  readonly random?: (length: number) => Uint8Array;
}

/** A key broker that answers. */
export interface BuiltKbs {
  readonly handler: Handler;
  /** Close what it holds. */
  close(): void;
}

/**
 * Build a key broker.
 *
 * @param config - what it is to be
 * @param options - the log and the clock
 * @throws {@link UsageError} for a file that the configuration names and that cannot be used, and {@link KbsError} when the
 * database or its key cannot be.
 */
export async function buildKbs(config: SupportedConfig, options: BuildOptions): Promise<BuiltKbs> {
  const { log, now = Date.now, random = randomBytes } = options;
  const { attestation_service: service, sealwright } = config;
  const place = databasePlace(config);
  const configured = await configuredPolicy(sealwright.resource_policy, loadText);
  const admin = await createAdminAccess(config.admin, loadText, now);
  const { storage, keyCreated, keyExposed } = openStorage(place, now);
  try {
    const signer = await loadTokenSigner(service.attestation_token_broker.signer, loadText, storage.records);
    const trust = await loadTokenTrust(config.attestation_token, signer.key.publicKey, loadText);
    const memorySessions = config.session_storage_type === 'Memory' ? createMemorySessionStore() : undefined;
    const sessions = memorySessions ?? storage.sessions;
    const policy = createActivePolicy(configured, storage.records);
    const maxBodyBytes = config.http_server.payload_request_size * 0x10_0000;
    const metrics = createMetrics();
    const machine = createSessionMachine({
      store: sessions,
      evidenceVerifier: (tee) => VERIFIERS.get(tee),
      tokenIssuer: createTokenIssuer(signer, service.attestation_token_broker, sealwright.reference_values),
      readInitData,
      now,
      random,
      sessionMinutes: service.timeout,
      maxAttestBytes: maxBodyBytes,
    });
    const kbs = createKbs({
      machine,
      admin,
      policy,
      resources: config.plugins.some(({ name }) => name === 'resource') ? storage.resources : undefined,
      trust,
      teeKeyPaths: config.attestation_token.extra_teekey_paths,
      maxBodyBytes,
      now,
      log,
      metrics: createKbsMetrics(metrics),
    });
    const app = operations({ metrics, ready: () => storage.ready() });
    app.all('/healthz', () => plain(405, ''));
    app.all('/readyz', () => plain(405, ''));
    app.all('/metrics', () => plain(405, ''));
    warn(config, { log, keyCreated, keyExposed, ...place, policy: await nameOf(policy, log) });
    const sweeper = setInterval(() => {
      Promise.resolve(sessions.sweep(now())).catch(() => log.error({}, 'session_sweep_failed'));
    }, SWEEP_MS).unref();
    return {
      // Not through the framework's router, which has a mind of its own about odd paths.
      handler: (request) =>
        /^\/kbs(?:\/|$)/.test(new URL(request.url).pathname) ? kbs(request) : app.fetch(request),
      close() {
        clearInterval(sweeper);
        storage.close();
      },
    };
  } catch (cause) {
    storage.close();
    throw cause;
  }
}

interface StartFacts {
  readonly log: Log;
  readonly keyCreated: boolean;
  readonly keyExposed: boolean;
  readonly file: string | undefined;
  readonly keyFile: string | undefined;
  readonly inFolder: string | undefined;
  readonly policy: string;
}

/** What an operator should know at the start. */
function warn(config: SupportedConfig, { log, ...facts }: StartFacts): void {
  log.info(
    {
      database: facts.file ?? 'memory',
      dataKey: facts.keyFile,
      policy: facts.policy,
      admin: config.admin.authorization_mode,
    },
    'start',
  );
  if (facts.file === undefined) log.warn({}, 'storage_in_memory');
  if (facts.inFolder !== undefined)
    log.warn({ folder: facts.inFolder, database: facts.file }, 'storage_folder_holds_sqlite');
  if (facts.keyCreated) log.warn({ dataKey: facts.keyFile }, 'data_key_created_keep_a_copy');
  if (facts.keyExposed) log.warn({ dataKey: facts.keyFile }, 'data_key_readable_by_others');
  if (config.admin.authorization_mode === 'InsecureAllowAll') log.warn({}, 'anybody_is_administrator');
  if (config.attestation_token.insecure_header_jwk) log.warn({}, 'any_token_is_believed');
}

/** A stored policy that this version cannot read refuses every guest, and stops no administrator from replacing it. */
async function nameOf(policy: ActivePolicy, log: Log): Promise<string> {
  try {
    return (await policy.current()).name;
  } catch (cause) {
    log.error({ reason: cause instanceof Error ? cause.message : 'unknown' }, 'policy_unreadable');
    return 'unreadable';
  }
}

function readInitData(toml: string): InitDataReading {
  const { document, digest } = parseInitData(toml, {
    versions: 'any',
    algorithms: ['sha256', 'sha384', 'sha512', 'sm3'],
  });
  return { digest, claims: initDataClaims(document) };
}

const VERIFIERS: ReadonlyMap<TeeName, EvidenceVerifier> = new Map<TeeName, EvidenceVerifier>([
  ['sample', sampleVerifier],
  ['sampledevice', sampleDeviceVerifier],
]);

const SWEEP_MS = 60_000;
