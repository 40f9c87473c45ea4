/**
 * What the documents of Intel's provisioning certification service have in common.
 *
 * @module
 */
import type { JsonValue } from '@sealwright/json';
import { TdxQuoteError } from './errors.js';
import { Members, millisecondsOf } from './members.js';

/** The head of a document. */
export interface DocumentHead {
  /** What the document is for: `TDX`, `SGX`, `TD_QE` or `QE`. */
  readonly id: string;
  /** When it was issued, milliseconds since 1970. */
  readonly notBefore: number;
  /** When the next one is due, milliseconds since 1970. */
  readonly notAfter: number;
  /** Number of the round of evaluation that it belongs to. */
  readonly tcbEvaluationDataNumber: number;
}

/** Read the head of a document whose signature has been checked. */
export function readHead(
  value: JsonValue,
  name: 'TCB_INFO' | 'QE_IDENTITY',
  expected: number,
): { readonly members: Members; readonly head: DocumentHead } {
  const members = new Members(value, `ERR_TDX_${name}_MALFORMED`);
  const version = members.integer('version', 0xffff);
  if (version !== expected)
    throw new TdxQuoteError(
      `ERR_TDX_${name}_MISMATCH`,
      `expected a document of version ${expected}, not ${version}`,
      { pointer: '/version' },
    );
  const head = {
    id: members.text('id'),
    notBefore: millisecondsOf(members.moment('issueDate')),
    notAfter: millisecondsOf(members.moment('nextUpdate')),
    tcbEvaluationDataNumber: members.integer('tcbEvaluationDataNumber', 0xffff_ffff),
  };
  return { members, head };
}
