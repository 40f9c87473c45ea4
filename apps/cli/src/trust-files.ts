import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  logIdOf,
  noteKeyId,
  parseCosignPublicKey,
  parseSigningConfig,
  parseTrustedRoot,
  SIGNING_CONFIG_MEDIA_TYPE,
  TRUSTED_ROOT_MEDIA_TYPES,
} from '@sealwright/cosign-sig';
import type { PublicKey } from '@sealwright/crypto';
import { parseCertificate } from '@sealwright/der';
import { certificatesIn } from './certificate-files.js';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { about, CommandError } from './failure.js';
import type { Io } from './io.js';
import { cachedTarget, signingConfigOf } from './sigstore-cache.js';

/** The flags of `trusted-root create`. */
export interface TrustedRootFlags {
  readonly fulcio?: readonly string[];
  readonly rekor?: readonly string[];
  readonly ctfe?: readonly string[];
  readonly tsa?: readonly string[];
  readonly withDefaultServices?: boolean;
  readonly defaultFulcio: boolean;
  readonly defaultRekor: boolean;
  readonly defaultCtfe: boolean;
  readonly defaultTsa: boolean;
  readonly out?: string;
}

/** The flags of `signing-config create`. */
export interface SigningConfigFlags {
  readonly fulcio?: readonly string[];
  readonly oidcProvider?: readonly string[];
  readonly rekor?: readonly string[];
  readonly rekorConfig?: string;
  readonly tsa?: readonly string[];
  readonly tsaConfig?: string;
  readonly baseConfig?: string;
  readonly withDefaultServices?: boolean;
  readonly defaultFulcio: boolean;
  readonly defaultOidc: boolean;
  readonly defaultRekor: boolean;
  readonly defaultTsa: boolean;
  readonly out?: string;
}

/**
 * Write a trusted root. What it would not be read as is not written.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function createTrustedRoot(io: Io, flags: TrustedRootFlags): Promise<void> {
  const base = flags.withDefaultServices === true ? await defaultRoot(io) : {};
  const list = async (
    member: string,
    specifications: readonly string[] | undefined,
    isKept: boolean,
    make: (specification: Specification) => Promise<JsonObject>,
  ): Promise<JsonObject> => {
    if (specifications === undefined)
      return isKept && base[member] !== undefined ? { [member]: base[member] } : {};
    const made: JsonObject[] = [];
    for (const text of specifications) made.push(await make(new Specification(text)));
    return { [member]: made };
  };
  const root: JsonObject = {
    mediaType: TRUSTED_ROOT_MEDIA_TYPES[0] ?? '',
    ...(await list('tlogs', flags.rekor, flags.defaultRekor, (each) => logJson(io, each))),
    ...(await list('certificateAuthorities', flags.fulcio, flags.defaultFulcio, (each) =>
      authorityJson(io, each),
    )),
    ...(await list('ctlogs', flags.ctfe, flags.defaultCtfe, (each) => logJson(io, each))),
    ...(await list('timestampAuthorities', flags.tsa, flags.defaultTsa, (each) => authorityJson(io, each))),
  };
  const text = JSON.stringify(root);
  parseTrustedRoot(text);
  await write(io, flags.out, text);
}

/**
 * Write a signing config.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function createSigningConfig(io: Io, flags: SigningConfigFlags): Promise<void> {
  const base = await baseConfig(io, flags);
  const list = (
    member: string,
    specifications: readonly string[] | undefined,
    isKept: boolean,
  ): JsonObject => {
    if (specifications === undefined)
      return isKept && base[member] !== undefined ? { [member]: base[member] } : {};
    return { [member]: specifications.map((text) => serviceJson(new Specification(text))) };
  };
  const selection = (
    member: string,
    flag: string,
    selector: string | undefined,
    services: readonly string[] | undefined,
    isKept: boolean,
  ): JsonObject => {
    if (selector === undefined && services !== undefined)
      throw new CommandError(`${flag}-config is needed with ${flag}: ANY, ALL or EXACT:<count>`);
    if (selector === undefined) return isKept && base[member] !== undefined ? { [member]: base[member] } : {};
    const [, name = '', count] = /^(ANY|ALL|EXACT)(?::(\d{1,6}))?$/.exec(selector) ?? [];
    if (name === '' || (name === 'EXACT') !== (count !== undefined))
      throw new CommandError(`${flag}-config is ANY, ALL or EXACT:<count>, not ${JSON.stringify(selector)}`);
    return { [member]: { selector: name, ...(count === undefined ? {} : { count: Number(count) }) } };
  };
  const config: JsonObject = {
    mediaType: SIGNING_CONFIG_MEDIA_TYPE,
    ...list('caUrls', flags.fulcio, flags.defaultFulcio),
    ...list('oidcUrls', flags.oidcProvider, flags.defaultOidc),
    ...list('rekorTlogUrls', flags.rekor, flags.defaultRekor),
    ...selection('rekorTlogConfig', '--rekor', flags.rekorConfig, flags.rekor, flags.defaultRekor),
    ...list('tsaUrls', flags.tsa, flags.defaultTsa),
    ...selection('tsaConfig', '--tsa', flags.tsaConfig, flags.tsa, flags.defaultTsa),
  };
  const text = JSON.stringify(config);
  parseSigningConfig(text);
  await write(io, flags.out, text);
}

/** `name=value` pairs with commas. */
class Specification {
  readonly #text: string;
  readonly #pairs = new Map<string, string>();

