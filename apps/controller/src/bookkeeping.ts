import { ANNOTATION_PREFIX, type StoredRun } from './run-source.js';

/** Attempts: the first, and one for each value of the annotation `retries` up to this. */
export const MAX_RETRIES = 3;

/** The annotations of a run that was signed. */
export function signedAnnotations(): Readonly<Record<string, string>> {
  return { [`${ANNOTATION_PREFIX}signed`]: 'true' };
}

/** The annotations of a run that could not be signed: one more retry, or given up. */
export function failedAnnotations({ annotations }: StoredRun): Readonly<Record<string, string>> {
  const text = annotations[`${ANNOTATION_PREFIX}retries`];
  if (text === undefined) return { [`${ANNOTATION_PREFIX}retries`]: '0' };
  const count = /^[+-]?[0-9]{1,9}$/.test(text) ? Number(text) : MAX_RETRIES;
  if (count >= MAX_RETRIES) return { [`${ANNOTATION_PREFIX}signed`]: 'failed' };
  return { [`${ANNOTATION_PREFIX}retries`]: String(count + 1) };
}

/** Milliseconds until the next attempt: a minute, then two, four, eight, so that an outage of a quarter of an hour is survived. */
export function retryDelay({ annotations }: StoredRun, first: number): number {
  const count = Number(annotations[`${ANNOTATION_PREFIX}retries`] ?? 0);
  return first * 2 ** Math.min(Number.isFinite(count) ? Math.max(count, 0) : 0, MAX_RETRIES);
}
