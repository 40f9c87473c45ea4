/**
 * `signing_config.v0.2.json`: which services to sign with, and how many of them.
 *
 * @module
 */
import { CosignError } from '../errors.js';
import { ProtoMessage } from '../proto-json.js';
import { isWithin, type Validity } from './validity.js';

/** One service that may be asked. */
export interface SigningService {
  /** Its address. */
  readonly url: string;
  /** Major version of its interface. */
  readonly majorApiVersion: number;
  /** When it is to be used. */
  readonly validFor: Validity;
  /** Who runs it. */
  readonly operator: string;
}

/** How many services of a kind to ask. */
export interface ServiceSelection {
  /** One, all, or exactly so many. `UNDEFINED` where the config does not say, or says something unknown: nothing can be chosen. */
  readonly selector: 'ANY' | 'ALL' | 'EXACT' | 'UNDEFINED';
  /** How many, for `EXACT`. */
  readonly count: number;
}

/** Which services to sign with. */
export interface SigningConfig {
  /** Authorities that certify signers. */
  readonly caUrls: readonly SigningService[];
  /** Issuers of identity tokens. */
  readonly oidcUrls: readonly SigningService[];
  /** Logs of signatures. */
  readonly rekorTlogUrls: readonly SigningService[];
  /** Authorities that make timestamps. */
  readonly tsaUrls: readonly SigningService[];
  /** How many logs. */
  readonly rekorTlogConfig: ServiceSelection;
  /** How many timestamps. */
  readonly tsaConfig: ServiceSelection;
}

/** The media type of signing configs. */
export const SIGNING_CONFIG_MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';

/**
 * Read a signing config.
 *
 * @param input - the JSON, at most 1 MiB
 * @throws {@link CosignError} `ERR_COSIGN_SIGNING_CONFIG`.
 */
export function parseSigningConfig(input: string | Uint8Array): SigningConfig {
  const config = ProtoMessage.parse(input, 'ERR_COSIGN_SIGNING_CONFIG', 1 << 20);
  const mediaType = config.text('mediaType');
  if (mediaType !== SIGNING_CONFIG_MEDIA_TYPE)
    config.fail('mediaType', `expected a signing config, found ${mediaType.slice(0, 128) || 'none'}`);
  return {
    caUrls: readServices(config, 'caUrls'),
    oidcUrls: readServices(config, 'oidcUrls'),
    rekorTlogUrls: readServices(config, 'rekorTlogUrls'),
    tsaUrls: readServices(config, 'tsaUrls'),
    rekorTlogConfig: readSelection(config, 'rekorTlogConfig'),
    tsaConfig: readSelection(config, 'tsaConfig'),
  };
}

/** What to choose services by. */
export interface SelectServicesOptions {
  /** The moment for which to choose. */
  readonly now: Date;
  /** Major versions that the caller speaks. */
  readonly versions: readonly number[];
  /** How many to take: of logs and of timestamps what the config says. Default one. */
  readonly selection?: ServiceSelection;
}

/**
 * Choose services: those that are valid now, of the highest version that the caller speaks, the newest first, at most one of each
 * operator.
 *
 * @param services - of one kind
 * @param options - moment, versions and number
 * @throws {@link CosignError} `ERR_COSIGN_SIGNING_CONFIG` where there are too few, or the config does not say how many.
 */
export function selectServices(
  services: readonly SigningService[],
  options: SelectServicesOptions,
): readonly SigningService[] {
  const { selector, count } = options.selection ?? { selector: 'ANY', count: 1 };
  const usable = services.filter(
    ({ validFor, majorApiVersion }) =>
      isWithin(validFor, options.now.getTime()) && options.versions.includes(majorApiVersion),
  );
  const version = Math.max(...usable.map(({ majorApiVersion }) => majorApiVersion));
  const newestFirst = usable
    .filter(({ majorApiVersion }) => majorApiVersion === version)
    .sort((a, b) => (b.validFor.start ?? 0) - (a.validFor.start ?? 0));
  const operators = new Set<string>();
  const distinct = newestFirst.filter(({ operator }) => !operators.has(operator) && operators.add(operator));
  if (distinct.length === 0) throw fault('no service of a version that is spoken here is valid now');
  if (selector === 'ALL') return distinct;
  if (selector === 'ANY') return distinct.slice(0, 1);
  if (selector !== 'EXACT')
    throw fault('the signing config does not say how many services to ask: ANY, ALL or EXACT');
  if (count < 1 || distinct.length < count)
    throw fault(`expected ${count} services, found ${distinct.length}`);
  return distinct.slice(0, count);
}

function readServices(config: ProtoMessage, name: string): SigningService[] {
  return config.messages(name, MAX_SERVICES).map((service) => {
    const validFor = service.message('validFor');
    const start = validFor?.time('start');
    const end = validFor?.time('end');
    const url = service.text('url');
    if (!/^https?:\/\//.test(url)) service.fail('url', 'expected an address');
    return {
      url,
      majorApiVersion: service.integer('majorApiVersion'),
      validFor: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
      operator: service.text('operator'),
    };
  });
}

/** What is missing or unknown matters only to those who select by it. */
function readSelection(config: ProtoMessage, name: string): ServiceSelection {
  const message = config.message(name);
  const selector = message?.enumeration('selector', SELECTORS);
  const known = selector === 'ANY' || selector === 'ALL' || selector === 'EXACT';
  return { selector: known ? selector : 'UNDEFINED', count: message?.integer('count') ?? 0 };
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_SIGNING_CONFIG', message);
}

const MAX_SERVICES = 64;
const SELECTORS: ReadonlyMap<number, string> = new Map([
  [1, 'ALL'],
  [2, 'ANY'],
  [3, 'EXACT'],
]);
