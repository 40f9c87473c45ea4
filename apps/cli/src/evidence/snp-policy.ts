import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import type { SnpPolicy } from '@sealwright/snp-report';
import { CommandError } from '../failure.js';

/**
 * Read a policy: JSON with the members of `SnpPolicy`. A member that is not known is refused, so that no demand is lost to a typing error.
 *
 * @param bytes - of a file
 * @throws {@link CommandError}
 */
export function readSnpPolicy(bytes: Uint8Array): SnpPolicy {
  const document = parseJson(bytes, { maxBytes: 0x10_0000, maxDepth: 4 });
  mustFit(document, POLICY, '');
  // Every member has been held to its type.
  return document as SnpPolicy;
}

type Kind = 'boolean' | 'number' | 'text' | 'texts' | { readonly [member: string]: Kind };

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

const TCB: Kind = { fmc: 'number', bootloader: 'number', tee: 'number', snp: 'number', microcode: 'number' };
const POLICY: { readonly [Name in keyof SnpPolicy]?: Kind } & Kind = {
  guestPolicy: {
    minAbi: 'text',
    allowDebug: 'boolean',
    allowMigrateMa: 'boolean',
    allowSmt: 'boolean',
    allowCxl: 'boolean',
    requireSingleSocket: 'boolean',
    requireAes256Xts: 'boolean',
    requireRaplDisabled: 'boolean',
    requireCiphertextHiding: 'boolean',
    requirePageSwapDisabled: 'boolean',
  },
  platformInfo: {
    allowSmt: 'boolean',
    allowTsme: 'boolean',
    allowTio: 'boolean',
    requireEcc: 'boolean',
    requireRaplDisabled: 'boolean',
    requireCiphertextHiding: 'boolean',
    requireAliasCheck: 'boolean',
    requireIommuWriteSafe: 'boolean',
  },
  reportData: 'text',
  hostData: 'text',
  familyId: 'text',
  imageId: 'text',
  reportId: 'text',
  reportIdMa: 'text',
  measurements: 'texts',
  chipIds: 'texts',
  minGuestSvn: 'number',
  minReportedTcb: TCB,
  minLaunchTcb: TCB,
  minCommittedTcb: TCB,
  minCurrentTcb: TCB,
  minBuild: 'number',
  minVersion: 'text',
  permitProvisionalFirmware: 'boolean',
  vmpl: 'number',
  requireIdBlock: 'boolean',
  requireAuthorKey: 'boolean',
  trustedIdKeyDigests: 'texts',
  trustedAuthorKeyDigests: 'texts',
  signers: 'texts',
  cspIds: 'texts',
  minLaunchMitigations: 'text',
  minCurrentMitigations: 'text',
};
