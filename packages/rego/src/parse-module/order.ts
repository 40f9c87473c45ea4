import { fromJson } from '../json.js';
import { compare } from '../values.js';
import type { Json, Node } from './terms.js';

/** The order of terms in a set: by their type, and then part by part. */
export function compareNodes(a: Node, b: Node): number {
  const [type, other] = [String(a['type']), String(b['type'])];
  if (type !== other) return TYPES.indexOf(type) - TYPES.indexOf(other);
  return compareParts(a['value'] ?? null, b['value'] ?? null);
}

function compareParts(a: Json, b: Json): number {
  if (!isList(a) || !isList(b)) return isTerm(a) && isTerm(b) ? compareNodes(a, b) : compareValues(a, b);
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareValues(a: Json, b: Json): number {
  return compare(fromJson(a), fromJson(b));
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function isTerm(json: Json): json is Node {
  return typeof json === 'object' && json !== null && 'type' in json;
}

const TYPES: readonly string[] = [
  'null',
  'boolean',
  'number',
  'string',
  'var',
  'ref',
  'array',
  'object',
  'set',
  'templatestring',
  'arraycomprehension',
  'objectcomprehension',
  'setcomprehension',
  'call',
];
