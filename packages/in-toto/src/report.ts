import { InTotoError } from './errors.js';
import type { Finding, FindingCode, ReadMode } from './finding.js';

/** Collects what is found, so that all of it can be fixed in one go. */
export class Report {
  readonly #findings: Finding[] = [];
  readonly #tolerant: boolean;
  #first: Finding | undefined;

  constructor(mode: ReadMode = 'strict') {
    this.#tolerant = mode === 'tolerant';
  }

  get mode(): ReadMode {
    return this.#tolerant ? 'tolerant' : 'strict';
  }

  /** Note an error, or in tolerant mode perhaps a warning. Throws what was found where there is no end to it. */
  error(code: FindingCode, pointer: string, message: string): undefined {
    if (this.#tolerant && SOFT.has(code) && !pointer.startsWith('/subject')) {
      this.warn(code, pointer, message);
      return;
    }
    const finding: Finding = { code, pointer, message, severity: 'error' };
    this.#first ??= finding;
    this.#add(finding);
    if (this.#findings.length < MAX_FINDINGS) return;
    this.#findings[MAX_FINDINGS - 1] = finding; // where warnings took all the room
    this.settle();
  }

  warn(code: FindingCode, pointer: string, message: string): undefined {
    this.#add({ code, pointer, message, severity: 'warning' });
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  get failed(): boolean {
    return this.#first !== undefined;
  }

  /** The warnings; or throw, when there was an error. */
  settle(): readonly Finding[] {
    const first = this.#first;
    if (first === undefined) return this.#findings;
    const { code, message, pointer } = first;
    throw new InTotoError(code, message, { pointer, findings: this.#findings });
  }

  #add(finding: Finding): void {
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding);
  }
}

const MAX_FINDINGS = 1000;
const SOFT: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'INTOTO_RD_EMPTY',
  'INTOTO_BAD_BASE64',
  'INTOTO_BAD_DIGEST_ENCODING',
  'INTOTO_BAD_DIGEST_LENGTH',
]);
