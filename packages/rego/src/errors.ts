/**
 * Why a policy or an evaluation was refused. Codes are public API: never renamed, never reused.
 *
 * - `ERR_REGO_PARSE`: not Rego
 * - `ERR_REGO_UNSAFE`: a variable that nothing gives a value
 * - `ERR_REGO_REFERENCE`: a function or a document that does not exist where one is needed
 * - `ERR_REGO_RECURSION`: a rule that depends on itself
 * - `ERR_REGO_CONFLICT`: a rule with two values at once
 * - `ERR_REGO_BUILTIN`: a built-in function that was given what it does not take
 * - `ERR_REGO_TYPE`: a built-in function that was given a value of a type that it does not take
 * - `ERR_REGO_LIMIT`: more steps, depth or size than allowed, or aborted
 * - `ERR_REGO_VALUE`: data or input that is no JSON
 */
export type RegoErrorCode =
  | 'ERR_REGO_PARSE'
  | 'ERR_REGO_UNSAFE'
  | 'ERR_REGO_REFERENCE'
  | 'ERR_REGO_RECURSION'
  | 'ERR_REGO_CONFLICT'
  | 'ERR_REGO_BUILTIN'
  | 'ERR_REGO_TYPE'
  | 'ERR_REGO_LIMIT'
  | 'ERR_REGO_VALUE';

/** A place in a policy. */
export interface Place {
  /** Name of the module. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** The one error that this package throws on bad input. */
export class RegoError extends Error {
  /** Always `RegoError`, which survives two copies of the package in one program. */
  override readonly name = 'RegoError';
  /** What to switch on; the message is for people and may change. */
  readonly code: RegoErrorCode;
  /** Where, when the fault has a place. */
  readonly place: Place | undefined;

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault and what caused it
   */
  constructor(
    code: RegoErrorCode,
    message: string,
    options: { place?: Place | undefined; cause?: unknown } = {},
  ) {
    const { place } = options;
    super(place === undefined ? message : `${place.file}:${place.line}:${place.column}: ${message}`, {
      cause: options.cause,
    });
    this.code = code;
    this.place = place;
  }
}
