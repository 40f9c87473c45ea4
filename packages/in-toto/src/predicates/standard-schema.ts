/** The part of Standard Schema (version 1) by which other libraries take a predicate definition for a validator. */
export interface StandardSchema<Output> {
  /** The version of the interface. */
  readonly version: 1;
  /** Who made the validator. */
  readonly vendor: 'sealwright';
  /**
   * Check a predicate by itself, strictly.
   *
   * @param value - whatever came out of a JSON parser
   */
  readonly validate: (value: unknown) => StandardResult<Output>;
  /** For the type checker alone; never there. */
  readonly types?: { readonly input: unknown; readonly output: Output };
}

/** What validation gives. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One fault. */
export interface StandardIssue {
  /** What was expected. */
  readonly message: string;
  /** Names and indexes of the members down to the one at fault. */
  readonly path: readonly string[];
}
