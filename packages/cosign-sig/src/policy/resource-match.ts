/**
 * Which objects of a cluster a policy is about.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { type Fields, readFields } from './fields.js';
import { policyFault } from './members.js';
import { matchWildcard } from './wildcard.js';

/** Objects of some kind, with some labels. */
export interface ResourceMatch {
  /** The API group, as it is; empty is the core group. */
  readonly group: string;
  /** The version; `*` means any. */
  readonly version: string;
  /** The resource, such as `pods`, as it is. */
  readonly resource: string;
  /** What the labels must fulfil: all of it. */
  readonly labels: readonly LabelRule[];
}

/** What one label must be. */
export interface LabelRule {
  /** The label; for `In` it may have wildcards, where Kyverno reads the policy. */
  readonly key: string;
  /** How. */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** The values for `In` and `NotIn`. */
  readonly values: readonly string[];
}

/** Read one entry of `match`. */
export function resourceMatch(fields: Fields): ResourceMatch {
  const labels = fields.child('selector', labelSelector);
  const [group, version, resource] = [fields.text('group'), fields.text('version'), fields.text('resource')];
  if (labels !== undefined && group + version + resource === '')
    throw policyFault('a selector needs a resource', fields.at('selector'));
  for (const rule of labels ?? []) mustBeLabel(rule, fields.at('selector'));
  return { group, version, resource, labels: labels ?? [] };
}

function mustBeLabel({ key, values }: LabelRule, pointer: string): void {
  if (!isLabel(key) || !values.every((value) => value === '' || LABEL.test(value)))
    throw policyFault('no label is called so, or has such a value', pointer);
}

/** `[domain/]name`. */
function isLabel(key: string): boolean {
  const [name = '', domain = 'a', ...more] = key.split('/').reverse();
  return more.length === 0 && LABEL.test(name) && domain.length <= 253 && DOMAIN.test(domain);
}

/** Read a label selector. */
export function labelSelector(fields: Fields): readonly LabelRule[] {
  return [
    ...Object.entries(fields.pairs('matchLabels')).map(([key, value]): LabelRule => ({
      key,
      operator: 'In',
      values: [value],
    })),
    ...fields.list('matchExpressions', (item, pointer) => readFields(item, pointer, labelRule)),
  ];
}

/** Whether labels are what a selector asks for; its `matchLabels` may have wildcards. */
export function labelsFit(rules: readonly LabelRule[], labels: JsonObject): boolean {
  return rules.every((rule) => fits(rule, labels));
}

/**
 * Whether a policy is about an object: one entry fits, or there are none.
 *
 * @param matches - the policy's
 * @param object - the manifest that runs an image
 */
export function matchesResource(matches: readonly ResourceMatch[], object: JsonObject): boolean {
  return matches.length === 0 || matches.some((match) => isOne(match, object));
}

function isOne({ group, version, resource, labels }: ResourceMatch, object: JsonObject): boolean {
  const [first = '', second] = text(object['apiVersion']).split('/', 2);
  const [ownGroup, ownVersion] = second === undefined ? ['', first] : [first, second];
  const isKind = resource === pluralOf(text(object['kind']).toLowerCase()) && group === ownGroup;
  if (!isKind || (version !== '*' && version !== ownVersion)) return false;
  const { metadata } = object;
  const own = isJsonObject(metadata) && isJsonObject(metadata['labels']) ? metadata['labels'] : {};
  return labelsFit(labels, own);
}

function fits({ key, operator, values }: LabelRule, labels: JsonObject): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return Object.entries(labels).some(
        ([name, own]) => matchWildcard(key, name) && values.some((each) => fitsText(each, own)),
      );
    case 'NotIn':
      return typeof value !== 'string' || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** As policy-controller guesses it: no vowel in front of a `y` matters. */
function pluralOf(kind: string): string {
  if (kind.endsWith('endpoints')) return kind;
  if (kind.endsWith('y')) return `${kind.slice(0, -1)}ies`;
  return kind.endsWith('s') ? `${kind}es` : `${kind}s`;
}

function fitsText(pattern: string, value: JsonValue): boolean {
  return typeof value === 'string' && matchWildcard(pattern, value);
}

function labelRule(fields: Fields): LabelRule {
  const key = fields.text('key');
  const operator = fields.word('operator', ['', 'In', 'NotIn', 'Exists', 'DoesNotExist'], '');
  const values = fields.texts('values');
  if (key === '' || operator === '') throw policyFault('expected key and operator', fields.pointer);
  if (operator.endsWith('In') !== values.length > 0)
    throw policyFault('values belong to In and NotIn', fields.at('values'));
  mustBeLabel({ key, operator, values }, fields.pointer);
  return { key, operator, values };
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