  constructor(text: string) {
    this.#text = text;
    for (const part of text.split(',')) {
      const at = part.indexOf('=');
      if (at < 1) throw new CommandError(`expected name=value with commas, found ${JSON.stringify(text)}`);
      this.#pairs.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
    }
  }

  optional(name: string): string | undefined {
    return this.#pairs.get(name);
  }

  needed(name: string): string {
    const value = this.#pairs.get(name);
    if (value !== undefined && value !== '') return value;
    throw new CommandError(`${name} is missing in ${JSON.stringify(this.#text)}`);
  }

  url(): string {
    const url = this.needed('url');
    if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url;
    throw new CommandError(`url is an address, not ${JSON.stringify(url)}`);
  }

  validFor(start: string | undefined): JsonObject {
    const end = this.optional('end-time');
    return {
      start: timeOf('start-time', start ?? this.needed('start-time')),
      ...(end === undefined ? {} : { end: timeOf('end-time', end) }),
    };
  }
}

function timeOf(name: string, text: string): string {
  if (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  )
    return text;
  throw new CommandError(`${name} is a time such as 2024-01-01T00:00:00Z, not ${JSON.stringify(text)}`);
}

async function logJson(io: Io, specification: Specification): Promise<JsonObject> {
  const baseUrl = specification.url();
  const validFor = specification.validFor(undefined);
  const path = specification.needed('public-key');
  const bytes = await io.readFile(path);
  const key = await about(path, () => parseCosignPublicKey(decodeUtf8(bytes)));
  const origin = specification.optional('origin');
  const keyId = origin === undefined ? logIdOf(key) : noteKeyId(origin, key);
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: encodeBase64(key.spki), keyDetails: detailsOf(key), validFor },
    logId: { keyId: encodeBase64(keyId) },
  };
}

async function authorityJson(io: Io, specification: Specification): Promise<JsonObject> {
  const uri = specification.url();
  const path = specification.needed('certificate-chain');
  const chain = await certificatesIn(io, path);
  const [first] = chain;
  const begin = await about(path, () =>
    new Date(parseCertificate(first).notBefore).toISOString().replace('.000Z', 'Z'),
  );
  return {
    uri,
    certChain: { certificates: chain.map((der) => ({ rawBytes: encodeBase64(der) })) },
    validFor: specification.validFor(specification.optional('start-time') ?? begin),
  };
}

function serviceJson(specification: Specification): JsonObject {
  const version = specification.needed('api-version');
  if (!/^[1-9]\d{0,3}$/.test(version))
    throw new CommandError(`api-version is a number, not ${JSON.stringify(version)}`);
  return {
    url: specification.url(),
    majorApiVersion: Number(version),
    validFor: specification.validFor(undefined),
    operator: specification.needed('operator'),
  };
}

function detailsOf({ kind, bits }: PublicKey): string {
  const details = kind === 'rsa' ? `PKIX_RSA_PKCS1V15_${bits ?? ''}_SHA256` : DETAILS[kind];
  if (kind === 'rsa' && ![2048, 3072, 4096].includes(bits ?? 0))
    throw new CommandError('an RSA key of a log has 2048, 3072 or 4096 bits');
  return details;
}

async function defaultRoot(io: Io): Promise<JsonObject> {
  const cached = await cachedTarget(io, 'trusted_root.json');
  if (cached === undefined)
    throw new CommandError('--with-default-services: run `sealwright initialize` first');
  return about(cached.name, () => objectOf(parseJson(cached.bytes)));
}

async function baseConfig(io: Io, flags: SigningConfigFlags): Promise<JsonObject> {
  if (flags.baseConfig !== undefined && flags.withDefaultServices === true)
    throw new CommandError('give --base-config or --with-default-services, not both');
  if (flags.baseConfig === undefined && flags.withDefaultServices !== true) return {};
  const { name, bytes } = await signingConfigOf(io, flags.baseConfig);
  return about(name, () => {
    parseSigningConfig(bytes);
    return objectOf(parseJson(bytes));
  });
}

function objectOf(json: JsonValue): JsonObject {
  if (isJsonObject(json)) return json;
  throw new CommandError('expected an object');
}

async function write(io: Io, path: string | undefined, text: string): Promise<void> {
  if (path === undefined) io.out(`${text}\n`);
  else await io.writeFiles([{ path, bytes: encodeUtf8(text), mode: 0o644 }]);
}

const DETAILS = {
  'ec-p256': 'PKIX_ECDSA_P256_SHA_256',
  'ec-p384': 'PKIX_ECDSA_P384_SHA_384',
  'ec-p521': 'PKIX_ECDSA_P521_SHA_512',
  ed25519: 'PKIX_ED25519',
} as const;
