/**
 * Resource policies as data: rules with a path and what a token must say. What no rule allows is denied.
 *
 * @module
 */
import { decodeHex, encodeBase64, encodeHex } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  jsonPointer,
  parseJson,
  type JsonObject,
  type JsonValue,
} from '@sealwright/json';
import { TEE_NAMES } from '@sealwright/kbs-protocol';
import { KbsError } from '../errors.js';
import { cpuEvidence, isAffirming, type PolicyInput, type ResourcePolicy } from './resource-policy.js';

/** What a document says that it is. */
export const POLICY_FORMAT = 'resource-policy/v1';

interface Rule {
  readonly path: readonly string[];
  readonly tee: string | undefined;
  readonly initDataDigest: string | undefined;
  readonly status: 'affirming' | undefined;
}

/**
 * Read a policy document.
 *
 * @param text - `{"sealwright":"resource-policy/v1","rules":[{"path":"a/b/*","require":{…}}]}`
 * @param name - what to call it in the log
 * @throws {@link KbsError} `ERR_KBS_POLICY`, with the JSON pointer of the member at fault.
 */
export function parseDeclarativePolicy(text: string, name: string): ResourcePolicy {
  const rules = parseRules(documentOf(text));
  return {
    name,
    decide(input) {
      const index = rules.findIndex((rule) => allows(rule, input));
      return index < 0
        ? { allow: false, reason: nearest(rules, input) }
        : { allow: true, reason: `rule_${index}` };
    },
  };
}

function allows(rule: Rule, input: PolicyInput): boolean {
  return input.plugin === 'resource' && coversPath(rule, input.path) && missing(rule, input) === undefined;
}

function coversPath(rule: Rule, path: readonly string[]): boolean {
  return (
    path.length === rule.path.length && rule.path.every((part, index) => part === '*' || part === path[index])
  );
}

/** What a token lacks for a rule. A rule that names no TEE never means the sample, whose evidence anybody can make. */
function missing(rule: Rule, { claims }: PolicyInput): string | undefined {
  const isSample = cpuEvidence(claims, 'sample') !== undefined;
  const teeFits = rule.tee === undefined ? !isSample : isJsonObject(cpuEvidence(claims, rule.tee));
  if (!teeFits || (isSample && rule.tee !== 'sample')) return 'tee_differs';
  if (rule.initDataDigest !== undefined && !hasDigest(claims, rule.initDataDigest))
    return 'init_data_differs';
  if (rule.status !== undefined && !isAffirming(claims)) return 'not_affirming';
  return undefined;
}

/** Verifiers show the digest in hexadecimal or, as that of the sample TEE does, in base64. */
function hasDigest(claims: JsonObject, hex: string): boolean {
  const shown = cpuEvidence(claims, 'init_data');
  return shown === hex || shown === encodeBase64(decodeHex(hex));
}

/** Why the first rule for this path refused: the one that the administrator most likely meant. */
function nearest(rules: readonly Rule[], input: PolicyInput): string {
  const rule = rules.find((candidate) => coversPath(candidate, input.path));
  return rule === undefined ? 'no_rule_for_path' : (missing(rule, input) ?? 'other_plugin');
}

function documentOf(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(text, { maxBytes: 1 << 20, maxDepth: 8 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new KbsError('ERR_KBS_POLICY', `a resource policy is JSON: ${cause.message}`, { cause });
  }
  return objectOf(value, [], ['sealwright', 'rules']);
}

function parseRules(document: JsonObject): Rule[] {
  if (document['sealwright'] !== POLICY_FORMAT) throw wrong(['sealwright'], `expected "${POLICY_FORMAT}"`);
  const { rules } = document;
  if (!Array.isArray(rules) || rules.length > MAX_RULES)
    throw wrong(['rules'], `expected a list of at most ${MAX_RULES} rules`);
  return rules.map((rule, index) => parseRule(rule, ['rules', index]));
}

function parseRule(value: JsonValue, place: Place): Rule {
  const rule = objectOf(value, place, ['path', 'require']);
  const require = objectOf(rule['require'], [...place, 'require'], ['tee', 'initDataDigest', 'status']);
  return {
    path: pathOf(rule['path'], [...place, 'path']),
    tee: teeOf(require['tee'], [...place, 'require', 'tee']),
    initDataDigest: digestOf(require['initDataDigest'], [...place, 'require', 'initDataDigest']),
    status: statusOf(require['status'], [...place, 'require', 'status']),
  };
}

function pathOf(value: JsonValue | undefined, place: Place): string[] {
  const parts = typeof value === 'string' ? value.split('/') : [];
  if (
    parts.length === 3 &&
    parts.every((part) => part === '*' || /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(part))
  )
    return parts;
  throw wrong(place, 'expected repository/type/tag, where * stands for a whole part');
}

function teeOf(value: JsonValue | undefined, place: Place): string | undefined {
  if (value === undefined || TEE_NAMES.some((tee) => tee === value)) return value as string | undefined;
  throw wrong(place, `expected one of ${TEE_NAMES.join(', ')}`);
}

function digestOf(value: JsonValue | undefined, place: Place): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})$/.test(value)) {
    return encodeHex(decodeHex(value));
  }
  throw wrong(place, 'expected 32, 48 or 64 bytes in hexadecimal');
}

function statusOf(value: JsonValue | undefined, place: Place): 'affirming' | undefined {
  if (value === undefined || value === 'affirming') return value;
  throw wrong(place, 'expected "affirming"');
}

function objectOf(value: JsonValue | undefined, place: Place, members: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw wrong(place, 'expected an object');
  const unknown = Object.keys(value).find((name) => !members.includes(name));
  if (unknown === undefined) return value;
  throw wrong([...place, unknown.slice(0, 64)], `is not known here; known are ${members.join(', ')}`);
}

type Place = readonly (string | number)[];

function wrong(place: Place, message: string): KbsError {
  return new KbsError('ERR_KBS_POLICY', `${jsonPointer(...place) || 'the document'}: ${message}`);
}

const MAX_RULES = 10_000;
