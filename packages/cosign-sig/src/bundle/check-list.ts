import { BytesError } from '@sealwright/bytes';
import { DerError } from '@sealwright/der';
import { CosignError } from '../errors.js';
import type { TrustedRoot } from '../trust/trusted-root.js';
import type { SignatureChecks } from '../x509/signature-memo.js';
import type { Artifact } from './artifact.js';
import type { SignedData } from './check-signature.js';
import type { SigstoreBundle } from './parse-bundle.js';
import type { VerificationPolicy } from './policy.js';
import type { VerificationCheck } from './verdict.js';

/** What the checks of one signature share. */
export interface Appraised {
  readonly root: TrustedRoot;
  readonly memo: SignatureChecks;
  readonly bundle: SigstoreBundle;
  readonly policy: VerificationPolicy;
  readonly artifact: Artifact | undefined;
  readonly data: SignedData | undefined;
  readonly list: CheckList;
}

/** The checks of one signature, in order. */
export class CheckList {
  readonly checks: VerificationCheck[] = [];

  pass(check: VerificationCheck['check'], pointer: string, detail: string): void {
    this.add(check, pointer, 'passed', detail);
  }

  fail(check: VerificationCheck['check'], pointer: string, detail: string): void {
    this.add(check, pointer, 'failed', detail);
  }

  skip(check: VerificationCheck['check'], pointer: string, detail: string): void {
    this.add(check, pointer, 'skipped', detail);
  }

  /** Compare how many there are with how many there must be. */
  count(check: VerificationCheck['check'], found: number, wanted: number, what: string): void {
    this.add(check, '', found >= wanted ? 'passed' : 'failed', `${found} of ${wanted} ${what}`);
  }

  add(
    check: VerificationCheck['check'],
    pointer: string,
    outcome: VerificationCheck['outcome'],
    detail: string,
  ): void {
    this.checks.push({ check, pointer, outcome, detail });
  }
}

/** What is malformed in evidence is a reason; anything else is a fault of ours and goes on up. */
export function reasonOf(error: unknown): string {
  if (error instanceof CosignError || error instanceof DerError || error instanceof BytesError)
    return error.message;
  throw error;
}
