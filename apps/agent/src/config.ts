import { UsageError } from '@sealwright/service';
import { parse } from 'smol-toml';

/** What `aa.toml` says. */
export interface AttestationAgentConfig {
  readonly token_configs: {
    readonly coco_as: { readonly url: string } | null;
    readonly kbs: KbsTokenConfig | null;
  };
  readonly eventlog_config: { readonly init_pcr: number; readonly enable_eventlog: boolean };
  readonly log: { readonly level: string };
}

/** Where tokens of the type `kbs` come from. */
export interface KbsTokenConfig {
  readonly url: string;
  /** PEM root that is trusted besides those of the system. */
  readonly cert: string | null;
  readonly tee_key_algorithm: string;
}

/** What `cdh.toml` says, as far as this program reads it. */
export interface DataHubConfig {
  readonly socket: string;
  readonly aa: { readonly aa_socket: string };
  readonly kbc: { readonly name: string; readonly url: string; readonly kbs_cert: string | null };
  readonly credentials: readonly { readonly path: string; readonly resource_uri: string }[];
  readonly skip_sealed_secret_verification: boolean;
  readonly log: { readonly level: string };
}

/**
 * Read the configuration of an attestation agent. Unknown keys are ignored.
 *
 * @param text - TOML, or JSON
 * @param format - which of them
 * @throws {@link UsageError} naming the key.
 */
export function parseAttestationAgentConfig(text: string, format: 'toml' | 'json'): AttestationAgentConfig {
  const root = rootOf(text, format);
  const tokens = table(root, 'token_configs');
  const cocoAs = maybeTable(tokens, 'coco_as', 'token_configs.');
  const kbs = maybeTable(tokens, 'kbs', 'token_configs.');
  const events = table(root, 'eventlog_config');
  return {
    token_configs: {
      coco_as: cocoAs === undefined ? null : { url: needed(cocoAs, 'url', 'token_configs.coco_as.') },
      kbs:
        kbs === undefined
          ? null
          : {
              url: needed(kbs, 'url', 'token_configs.kbs.'),
              cert: string(kbs, 'cert', 'token_configs.kbs.') ?? null,
              tee_key_algorithm:
                string(kbs, 'tee_key_algorithm', 'token_configs.kbs.') ?? 'ECDH-ES+A256KW-P256',
            },
    },
    eventlog_config: {
      init_pcr: integer(events, 'init_pcr', 'eventlog_config.') ?? 17,
      enable_eventlog: flag(events, 'enable_eventlog', 'eventlog_config.') ?? false,
    },
    log: { level: string(table(root, 'log'), 'level', 'log.') ?? 'info' },
  };
}

/**
 * Read the configuration of a confidential data hub. Unknown keys are ignored.
 *
 * @param text - TOML, or JSON
 * @param format - which of them
 * @throws {@link UsageError} naming the key.
 */
export function parseDataHubConfig(text: string, format: 'toml' | 'json'): DataHubConfig {
  const root = rootOf(text, format);
  const kbc = table(root, 'kbc');
  const credentials = root['credentials'] ?? [];
  if (!Array.isArray(credentials)) throw new UsageError('credentials: expected a list of tables');
  return {
    socket: string(root, 'socket', '') ?? 'unix:///run/confidential-containers/cdh.sock',
    aa: { aa_socket: string(table(root, 'aa'), 'aa_socket', 'aa.') ?? AA_SOCKET },
    kbc: {
      name: needed(kbc, 'name', 'kbc.'),
      url: string(kbc, 'url', 'kbc.') ?? '',
      kbs_cert: string(kbc, 'kbs_cert', 'kbc.') ?? null,
    },
    credentials: credentials.map((each: unknown) => {
      if (!isTable(each)) throw new UsageError('credentials: expected a list of tables');
      const path = needed(each, 'path', 'credentials.');
      const inside =
        path.startsWith(CREDENTIALS) &&
        !path.split('/').some((segment) => segment === '.' || segment === '..');
      if (!inside)
        throw new UsageError(`credentials.path: expected a path below ${CREDENTIALS} without dot segments`);
      return { path, resource_uri: needed(each, 'resource_uri', 'credentials.') };
    }),
    skip_sealed_secret_verification: flag(root, 'skip_sealed_secret_verification', '') ?? false,
    log: { level: string(table(root, 'log'), 'level', 'log.') ?? 'info' },
  };
}

/**
 * Read `AA_KBC_PARAMS`, or `agent.aa_kbc_params` of a kernel command line: `<kbc>::<uri>`. An IPv6 literal in the URI is taken as
 * such, which the original refuses.
 *
 * @param params - the value; `undefined` when there is none
 * @throws {@link UsageError} when there is no `::`.
 */
export function parseKbcParams(params: string | undefined): { readonly kbc: string; readonly uri: string } {
  if (params === undefined) return { kbc: 'offline_fs_kbc', uri: '' };
  const at = params.indexOf('::');
  if (at < 0) throw new UsageError('AA_KBC_PARAMS is <kbc>::<uri>, such as cc_kbc::http://127.0.0.1:8080');
  return { kbc: params.slice(0, at), uri: params.slice(at + 2) };
}

/**
 * Find `agent.aa_kbc_params` on a kernel command line.
 *
 * @param line - words, blanks between them
 */
export function kbcParamsOfCommandLine(line: string): string | undefined {
  const name = 'agent.aa_kbc_params=';
  const word = line.split(/\s/).find((each) => each.startsWith(name));
  return word?.slice(name.length);
}

type Table = Readonly<Record<string, unknown>>;

function rootOf(text: string, format: 'toml' | 'json'): Table {
  try {
    const root: unknown = format === 'toml' ? parse(text) : JSON.parse(text);
    if (isTable(root)) return root;
  } catch (cause) {
    const [first = ''] = cause instanceof Error ? cause.message.split('\n') : [];
    throw new UsageError(`the configuration is not ${format.toUpperCase()}: ${first}`, { cause });
  }
  throw new UsageError('the configuration is not a table');
}

function maybeTable(root: Table, name: string, prefix: string): Table | undefined {
  const value = root[name];
  if (value === undefined || value === null) return undefined;
  if (!isTable(value)) throw new UsageError(`${prefix}${name}: expected a table`);
  return value;
}

function table(root: Table, name: string): Table {
  return maybeTable(root, name, '') ?? {};
}

function string(root: Table, name: string, prefix: string): string | undefined {
  const value = root[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new UsageError(`${prefix}${name}: expected text`);
  return value;
}

function needed(root: Table, name: string, prefix: string): string {
  const value = string(root, name, prefix);
  if (value === undefined) throw new UsageError(`${prefix}${name} is required`);
  return value;
}

function flag(root: Table, name: string, prefix: string): boolean | undefined {
  const value = root[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw new UsageError(`${prefix}${name}: expected true or false`);
  return value;
}

function integer(root: Table, name: string, prefix: string): number | undefined {
  const value = root[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value)) throw new UsageError(`${prefix}${name}: expected an integer`);
  return Number(value);
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const AA_SOCKET = 'unix:///run/confidential-containers/attestation-agent/attestation-agent.sock';
const CREDENTIALS = '/run/confidential-containers/cdh/kbs/';
