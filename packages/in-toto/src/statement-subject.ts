import { isJsonObject, jsonPointer, type JsonValue } from '@sealwright/json';
import { checkDescriptorMembers, type Subject } from './descriptor.js';
import type { Member } from './members.js';
import type { Report } from './report.js';

interface SubjectOptions {
  readonly maxSubjects: number;
  readonly maxDigests: number;
  readonly acceptMisspelt: boolean;
}

/** The subjects of a statement; empty after a fault that leaves none. */
export function subjectsOf(
  member: Member | undefined,
  version: 'v1' | 'v0.1',
  report: Report,
  options: SubjectOptions,
): readonly Subject[] {
  const list = listOf(member, report, options.maxSubjects);
  const names = new Set<string>();
  const uris = new Set<string>();
  return list.flatMap((value, index) => {
    const pointer = jsonPointer('subject', index);
    const subject = subjectOf(value, pointer, version, report, options);
    const name = subject?.name ?? '';
    if (names.has(name)) repeated(`${pointer}/name`, version, report);
    if (name !== '' && (name !== '_' || version === 'v0.1')) names.add(name);
    const uri = version === 'v1' ? (subject?.uri ?? '') : '';
    if (uris.has(uri)) repeated(`${pointer}/uri`, version, report);
    if (uri !== '') uris.add(uri);
    return subject === undefined ? [] : [subject];
  });
}

function listOf(member: Member | undefined, report: Report, maxSubjects: number): readonly JsonValue[] {
  if (member === undefined) report.error('INTOTO_MISSING_FIELD', '/subject', 'member subject is missing');
  else if (!Array.isArray(member.value)) report.error('INTOTO_WRONG_TYPE', '/subject', 'subject is a list');
  else if (member.value.length === 0)
    report.error('INTOTO_EMPTY_SUBJECT', '/subject', 'a statement is about something');
  else if (member.value.length > maxSubjects)
    report.error('INTOTO_LIMIT_EXCEEDED', '/subject', `at most ${maxSubjects} subjects`);
  else return member.value;
  return [];
}

function subjectOf(
  value: JsonValue,
  pointer: string,
  version: 'v1' | 'v0.1',
  report: Report,
  options: SubjectOptions,
): Subject | undefined {
  const subject = checkDescriptorMembers(value, pointer, report, options);
  if (subject === undefined || !isJsonObject(value)) return undefined;
  if (version === 'v0.1' && isUnset(value['name']))
    report.error('INTOTO_MISSING_FIELD', `${pointer}/name`, 'a subject of version 0.1 has a name');
  if (isUnset(value['digest']))
    report.error('INTOTO_DIGEST_REQUIRED', `${pointer}/digest`, 'a subject has a digest');
  return subject.digest === undefined ? undefined : { ...subject, digest: subject.digest };
}

function isUnset(value: JsonValue | undefined): boolean {
  if (isJsonObject(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '';
}

function repeated(pointer: string, version: 'v1' | 'v0.1', report: Report): void {
  const message = 'two subjects are called the same';
  if (version === 'v0.1') report.error('INTOTO_DUPLICATE_NAME', pointer, message);
  else report.warn('INTOTO_DUPLICATE_NAME', pointer, message);
}
