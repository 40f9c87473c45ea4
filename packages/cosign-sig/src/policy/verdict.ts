import { OciError } from '@sealwright/oci';
import { CosignError } from '../errors.js';

/** One thing that was looked at. */
export interface PolicyCheck {
  /** Where the policy asks for it: a JSON pointer, or a path such as `attestors/0/entries/1`. */
  readonly pointer: string;
  /** What is asked for, in a few words: `signedBy`, `keyless`. */
  readonly check: string;
  /** Whether it holds. */
  readonly passed: boolean;
  /** Why, for a person: which signature did it, or why each one did not. Never a secret. */
  readonly reason: string;
}

/** What a policy says about an image, and why. */
export interface PolicyVerdict {
  /** Whether the image may be used. */
  readonly allowed: boolean;
  /** Which part of the policy decided, for a person. */
  readonly decidedBy: string;
  /** Every check that was made, passed or not. */
  readonly checks: readonly PolicyCheck[];
}

/** For a person: whatever went wrong, it is no proof of a signature. */
export function reasonOf(error: unknown): string {
  if (error instanceof CosignError || error instanceof OciError) return error.message.slice(0, 2048);
  return `could not be checked: ${error instanceof Error ? error.message.slice(0, 512) : 'unknown'}`;
}
