import type { JsonObject } from '@sealwright/json';

/** The effective configuration: every key of the original's `kbs-config.toml` under its own name, and ours. */
export interface KbsConfig {
  readonly http_server: HttpServerConfig;
  readonly attestation_token: AttestationTokenConfig;
  readonly attestation_service: AttestationServiceConfig;
  readonly admin: AdminConfig;
  readonly storage_backend: StorageBackendConfig;
  readonly session_storage_type: StorageKind | null;
  readonly plugins: readonly PluginConfig[];
  readonly sealwright: SealwrightConfig;
}

/** `[http_server]`. */
export interface HttpServerConfig {
  readonly sockets: readonly string[];
  readonly insecure_http: boolean;
  /** MiB. */
  readonly payload_request_size: number;
  readonly worker_count: number | null;
  readonly private_key: string | null;
  readonly certificate: string | null;
  readonly tls_profile: string;
  readonly tls_min_version: string | null;
  readonly tls_max_version: string | null;
  readonly tls_ciphers: string | null;
  readonly tls_groups: string | null;
}

/** `[attestation_token]`: whose tokens are believed. */
export interface AttestationTokenConfig {
  readonly trusted_certs_paths: readonly string[];
  readonly trusted_jwk_sets: readonly string[];
  readonly extra_teekey_paths: readonly string[];
  readonly insecure_header_jwk: boolean;
}

/** `[attestation_service]`. */
export type AttestationServiceConfig = BuiltinServiceConfig | GrpcServiceConfig | IntelServiceConfig;

/** The attestation service inside this process. */
export interface BuiltinServiceConfig {
  readonly type: 'coco_as_builtin';
  /** Minutes that a session lives. */
  readonly timeout: number;
  readonly rvps_config: RvpsConfig;
  readonly attestation_token_broker: TokenBrokerConfig;
  readonly verifier_config: JsonObject | null;
  readonly storage_type: StorageKind | null;
}

/** An attestation service over gRPC. */
export interface GrpcServiceConfig {
  readonly type: 'coco_as_grpc';
  readonly timeout: number;
  readonly as_addr: string;
  readonly pool_size: number;
}

/** Intel Trust Authority. */
export interface IntelServiceConfig {
  readonly type: 'intel_ta';
  readonly timeout: number;
  readonly base_url: string;
  readonly api_key: string;
  readonly certs_file: string;
  readonly allow_unmatched_policy: boolean | null;
  readonly policy_ids: readonly string[];
}

/** Where reference values are. */
export type RvpsConfig =
  | {
      readonly type: 'BuiltIn';
      readonly extractors: JsonObject | null;
      readonly storage_type: StorageKind | null;
    }
  | { readonly type: 'GrpcRemote'; readonly address: string };

/** `[attestation_service.attestation_token_broker]`. */
export interface TokenBrokerConfig {
  /** Minutes that a token is good for. */
  readonly duration_min: number;
  readonly issuer_name: string;
  readonly developer_name: string;
  readonly build_name: string;
  readonly profile_name: string;
  readonly verbose_token: boolean;
  readonly signer: {
    readonly key_path: string;
    readonly cert_url: string | null;
    readonly cert_path: string | null;
  } | null;
}

/** `[admin]`. */
export type AdminConfig =
  | { readonly authorization_mode: 'InsecureAllowAll' | 'DenyAll' }
  | {
      readonly authorization_mode: 'AuthenticatedAuthorization';
      readonly authentication: {
        readonly bearer_jwt: { readonly identity_providers: readonly IdentityProvider[] };
      };
      readonly authorization: { readonly regex_acl: { readonly acls: readonly EndpointRule[] } };
    };

/** Whose tokens make an administrator. */
export interface IdentityProvider {
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly public_key_uri: string | null;
  readonly jwk_set_uri: string | null;
}

/** What a role may call. */
export interface EndpointRule {
  readonly role: string;
  readonly allowed_endpoints: string;
}

/** Kinds of storage, in the original's spelling. */
export type StorageKind = 'Memory' | 'LocalFs' | 'LocalJson' | 'Postgres' | 'Redis';

/** `[storage_backend]`. */
export interface StorageBackendConfig {
  readonly storage_type: StorageKind;
  readonly backends: JsonObject;
}

/** One of `[[plugins]]`. */
export type PluginConfig = { readonly name: string } & JsonObject;

/** `[sealwright]`: keys that the original does not have. */
export interface SealwrightConfig {
  /** The SQLite file; null takes the folder of `[storage_backend]`, or memory. */
  readonly database: string | null;
  /** The file of the data key; null takes the database's name with `.key` after it. */
  readonly data_key_file: string | null;
  /** A built-in policy's name, or a `.json` or `.mjs` file: what decides until a policy is uploaded. */
  readonly resource_policy: string;
  /** Reference values by name, as an RVPS would hold them. */
  readonly reference_values: JsonObject;
}
