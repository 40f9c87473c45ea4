import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import {
  type BuilderPattern,
  type BuildLevel,
  isBuilderId,
  type SignerPattern,
  type TrustRule,
} from '../verify/trust-rule.js';

/**
 * Read a trust list from a file: a JSON list of {@link TrustRule}, in which no member may be unknown.
 *
 * @param input - its text, or UTF-8
 * @throws {@link SlsaError} `ERR_SLSA_TRUST` with a pointer
 */
export function parseTrustRules(input: string | Uint8Array): readonly TrustRule[] {
  const list = json(input);
  if (!Array.isArray(list)) throw fault('', 'a trust list is a list');
  return list.map((rule, index) => ruleOf(rule, `/${index}`));
}

function json(input: string | Uint8Array): JsonValue {
  try {
    return parseJson(input, { maxBytes: MAX_BYTES });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SlsaError('ERR_SLSA_TRUST', cause.message, { pointer: cause.pointer, cause });
  }
}

function ruleOf(value: JsonValue, pointer: string): TrustRule {
  const rule = members(value, pointer, [
    'signer',
    'builder',
    'maxLevel',
    'requireReleaseTag',
    'allowSelfHosted',
  ]);
  return {
    signer: signerOf(rule['signer'] ?? null, `${pointer}/signer`),
    builder: builderOf(rule['builder'] ?? null, `${pointer}/builder`),
    maxLevel: levelOf(rule['maxLevel'] ?? null, `${pointer}/maxLevel`),
    ...flag(rule, 'requireReleaseTag', pointer),
    ...flag(rule, 'allowSelfHosted', pointer),
  };
}

function signerOf(value: JsonValue, pointer: string): SignerPattern {
  const signer = members(value, pointer, ['keys', 'workflow', 'repository', 'san', 'issuer']);
  const kinds = (['keys', 'workflow', 'repository', 'san'] as const).filter((name) =>
    Object.hasOwn(signer, name),
  );
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw fault(pointer, 'a signer has one of keys, workflow, repository, san');
  if (kind === 'keys') {
    const keys = signer[kind];
    if (!Array.isArray(keys) || keys.length === 0 || Object.hasOwn(signer, 'issuer'))
      throw fault(pointer, 'keys are a list of identities, without an issuer');
    return { keys: keys.map((key, index) => text(key, `${pointer}/keys/${index}`)) };
  }
  const issuer = text(signer['issuer'] ?? null, `${pointer}/issuer`);
  const name = text(signer[kind] ?? null, `${pointer}/${kind}`);
  if (kind === 'workflow') return { workflow: name, issuer };
  return kind === 'repository' ? { repository: name, issuer } : { san: name, issuer };
}

function builderOf(value: JsonValue, pointer: string): BuilderPattern {
  if (value === 'same-as-signer' || value === 'delegated') return value;
  const id = text(members(value, pointer, ['id'])['id'] ?? null, `${pointer}/id`);
  if (!isBuilderId(id)) throw fault(`${pointer}/id`, 'a builder id is name or name@version');
  return { id };
}

function levelOf(value: JsonValue, pointer: string): BuildLevel {
  const level = LEVELS.find((each) => each === value);
  if (level === undefined) throw fault(pointer, 'a level is 0, 1, 2 or 3');
  return level;
}

function flag(
  rule: JsonObject,
  name: 'requireReleaseTag' | 'allowSelfHosted',
  pointer: string,
): Partial<TrustRule> {
  const value = rule[name];
  if (value === undefined) return {};
  if (typeof value !== 'boolean') throw fault(`${pointer}/${name}`, 'expected true or false');
  return { [name]: value };
}

function members(value: JsonValue, pointer: string, known: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw fault(pointer, 'expected an object');
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw fault(pointer, `expected ${known.join(', ')} and nothing else`);
  return value;
}

function text(value: JsonValue, pointer: string): string {
  if (typeof value !== 'string' || value === '') throw fault(pointer, 'expected text');
  return value;
}

function fault(pointer: string, message: string): SlsaError {
  return new SlsaError('ERR_SLSA_TRUST', message, { pointer });
}

const LEVELS: readonly BuildLevel[] = [0, 1, 2, 3];
const MAX_BYTES = 1 << 20;
