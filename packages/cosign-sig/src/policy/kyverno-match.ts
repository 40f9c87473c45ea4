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
  /** Names, with wildcards. */
  readonly names: readonly string[];
  /** Namespaces, with wildcards. */
  readonly namespaces: readonly string[];
  /** What labels must be. */
  readonly labels: readonly LabelRule[];
  /** What annotations must be; values with wildcards. */
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
  if (filter.asksMore && !unknown) return false;
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  const { name, namespace, generateName } = metadata;
  const own = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
  const { kinds, names, namespaces, labels, annotations } = filter;
  return (
    (kinds.length === 0 || kinds.some((kind) => kindFits(kind, object))) &&
    (names.length === 0 || someFits(names, name ?? generateName)) &&
    (namespaces.length === 0 || someFits(namespaces, namespace ?? 'default')) &&
    labelsFit(labels, own(metadata['labels'])) &&
    Object.entries(annotations).every(([key, value]) => someFits([value], own(metadata['annotations'])[key]))
  );
}

function someFits(patterns: readonly string[], value: JsonValue | undefined): boolean {
  return typeof value === 'string' && patterns.some((pattern) => matchWildcard(pattern, value));
}

/** A rule about Pods is about whatever makes Pods: Kyverno writes those rules itself. */
function kindFits(wanted: string, { apiVersion, kind }: JsonObject): boolean {
  const parts = wanted.split('/');
  const pattern = parts.at(-1) ?? '';
  if (typeof kind !== 'string') return false;
  const isKind = matchWildcard(pattern, kind) || (pattern === 'Pod' && PODS.has(kind));
  if (!isKind || parts.length === 1 || pattern !== kind) return isKind;
  const found = typeof apiVersion === 'string' ? apiVersion.split('/') : [];
  const [group = '', version = ''] = found.length === 1 ? ['', ...found] : found;
  const [wantedVersion = '*', wantedGroup = '*'] = parts.slice(0, -1).reverse();
  return matchWildcard(wantedVersion, version) && matchWildcard(wantedGroup, group);
}

function filterOf(fields: Fields): KyvernoFilter {
  const asksWho = WHO.filter((name) => fields.has(name)).length > 0;
  const resources = fields.child('resources', (each) => {
    const single = each.text('name');
    const more = [each.has('namespaceSelector'), each.has('operations')].includes(true);
    return {
      kinds: each.texts('kinds'),
      names: [...each.texts('names'), ...(single === '' ? [] : [single])],
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

const NOTHING = { kinds: [], names: [], namespaces: [], labels: [], annotations: {}, more: false } as const;
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
