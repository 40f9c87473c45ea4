/**
 * What a configuration asks for that cannot be: first what the original refuses as well, then what is not built in here yet.
 *
 * @module
 */
import { parseAddress, UsageError } from '@sealwright/service';
import type { ParsedConfig } from './parse.js';
import { refusal } from './section.js';
import type { TomlPath } from './toml-lines.js';
import type { BuiltinServiceConfig, KbsConfig } from './types.js';

/** A configuration that this service can run. */
export type SupportedConfig = KbsConfig & { readonly attestation_service: BuiltinServiceConfig };

/**
 * Refuse what the original refuses at its start.
 *
 * @param parsed - the configuration
 * @throws {@link UsageError} with file, line and key.
 */
export function mustBeSound({ config, source }: ParsedConfig): void {
  const { http_server: http, attestation_token: token } = config;
  const fail = (path: TomlPath, message: string): never => {
    throw refusal(source, path, message);
  };
  if (http.sockets.length === 0) fail(['http_server', 'sockets'], 'expected at least one');
  for (const socket of http.sockets) {
    try {
      parseAddress(socket);
    } catch (cause) {
      fail(['http_server', 'sockets'], cause instanceof UsageError ? cause.message : 'expected addresses');
    }
  }
  if (!http.insecure_http && http.private_key === null) {
    fail(['http_server', 'private_key'], 'is required, with certificate, unless insecure_http = true');
  }
  if (!http.insecure_http && http.certificate === null) {
    fail(['http_server', 'certificate'], 'is required, with private_key, unless insecure_http = true');
  }
  if (
    http.tls_min_version !== null &&
    http.tls_max_version !== null &&
    http.tls_min_version > http.tls_max_version
  ) {
    fail(['http_server', 'tls_min_version'], 'is above tls_max_version');
  }
  const trusts =
    token.trusted_certs_paths.length + token.trusted_jwk_sets.length > 0 || token.insecure_header_jwk;
  if (!trusts && config.attestation_service.type !== 'coco_as_builtin') {
    fail(
      ['attestation_token'],
      'expected trusted_certs_paths or trusted_jwk_sets: no token could be believed',
    );
  }
}

/**
 * Refuse what is not built in yet.
 *
 * @param parsed - a configuration that is sound
 * @throws {@link UsageError} with file, line and key.
 */
export function mustBeSupported({ config, source }: ParsedConfig): SupportedConfig {
  const fail = (path: TomlPath, message: string): never => {
    throw refusal(source, path, message);
  };
  const { http_server: http, attestation_service: service, storage_backend: storage } = config;
  if (!http.insecure_http) {
    fail(
      ['http_server', 'private_key'],
      'TLS is not built in yet; set insecure_http = true behind a proxy that does it',
    );
  }
  if (service.type !== 'coco_as_builtin') {
    return fail(['attestation_service', 'type'], `${service.type} is not built in yet; coco_as_builtin is`);
  }
  if (service.rvps_config.type !== 'BuiltIn') {
    fail(
      ['attestation_service', 'rvps_config', 'type'],
      'GrpcRemote is not built in yet; see [sealwright.reference_values]',
    );
  } else if (service.rvps_config.extractors !== null) {
    fail(['attestation_service', 'rvps_config', 'extractors'], 'extractors are not built in yet');
  } else if (service.rvps_config.storage_type !== null) {
    fail(
      ['attestation_service', 'rvps_config', 'storage_type'],
      'reference values are in [sealwright.reference_values]',
    );
  }
  if (service.verifier_config !== null) {
    fail(
      ['attestation_service', 'verifier_config'],
      'only the verifier of the sample TEE is built in yet; it takes no options',
    );
  }
  if (service.storage_type !== null) {
    fail(['attestation_service', 'storage_type'], 'the attestation service stores nothing yet');
  }
  for (const [path, kind] of [
    [['storage_backend', 'storage_type'], storage.storage_type],
    [['session_storage_type'], config.session_storage_type],
  ] as const) {
    if (kind === 'Postgres' || kind === 'Redis')
      fail(path, `${kind} is not built in yet; LocalFs is, as one SQLite file`);
  }
  config.plugins.forEach((plugin, index) => {
    if (plugin.name !== 'resource')
      fail(['plugins', index, 'name'], `plugin ${plugin.name} is not built in yet`);
    if (plugin['storage_backend_type'] !== 'kvstorage') {
      fail(['plugins', index, 'storage_backend_type'], 'is not built in yet; kvstorage is');
    }
    const unknown = Object.keys(plugin).find((name) => name !== 'name' && name !== 'storage_backend_type');
    if (unknown !== undefined) fail(['plugins', index, unknown], 'is not a key that is known here');
  });
  return { ...config, attestation_service: service };
}
