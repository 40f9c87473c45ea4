/**
 * The original's `kbs-config.toml` as values with their defaults. Whether this service can do what is asked is another
 * question, answered in `supported.ts`.
 *
 * @module
 */
import { UsageError } from '@sealwright/service';
import { parse } from 'smol-toml';
import { parseAdmin } from './admin.js';
import { parseAttestationService } from './attestation-service.js';
import { jsonTable } from './json-table.js';
import { Section, type ConfigSource } from './section.js';
import { parseStorageBackend, STORAGE_KINDS } from './storage-backend.js';
import { tomlLines } from './toml-lines.js';
import type {
  AttestationTokenConfig,
  HttpServerConfig,
  KbsConfig,
  PluginConfig,
  SealwrightConfig,
} from './types.js';

/** A configuration and where it came from. */
export interface ParsedConfig {
  readonly config: KbsConfig;
  readonly source: ConfigSource;
}

/**
 * Read a configuration.
 *
 * @param toml - the text of the file
 * @param file - its name, for errors
 * @throws {@link UsageError} with file, line and key.
 */
export function parseConfig(toml: string, file: string): ParsedConfig {
  const source = { file, lines: new Map<string, number>() };
  const root = new Section(Object.assign(source, { lines: linesOf(toml, file) }), [], tableOf(toml, file));
  const config: KbsConfig = {
    http_server: parseHttpServer(root.needSection('http_server')),
    attestation_token: parseAttestationToken(root.section('attestation_token')),
    attestation_service: parseAttestationService(root.needSection('attestation_service')),
    admin: parseAdmin(root.needSection('admin')),
    storage_backend: parseStorageBackend(root.section('storage_backend')),
    session_storage_type: root.word('session_storage_type', STORAGE_KINDS) ?? null,
    plugins: (root.sections('plugins') ?? []).map(parsePlugin),
    sealwright: parseSealwright(root.section('sealwright')),
  };
  root.done({ policy_engine: 'is of v0.16 and before; upload the policy with POST /kbs/v0/resource-policy' });
  return { config, source };
}

function linesOf(toml: string, file: string): ReadonlyMap<string, number> {
  tableOf(toml, file);
  return tomlLines(toml);
}

function tableOf(toml: string, file: string): Record<string, unknown> {
  try {
    return parse(toml, { maxDepth: 32, unsafeKeyBehaviour: 'throw' });
  } catch (cause) {
    const line =
      typeof cause === 'object' && cause !== null && 'line' in cause ? `:${String(cause.line)}` : '';
    // The parser's message quotes the file, which may hold a secret: its first line is enough.
    const [message = ''] = (cause instanceof Error ? cause.message : '').split('\n');
    throw new UsageError(`${file}${line}: ${message}`, { cause });
  }
}

function parseHttpServer(section: Section): HttpServerConfig {
  const versions = new Map([['1.2', '1.2'] as const, ['1.3', '1.3'] as const]);
  const profiles = new Map(['old', 'intermediate', 'modern', 'custom'].map((name) => [name, name]));
  const config = {
    sockets: section.texts('sockets') ?? ['127.0.0.1:8080'],
    insecure_http: section.flag('insecure_http') ?? false,
    payload_request_size: section.integer('payload_request_size', 1, 1024) ?? 2,
    worker_count: section.integer('worker_count', 1, 4096) ?? null,
    private_key: section.text('private_key') ?? null,
    certificate: section.text('certificate') ?? null,
    tls_profile: section.word('tls_profile', profiles) ?? 'intermediate',
    tls_min_version: section.word('tls_min_version', versions) ?? null,
    tls_max_version: section.word('tls_max_version', versions) ?? null,
    tls_ciphers: section.text('tls_ciphers') ?? null,
    tls_groups: section.text('tls_groups') ?? null,
  };
  section.done();
  return config;
}

function parseAttestationToken(section: Section | undefined): AttestationTokenConfig {
  const config = {
    trusted_certs_paths: section?.texts('trusted_certs_paths') ?? [],
    trusted_jwk_sets: section?.texts('trusted_jwk_sets') ?? [],
    extra_teekey_paths: section?.texts('extra_teekey_paths') ?? [],
    insecure_header_jwk: section?.flag('insecure_header_jwk') ?? false,
  };
  section?.done({ insecure_key: 'is called insecure_header_jwk since v0.21' });
  return config;
}

function parsePlugin(section: Section): PluginConfig {
  const name = section.needText('name');
  const defaults = name === 'resource' ? { storage_backend_type: 'kvstorage' } : {};
  return { ...defaults, ...jsonTable(section, section.unread), name };
}

function parseSealwright(section: Section | undefined): SealwrightConfig {
  const values = section?.section('reference_values');
  const config = {
    database: section?.text('database') ?? null,
    data_key_file: section?.text('data_key_file') ?? null,
    resource_policy: section?.text('resource_policy') ?? 'default',
    reference_values: values === undefined ? {} : jsonTable(values, values.unread),
  };
  section?.done();
  return config;
}
