/**
 * Which objects a rule of Kyverno is about: its `match` and `exclude`.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { type Fields, readFields } from './fields.js';
import { policyFault } from './members.js';
import { type LabelRule, labelsFit, labelSelector } from './resource-match.js';
import { matchWildcard } from './wildcard.js';

/** Objects, by what a manifest says about them. Everything that is there must fit. */
export interface KyvernoFilter {
  /** `Kind`, `version/Kind` or `group/version/Kind`, with wildcards. `Pod` stands for every kind that makes Pods, too. */
  readonly kinds: readonly string[];
  /** A name, with wildcards; empty where the policy has none. */
  readonly name: string;
  /** Names, with wildcards, one of which it must be besides. */
  readonly names: readonly string[];
  /** Namespaces, with wildcards. */
  readonly namespaces: readonly string[];
  /** What labels must be. */
  readonly labels: readonly LabelRule[];
  /** What annotations must be; names and values with wildcards. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether it asks for something that no manifest says: who sent it, or which labels its namespace has. */
  readonly asksMore: boolean;
}

/** Filters, one of which (`any`) or each of which (`all`) must fit. */
export interface KyvernoMatch {
  /** One of them must fit, where there are any. */
  readonly any: readonly KyvernoFilter[];
  /** Each of them must fit. */
  readonly all: readonly KyvernoFilter[];
}

/** Read `match` or `exclude`. */
export function kyvernoMatch(fields: Fields): KyvernoMatch {
  const read = (name: 'any' | 'all'): readonly KyvernoFilter[] =>
    fields.list(name, (item, pointer) => readFields(item, pointer, filterOf));
  const [any, all] = [read('any'), read('all')];
  const old = OLD.some((name) => fields.has(name)) ? [filterOf(fields)] : [];
  return { any, all: [...all, ...old] };
}

/**
 * Whether a rule is about an object. What no manifest says counts as fitting in `match` and as not fitting in `exclude`, so that the rule
 * holds where it cannot be known.
 *
 * @param match - of the rule
 * @param exclude - of the rule
 * @param object - the manifest
 */
export function kyvernoMatchesObject(
  match: KyvernoMatch,
  exclude: KyvernoMatch,
  object: JsonObject,
): boolean {
  const isMatched = fits(match, object, true);
  const isExcluded = exclude.any.length + exclude.all.length > 0 && fits(exclude, object, false);
  return isMatched && !isExcluded;
}

function fits({ any, all }: KyvernoMatch, object: JsonObject, unknown: boolean): boolean {
  const one = (filter: KyvernoFilter): boolean => filterFits(filter, object, unknown);
  return (any.length === 0 || any.some(one)) && all.every(one);
}

function filterFits(filter: KyvernoFilter, object: JsonObject, unknown: boolean): boolean {
  if (!unknown && (filter.asksMore || isEmpty(filter))) return false;
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  const { namespace, generateName } = metadata;
  const name = metadata['name'] ?? generateName;
  const own = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
  const { kinds, names, namespaces, labels, annotations } = filter;
  return (
    (kinds.length === 0 || kinds.some((kind) => kindFits(kind, object))) &&
    (filter.name === '' || someFits([filter.name], name)) &&
    (names.length === 0 || someFits(names, name)) &&
    (namespaces.length === 0 || someFits(namespaces, namespace ?? 'default')) &&
    labelsFit(labels, own(metadata['labels'])) &&
    Object.entries(annotations).every(([key, value]) =>
      Object.entries(own(metadata['annotations'])).some(
        ([found, text]) => matchWildcard(key, found) && someFits([value], text),
      ),
    )
  );
}

/** What asks for nothing excludes nothing. */
function isEmpty({ kinds, name, names, namespaces, labels, annotations }: KyvernoFilter): boolean {
  const lists = [kinds, names, namespaces, labels, Object.keys(annotations)];
  return name === '' && lists.every(({ length }) => length === 0);
}

function someFits(patterns: readonly string[], value: JsonValue | undefined): boolean {
  return typeof value === 'string' && patterns.some((pattern) => matchWildcard(pattern, value));
}

/** A rule about Pods is about whatever makes Pods: Kyverno writes those rules itself. */
function kindFits(wanted: string, { apiVersion, kind }: JsonObject): boolean {
  const pattern = partsOf(wanted);
  if (typeof kind !== 'string' || pattern === undefined || !matchWildcard(pattern.below, '')) return false;
  if (pattern.kind === 'Pod' && PODS.has(kind)) return true;
  const found = typeof apiVersion === 'string' ? apiVersion.split('/') : [];
  const [group = '', version = ''] = found.length === 1 ? ['', ...found] : found;
  return (
    matchWildcard(pattern.kind, kind) &&
    matchWildcard(pattern.version, version) &&
    matchWildcard(pattern.group, group)
  );
}

/** Group, version, kind and what is below an object, such as `status`, which no manifest is. */
function partsOf(text: string): { group: string; version: string; kind: string; below: string } | undefined {
  const written = text.split('/');
  const parts = [...written.slice(0, -1), ...(written.at(-1) ?? '').split('.')];
  const [a = '', b = '', c = '', d = ''] = parts;
  const any = { group: '*', version: '*', below: '' };
  if (parts.length === 1) return { ...any, kind: a };
  if (parts.length === 2 && a === '*' && b === '*') return { ...any, kind: '*' };
  const isVersion = VERSION.test(a);
  if (parts.length === 2 && isVersion && !(a === '*' && b === b.toLowerCase()))
    return { ...any, version: a, kind: b };
  if (parts.length === 2) return { ...any, kind: a, below: b };
  if (parts.length === 3 && isVersion) return { ...any, version: a, kind: b, below: c };
  return parts.length > 4 ? undefined : { group: a, version: b, kind: c, below: d };
}

function filterOf(fields: Fields): KyvernoFilter {
  const asksWho = WHO.filter((name) => fields.has(name)).length > 0;
  const resources = fields.child('resources', (each) => {
    const more = [each.has('namespaceSelector'), each.has('operations')].includes(true);
    return {
      kinds: each.texts('kinds'),
      name: each.text('name'),
      names: each.texts('names'),
      namespaces: each.texts('namespaces'),
      labels: each.child('selector', labelSelector) ?? [],
      annotations: each.pairs('annotations'),
      more,
    };
  });
  if (resources === undefined && !asksWho) throw policyFault('expected resources', fields.pointer);
  const { more, ...filter } = resources ?? NOTHING;
  return { ...filter, asksMore: asksWho || more };
}

const NOTHING = {
  kinds: [],
  name: '',
  names: [],
  namespaces: [],
  labels: [],
  annotations: {},
  more: false,
} as const;
const VERSION = /^(?:v\d(?:(?:alpha|beta)\d)?|\*)$/;
const WHO = ['subjects', 'roles', 'clusterRoles'];
const OLD = ['resources', ...WHO];
const PODS: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'DaemonSet',
  'StatefulSet',
  'Job',
  'CronJob',
  'PodTemplate',
]);
