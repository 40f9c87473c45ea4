import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { parse } from 'smol-toml';
import type { InitDataDocument } from './document.js';

/**
 * What an attestation service tells policies about a document: its entries, `aa.toml` and `cdh.toml` as objects where they
 * are TOML, and the data at the end of a generated `policy.rego` as `agent_policy_claims` in its place.
 *
 * @param document - a document that was read
 */
export function initDataClaims(document: InitDataDocument): JsonObject {
  const claims: JsonObject = {};
  for (const [name, text] of Object.entries(document.data)) {
    const policyData = name === 'policy.rego' ? policyDataOf(text) : undefined;
    const [member, value]: [string, JsonValue] =
      policyData !== undefined
        ? ['agent_policy_claims', policyData]
        : [name, name === 'aa.toml' || name === 'cdh.toml' ? tomlOrText(text) : text];
    Object.defineProperty(claims, member, { value, writable: true, enumerable: true, configurable: true });
  }
  return claims;
}

/** The JSON from the first `policy_data := {` to the very end of a policy, if it is one object. */
function policyDataOf(policy: string): JsonObject | undefined {
  const at = policy.indexOf(POLICY_DATA);
  if (at < 0) return undefined;
  try {
    const value = parseJson(policy.slice(at + POLICY_DATA.length - 1), { duplicates: 'last' });
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function tomlOrText(text: string): JsonValue {
  try {
    return jsonOf(parse(text, { maxDepth: 32 }));
  } catch {
    return text;
  }
}

/** TOML has dates and infinities, which JSON does not: they become their text. */
function jsonOf(value: unknown): JsonValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]));
  }
  return value instanceof Date ? value.toISOString() : String(value);
}

const POLICY_DATA = 'policy_data := {';
