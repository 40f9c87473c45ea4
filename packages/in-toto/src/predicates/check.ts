import { jsonPointer, type JsonValue } from '@sealwright/json';
import type { Subject } from '../descriptor.js';
import type { FindingCode, ReadMode } from '../finding.js';
import type { Report } from '../report.js';

/**
 * Reads a value: gives it typed, or reports faults and gives `undefined`. What was reported decides, not what is returned: a
 * predicate with an error never reaches the caller.
 */
export type Check<T> = (value: JsonValue, context: CheckContext) => T | undefined;

/** Where a check is, and what it can say. */
export interface CheckContext {
  /** The place of the value in the statement, as a JSON pointer. */
  readonly pointer: string;
  /** The predicate type of the statement. */
  readonly predicateType: string;
  /** What the statement is about; empty where a predicate is checked without one. */
  readonly subject: readonly Subject[];
  /** How strictly to read. */
  readonly mode: ReadMode;
  /**
   * Report a fault, which refuses the predicate.
   *
   * @param code - what is wrong
   * @param message - what was expected
   */
  error(code: FindingCode, message: string): undefined;
  /**
   * Report something odd.
   *
   * @param code - what is odd
   * @param message - what was expected
   */
  warn(code: FindingCode, message: string): undefined;
  /**
   * The context of a member or element.
   *
   * @param path - names and indexes below this value
   */
  at(...path: readonly (string | number)[]): CheckContext;
}

/** The context that writes into a report. */
export class Place implements CheckContext {
  readonly pointer: string;
  readonly predicateType: string;
  readonly subject: readonly Subject[];
  readonly report: Report;

  constructor(report: Report, predicateType: string, subject: readonly Subject[], pointer: string) {
    this.report = report;
    this.predicateType = predicateType;
    this.subject = subject;
    this.pointer = pointer;
  }

  get mode(): ReadMode {
    return this.report.mode;
  }

  error(code: FindingCode, message: string): undefined {
    return this.report.error(code, this.pointer, message);
  }

  warn(code: FindingCode, message: string): undefined {
    return this.report.warn(code, this.pointer, message);
  }

  at(...path: readonly (string | number)[]): Place {
    const [first] = path;
    const below = path.length === 1 && typeof first === 'number' ? `/${first}` : jsonPointer(...path);
    return new Place(this.report, this.predicateType, this.subject, this.pointer + below);
  }
}
