import { jsonTable } from './json-table.js';
import type { Section } from './section.js';
import { STORAGE_KINDS } from './storage-backend.js';
import type { AttestationServiceConfig, RvpsConfig, TokenBrokerConfig } from './types.js';

/**
 * Read `[attestation_service]`.
 *
 * @param section - the table
 */
export function parseAttestationService(section: Section): AttestationServiceConfig {
  const type = section.word('type', SERVICE_TYPES) ?? section.fail('type', 'is required');
  const timeout = section.integer('timeout', 1, 525_600) ?? 5;
  const config = serviceOf(section, type, timeout);
  section.done();
  return config;
}

function serviceOf(
  section: Section,
  type: AttestationServiceConfig['type'],
  timeout: number,
): AttestationServiceConfig {
  switch (type) {
    case 'coco_as_builtin': {
      const verifiers = section.section('verifier_config');
      return {
        type,
        timeout,
        rvps_config: parseRvps(section.section('rvps_config')),
        attestation_token_broker: parseBroker(section.section('attestation_token_broker')),
        verifier_config: verifiers === undefined ? null : jsonTable(verifiers, verifiers.unread),
        storage_type: section.word('storage_type', STORAGE_KINDS) ?? null,
      };
    }
    case 'coco_as_grpc':
      return {
        type,
        timeout,
        as_addr: section.text('as_addr') ?? 'http://127.0.0.1:50004',
        pool_size: section.integer('pool_size', 1, 65_535) ?? 100,
      };
    case 'intel_ta':
      return {
        type,
        timeout,
        base_url: section.needText('base_url'),
        api_key: section.needText('api_key'),
        certs_file: section.needText('certs_file'),
        allow_unmatched_policy: section.flag('allow_unmatched_policy') ?? null,
        policy_ids: section.texts('policy_ids') ?? [],
      };
  }
}

function parseRvps(section: Section | undefined): RvpsConfig {
  const type = section?.word('type', RVPS_TYPES) ?? 'BuiltIn';
  if (type === 'GrpcRemote') {
    const address = section?.text('address') ?? '127.0.0.1:50003';
    section?.done();
    return { type, address };
  }
  const extractors = section?.section('extractors');
  const config = {
    type,
    extractors: extractors === undefined ? null : jsonTable(extractors, extractors.unread),
    storage_type: section?.word('storage_type', STORAGE_KINDS) ?? null,
  };
  section?.done();
  return config;
}

function parseBroker(section: Section | undefined): TokenBrokerConfig {
  const signer = section?.section('signer');
  const config = {
    duration_min: section?.integer('duration_min', 1, 525_600) ?? 5,
    issuer_name: section?.text('issuer_name') ?? 'CoCo-Attestation-Service',
    developer_name: section?.text('developer_name') ?? 'https://confidentialcontainers.org',
    build_name: section?.text('build_name') ?? 'attestation-service 0.1.0',
    profile_name: section?.text('profile_name') ?? 'tag:github.com,2024:confidential-containers/Trustee',
    verbose_token: section?.flag('verbose_token') ?? true,
    signer:
      signer === undefined
        ? null
        : {
            key_path: signer.needText('key_path'),
            cert_url: signer.text('cert_url') ?? null,
            cert_path: signer.text('cert_path') ?? null,
          },
  };
  signer?.done();
  section?.done();
  return config;
}

const SERVICE_TYPES: ReadonlyMap<string, AttestationServiceConfig['type']> = new Map([
  ['coco_as_builtin', 'coco_as_builtin'],
  ['CoCoASBuiltIn', 'coco_as_builtin'],
  ['coco_as_grpc', 'coco_as_grpc'],
  ['CoCoASGrpc', 'coco_as_grpc'],
  ['intel_ta', 'intel_ta'],
  ['IntelTrustAuthority', 'intel_ta'],
]);

const RVPS_TYPES: ReadonlyMap<string, RvpsConfig['type']> = new Map([
  ['BuiltIn', 'BuiltIn'],
  ['GrpcRemote', 'GrpcRemote'],
]);
