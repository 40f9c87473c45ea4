/** What the payload type of an envelope says about its payload. */
export interface InTotoPayloadType {
  /** The predicate that a type such as `application/vnd.in-toto.provenance+json` names; a hint, the statement decides. */
  readonly predicate: string | undefined;
}

/**
 * Read a payload type of in-toto statements, byte for byte: no parameters, no folding of case.
 *
 * @param payloadType - of an envelope
 * @returns `undefined` for anything that is not an in-toto statement
 */
export function parsePayloadType(payloadType: string): InTotoPayloadType | undefined {
  const match = IN_TOTO.exec(payloadType);
  return match === null ? undefined : { predicate: match[1] };
}

const IN_TOTO = /^application\/vnd\.in-toto(?:\.([a-z0-9][a-z0-9._-]*))?\+json$/;
