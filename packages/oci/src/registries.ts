/**
 * Where to pull from: mirrors, other locations and blocked names out of a `registries.conf` (containers-registries.conf.5, version 2).
 *
 * @module
 */
import { mustFit } from '@sealwright/bytes';
import { parse as parseToml, TomlError } from 'smol-toml';
import { OciError } from './errors.js';
import { formatReference, type ImageReference, namesRegistry, parseReference } from './reference.js';

/** Which pulls go to a mirror. */
export type MirrorUse = 'all' | 'digest-only' | 'tag-only';

/** A place that holds the same images. */
export interface RegistryMirror {
  /** Stands in place of the prefix of the reference. */
  readonly location: string;
  /** Whether to speak plain HTTP to it. */
  readonly insecure: boolean;
  /** Which pulls it is for. */
  readonly use: MirrorUse;
}

/** What holds for the images below a prefix. */
export interface RegistryRule {
  /** `host[:port][/path]`, where the host may begin with `*.`. */
  readonly prefix: string;
  /** Stands in place of the prefix; empty leaves the reference as it is. */
  readonly location: string;
  /** Whether to speak plain HTTP. */
  readonly insecure: boolean;
  /** Whether images below the prefix may not be pulled. */
  readonly blocked: boolean;
  /** Tried first, in this order. */
  readonly mirrors: readonly RegistryMirror[];
}

/** A registries file, parsed. */
export interface RegistriesConfig {
  /** Where to look for a name without a registry, in this order. */
  readonly search: readonly string[];
  /** One rule for each `[[registry]]`. */
  readonly rules: readonly RegistryRule[];
}

/** Why an attempt is made: the reference itself, a registry of the search list, a mirror, or another location. */
export type PullAttemptKind = 'original' | 'search' | 'mirror' | 'remapped';

/** One place to try. */
export interface PullAttempt {
  /** What to ask for there. A policy judges the reference that the user wrote, not this one. */
  readonly reference: ImageReference;
  /** Why. */
  readonly kind: PullAttemptKind;
  /** Whether to speak plain HTTP. */
  readonly insecure: boolean;
}

/** How to look for places. */
export interface PullOptions {
  /**
   * Whether the user named the registry, as `namesRegistry` tells: then `docker.io` is meant and nothing else is searched. Default
   * `false`, since a parsed reference to `docker.io` no longer says so.
   */
  readonly qualified?: boolean;
}

/**
 * Parse a registries file. Settings that have no meaning here, such as short-name aliases, are passed over.
 *
 * @param text - TOML, at most 1 MiB
 * @throws {@link OciError} `ERR_OCI_CONFIG`.
 */
export function parseRegistriesConfig(text: string): RegistriesConfig {
  const table = parseTable(text);
  const search = table['unqualified-search-registries'] ?? ['docker.io'];
  if (!Array.isArray(search) || !search.every((name) => typeof name === 'string')) {
    throw fault('expected a list of registries', '/unqualified-search-registries');
  }
  const rules = list(table['registry'], '/registry').map((entry, index) =>
    ruleOf(entry, `/registry/${index}`),
  );
  return { search, rules };
}

/**
 * The places to try for an image, in this order; the first that answers wins.
 *
 * @param config - the rules
 * @param reference - the image
 * @param options - whether the user named the registry
 * @throws {@link OciError} `ERR_OCI_BLOCKED`, or `ERR_OCI_REFERENCE` where a rule makes a reference that is none.
 *
 * @example
 * ```ts
 * const config = parseRegistriesConfig(`
 * [[registry]]
 * location = "registry.example"
 * [[registry.mirror]]
 * location = "mirror.example/cache"
 * `);
 * const places = pullAttempts(config, parseReference('registry.example/app:v1'), { qualified: true });
 * console.log(places.map(({ reference }) => formatReference(reference)).join(' ')); // mirror.example/cache/app:v1 registry.example/app:v1
 * ```
 */
export function pullAttempts(
  config: RegistriesConfig,
  reference: ImageReference,
  options: PullOptions = {},
): readonly PullAttempt[] {
  const attempts = candidates(config, reference, options).flatMap((candidate) =>
    attemptsFor(config, candidate),
  );
  if (attempts.length > 0) return attempts;
  throw new OciError('ERR_OCI_BLOCKED', `Image ${formatReference(reference)} is blocked by registry rule.`);
}

function candidates(
  config: RegistriesConfig,
  reference: ImageReference,
  options: PullOptions,
): PullAttempt[] {
  if (reference.registry !== 'docker.io' || options.qualified === true) {
    return [{ reference, kind: 'original', insecure: false }];
  }
  const official = reference.repository.startsWith('library/');
  return config.search.map((registry) => {
    const repository =
      official && registry !== 'docker.io'
        ? reference.repository.slice('library/'.length)
        : reference.repository;
    return { reference: { ...reference, registry, repository }, kind: 'search', insecure: false };
  });
}

function attemptsFor(config: RegistriesConfig, candidate: PullAttempt): readonly PullAttempt[] {
  const text = formatReference(candidate.reference);
  const { rule, length } = longestMatch(config.rules, text);
  if (rule === undefined) return [candidate];
  if (rule.blocked) return [];
  const moved = (location: string): ImageReference => relocated(location + text.slice(length));
  const mirrors = rule.mirrors
    .filter(
      ({ use }) => use === 'all' || (use === 'digest-only') === (candidate.reference.digest !== undefined),
    )
    .map(({ location, insecure }): PullAttempt => ({ reference: moved(location), kind: 'mirror', insecure }));
  const { location, insecure } = rule;
  if (location === '') return [...mirrors, { ...candidate, insecure }];
  const kind = location === 'docker.io' ? candidate.kind : 'remapped';
  return [...mirrors, { reference: moved(location), kind, insecure }];
}

