import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { checkContent } from './descriptor-content.js';
import { checkDigestSet, type DigestSet } from './digest-set.js';
import type { Finding, ReadMode } from './finding.js';
import { checkName, memberNames, rightName, withChanges } from './members.js';
import { Report } from './report.js';
import { checkUri } from './uri.js';

/** Something that a statement speaks of: at least one of `uri`, `digest` and `content` is there. Members that are not listed are kept. */
export interface ResourceDescriptor {
  /** For people and policies; its scope is this statement. */
  readonly name?: string;
  /** Where it is known by, globally. */
  readonly uri?: string;
  /** What it is; with it the thing is immutable. */
  readonly digest?: DigestSet;
  /** The thing itself in base64, which {@link descriptorContent} decodes; small ones only. */
  readonly content?: string;
  /** Where to fetch it, when that is not `uri`. */
  readonly downloadLocation?: string;
  /** Media type. */
  readonly mediaType?: string;
  /** Anything else. */
  readonly annotations?: Readonly<JsonObject>;
}

/** What a statement is about: a descriptor with a digest, by which alone it is matched. */
export interface Subject extends ResourceDescriptor {
  /** What it is. */
  readonly digest: DigestSet;
}

/** How to read a descriptor. */
export interface DescriptorOptions {
  /** Default `strict`. */
  readonly mode?: ReadMode;
}

/**
 * Read a resource descriptor that stands by itself.
 *
 * @param value - from a JSON parser
 * @param options - strictness
 * @returns it without members that are null, and what is odd about it
 * @throws {@link InTotoError}
 */
export function parseResourceDescriptor(
  value: JsonValue,
  options: DescriptorOptions = {},
): { readonly descriptor: ResourceDescriptor; readonly warnings: readonly Finding[] } {
  const report = new Report(options.mode);
  const descriptor = checkDescriptor(value, '', report) ?? {};
  return { descriptor, warnings: report.settle() };
}

/** Check the members that are there, but not which must be; `undefined` when it is no object at all. */
export function checkDescriptorMembers(
  value: JsonValue,
  pointer: string,
  report: Report,
  options: { maxDigests?: number; acceptMisspelt?: boolean } = {},
): ResourceDescriptor | undefined {
  if (!isJsonObject(value))
    return report.error('INTOTO_WRONG_TYPE', pointer, 'a resource descriptor is an object');
  let changes: Map<string, JsonValue | undefined> | undefined;
  for (const given of Object.keys(value)) {
    const member = value[given] ?? null;
    const isKnown = NAMES.known.has(given);
    if (!isKnown) checkName(value, given, pointer, NAMES, report);
    const name = isKnown || options.acceptMisspelt !== true ? given : rightName(value, given, NAMES);
    if (!isKnown && name === given) continue;
    const checked =
      member === null
        ? undefined
        : checkMember(name, member, `${pointer}/${given}`, report, options.maxDigests);
    if (checked === member && isKnown) continue;
    changes ??= new Map();
    if (!isKnown) changes.set(given, undefined);
    changes.set(name, checked);
  }
  // every known member has its type now
  const descriptor: ResourceDescriptor = changes === undefined ? value : withChanges(value, changes);
  checkContent(descriptor, `${pointer}/content`, report);
  return descriptor;
}

/** Check a descriptor outside of subjects. */
export function checkDescriptor(
  value: JsonValue,
  pointer: string,
  report: Report,
): ResourceDescriptor | undefined {
  const descriptor = checkDescriptorMembers(value, pointer, report);
  if (
    descriptor !== undefined &&
    isJsonObject(value) &&
    !['uri', 'digest', 'content'].some((name) => says(value[name]))
  )
    report.error('INTOTO_RD_EMPTY', pointer, 'a resource descriptor has a uri, a digest or content');
  return descriptor;
}

function checkMember(
  name: string,
  value: JsonValue,
  pointer: string,
  report: Report,
  maxDigests?: number,
): JsonValue | undefined {
  if (name === 'digest') return checkDigestSet(value, pointer, report, maxDigests);
  if (name === 'annotations') {
    return isJsonObject(value)
      ? value
      : report.error('INTOTO_WRONG_TYPE', pointer, 'annotations is an object');
  }
  if (typeof value !== 'string') return report.error('INTOTO_WRONG_TYPE', pointer, `${name} is text`);
  if (value !== '' && (name === 'uri' || name === 'downloadLocation')) checkUri(value, pointer, report);
  return value;
}

function says(value: JsonValue | undefined): boolean {
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '';
}

const NAMES = memberNames(
  ['name', 'uri', 'digest', 'content', 'downloadLocation', 'mediaType', 'annotations'],
  { download_location: 'downloadLocation', media_type: 'mediaType' },
);
