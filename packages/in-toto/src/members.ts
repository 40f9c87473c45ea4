import { jsonPointer, type JsonObject, type JsonValue } from '@sealwright/json';
import type { Report } from './report.js';

/** A member that was found, and where. */
export interface Member {
  readonly value: JsonValue;
  readonly pointer: string;
}

/** What an object of the framework may hold, and how others spell it. */
export interface MemberNames {
  readonly known: ReadonlySet<string>;
  /** The known names in lower case. */
  readonly folded: ReadonlySet<string>;
  /** Wrong name to right name. */
  readonly misspelt: Readonly<Record<string, string>>;
}

/** Name the members of an object. */
export function memberNames(
  known: readonly string[],
  misspelt: Readonly<Record<string, string>>,
): MemberNames {
  return { known: new Set(known), folded: new Set(known.map((name) => name.toLowerCase())), misspelt };
}

/** The member, `undefined` when it is missing or null, which is the same; by its misspelt name where those are accepted. */
export function findMember(
  object: JsonObject,
  pointer: string,
  name: string,
  misspelt: MemberNames['misspelt'] = {},
): Member | undefined {
  const names = [name, ...Object.keys(misspelt).filter((wrong) => misspelt[wrong] === name)];
  const found = names.find((candidate) => present(object, candidate));
  return found === undefined
    ? undefined
    : { value: object[found] ?? null, pointer: pointer + jsonPointer(found) };
}

/** The right name of a member, where it is misspelt and the right one is missing. */
export function rightName(object: JsonObject, given: string, { misspelt }: MemberNames): string {
  const right = Object.hasOwn(misspelt, given) ? misspelt[given] : undefined;
  return right === undefined || present(object, right) ? given : right;
}

/** Tell of members that others take for known ones: refuse those that differ in case only, warn of common misspellings. */
export function checkNames(object: JsonObject, pointer: string, names: MemberNames, report: Report): void {
  for (const name of Object.keys(object))
    if (!names.known.has(name)) checkName(object, name, pointer, names, report);
}

/** The same for one member that is not known. */
export function checkName(
  object: JsonObject,
  name: string,
  pointer: string,
  names: MemberNames,
  report: Report,
): void {
  const place = (): string => pointer + jsonPointer(name);
  if (names.folded.has(name.toLowerCase())) {
    if (report.mode === 'strict')
      report.error('INTOTO_AMBIGUOUS_KEY', place(), 'a member differs from a known one in case only');
    return;
  }
  const right = rightName(object, name, names);
  if (right !== name) report.warn('INTOTO_MISSPELT_FIELD', place(), `this member is called ${right}`);
}

/** A copy of an object with members put, or left out where they become undefined. */
export function withChanges(
  object: JsonObject,
  changes: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const members = new Map<string, unknown>([...Object.entries(object), ...changes]);
  return Object.fromEntries([...members].filter(([, value]) => value !== undefined));
}

function present(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name) && object[name] !== null;
}