/** A place without a host would be a repository of `docker.io`, which no rule means. */
function relocated(text: string): ImageReference {
  if (namesRegistry(text)) return parseReference(text);
  throw new OciError('ERR_OCI_REFERENCE', 'the location in the registries file names no registry');
}

/** The rule whose prefix covers most of the reference; of those that cover as much one without a wildcard, the longest, the first. */
function longestMatch(
  rules: readonly RegistryRule[],
  text: string,
): { rule: RegistryRule | undefined; length: number } {
  const matches = rules
    .map((rule) => ({ rule, length: matchLength(rule.prefix, text) }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => b.length - a.length || spelled(b.rule.prefix) - spelled(a.rule.prefix));
  return matches[0] ?? { rule: undefined, length: 0 };
}

/** How much of a match a prefix spells out: a wildcard covers what it does not name. */
function spelled(prefix: string): number {
  return prefix.startsWith('*.') ? prefix.length : Number.MAX_SAFE_INTEGER;
}

/** How many characters a prefix covers from the start of a reference; 0 where it does not match. */
function matchLength(prefix: string, text: string): number {
  const wildcard = prefix.startsWith('*.');
  const suffix = prefix.slice(1);
  const at = wildcard ? text.lastIndexOf(suffix, text.indexOf('/') - 1) : 0; // in the host, its last labels
  if (wildcard ? at <= 0 : !text.startsWith(prefix)) return 0;
  const length = wildcard ? at + suffix.length : prefix.length;
  return length === text.length || ':/@'.includes(text.charAt(length)) ? length : 0;
}

function ruleOf(entry: Table, pointer: string): RegistryRule {
  const location = place(entry, 'location', pointer);
  const prefix = place(entry, 'prefix', pointer) || location;
  if (prefix === '') throw fault('both location and prefix are empty', pointer);
  if (prefix.startsWith('*.') && location === '') {
    throw fault('location is unset and prefix is with wildcard', pointer);
  }
  const digestOnly = flag(entry, 'mirror-by-digest-only', pointer);
  return {
    prefix,
    location,
    insecure: flag(entry, 'insecure', pointer),
    blocked: flag(entry, 'blocked', pointer),
    mirrors: list(entry['mirror'], `${pointer}/mirror`).map((mirror, index) =>
      mirrorOf(mirror, digestOnly, `${pointer}/mirror/${index}`),
    ),
  };
}

function mirrorOf(entry: Table, digestOnly: boolean, pointer: string): RegistryMirror {
  const location = place(entry, 'location', pointer);
  if (location === '') throw fault('mirror location is empty', pointer);
  const use = string(entry, 'pull-from-mirror', pointer) || (digestOnly ? 'digest-only' : 'all');
  if (use !== 'all' && use !== 'digest-only' && use !== 'tag-only') {
    throw fault('expected all, digest-only or tag-only', `${pointer}/pull-from-mirror`);
  }
  if (digestOnly && string(entry, 'pull-from-mirror', pointer) !== '')
    throw fault('mirror-by-digest-only says it for all mirrors already', `${pointer}/pull-from-mirror`);
  return { location, insecure: flag(entry, 'insecure', pointer), use };
}

type Table = Readonly<Record<string, unknown>>;

function parseTable(text: string): Table {
  mustFitConfig(text);
  try {
    return parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new OciError(
      'ERR_OCI_CONFIG',
      `a registries file is TOML: line ${cause.line}, column ${cause.column}`,
      {
        cause,
      },
    );
  }
}

function mustFitConfig(text: string): void {
  try {
    mustFit(text, MAX_BYTES, 'a registries file');
  } catch (cause) {
    throw new OciError('ERR_OCI_SIZE', `a registries file has at most ${MAX_BYTES} bytes`, { cause });
  }
}

function list(value: unknown, pointer: string): readonly Table[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((entry) => isTable(entry)))
    throw fault('expected tables', pointer);
  return value;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function string(entry: Table, name: string, pointer: string): string {
  const value = entry[name] ?? '';
  if (typeof value !== 'string') throw fault('expected a string', `${pointer}/${name}`);
  return value;
}

/** A prefix or a location. With the slash that people put behind it, nothing would begin with it. */
function place(entry: Table, name: string, pointer: string): string {
  const text = string(entry, name, pointer);
  if (/^https?:\/\//i.test(text))
    throw fault('a registry is written without a scheme: insecure means plain HTTP', `${pointer}/${name}`);
  let end = text.length;
  while (text.charAt(end - 1) === '/') end -= 1;
  return text.slice(0, end);
}

function flag(entry: Table, name: string, pointer: string): boolean {
  const value = entry[name] ?? false;
  if (typeof value !== 'boolean') throw fault('expected true or false', `${pointer}/${name}`);
  return value;
}

function fault(message: string, pointer: string): OciError {
  return new OciError('ERR_OCI_CONFIG', `illegal registry configuration: ${message}`, { pointer });
}

const MAX_BYTES = 1 << 20;
