import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { CommandError } from '../failure.js';

/** What a member of a policy is; an object of kinds for one that has members itself. */
export type Kind = 'boolean' | 'number' | 'text' | 'texts' | { readonly [member: string]: Kind };

/**
 * Read a policy: JSON whose members are known. A member that is not known is refused, so that no demand is lost to a typing error.
 *
 * @param bytes - of a file
 * @param members - what may be there
 * @returns the document, each member held to its kind
 * @throws {@link CommandError}
 */
export function readPolicy(bytes: Uint8Array, members: Kind): JsonValue {
  const document = parseJson(bytes, { maxBytes: 0x10_0000, maxDepth: 4 });
  mustFit(document, members, '');
  return document;
}

function mustFit(value: JsonValue, kind: Kind, place: string): void {
  if (typeof kind === 'object') {
    if (!isJsonObject(value)) throw refusal(place, 'an object');
    return mustHaveMembers(value, kind, place);
  }
  if (kind === 'texts') {
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
      throw refusal(place, 'a list of texts');
  } else if (typeof value !== (kind === 'text' ? 'string' : kind)) throw refusal(place, `a ${kind}`);
}

function mustHaveMembers(value: JsonObject, members: Readonly<Record<string, Kind>>, place: string): void {
  for (const [name, item] of Object.entries(value)) {
    const kind = Object.hasOwn(members, name) ? members[name] : undefined;
    if (kind === undefined) throw refusal(`${place}/${name}`, 'no such member');
    mustFit(item, kind, `${place}/${name}`);
  }
}

function refusal(place: string, expected: string): CommandError {
  return new CommandError(`the policy has to have ${expected} at ${place || 'the top'}`, 'ERR_CLI_POLICY');
}
