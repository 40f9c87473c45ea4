/**
 * Why an envelope was refused. Codes are public API: never renamed, never reused.
 *
 * - `DSSE_MALFORMED_JSON`: not JSON, broken UTF-8, a byte order mark
 * - `DSSE_WRONG_TYPE`: a member, or the whole, has another JSON type
 * - `DSSE_MISSING_FIELD`: a required member is missing
 * - `DSSE_BAD_BASE64`: the payload or a signature does not decode
 * - `DSSE_NO_SIGNATURES`: an empty list of signatures
 * - `DSSE_DUPLICATE_KEY`: a member stands twice, and parsers disagree about which counts
 * - `DSSE_AMBIGUOUS_KEY`: a member that decoders which fold letter case take for another
 * - `DSSE_THRESHOLD_INVALID`: no keys, or a threshold that they can never meet
 * - `DSSE_NO_VALID_SIGNATURE`: nothing verified
 * - `DSSE_THRESHOLD_NOT_MET`: fewer keys than wanted
 * - `DSSE_PAYLOAD_TYPE`: signed, but of a type that is not accepted
 * - `DSSE_LIMIT_EXCEEDED`: over a cap
 */
export type DsseErrorCode =
  | 'DSSE_MALFORMED_JSON'
  | 'DSSE_WRONG_TYPE'
  | 'DSSE_MISSING_FIELD'
  | 'DSSE_BAD_BASE64'
  | 'DSSE_NO_SIGNATURES'
  | 'DSSE_DUPLICATE_KEY'
  | 'DSSE_AMBIGUOUS_KEY'
  | 'DSSE_THRESHOLD_INVALID'
  | 'DSSE_NO_VALID_SIGNATURE'
  | 'DSSE_THRESHOLD_NOT_MET'
  | 'DSSE_PAYLOAD_TYPE'
  | 'DSSE_LIMIT_EXCEEDED';

/**
 * Why a statement was refused.
 *
 * - `INTOTO_MALFORMED_JSON`, `INTOTO_WRONG_TYPE`, `INTOTO_MISSING_FIELD`, `INTOTO_DUPLICATE_KEY`, `INTOTO_AMBIGUOUS_KEY`,
 *   `INTOTO_BAD_BASE64`, `INTOTO_LIMIT_EXCEEDED`: as for envelopes; empty text counts as missing where it must say something
 * - `INTOTO_UNSUPPORTED_STATEMENT_TYPE`: neither version 0.1 nor 1
 * - `INTOTO_EMPTY_SUBJECT`: a list of subjects that can match nothing
 * - `INTOTO_DIGEST_REQUIRED`: a subject without a digest
 * - `INTOTO_BAD_DIGEST_ENCODING`, `INTOTO_BAD_DIGEST_LENGTH`: a digest that its algorithm cannot give
 * - `INTOTO_RD_EMPTY`: a resource descriptor with neither URI nor digest nor content
 * - `INTOTO_DUPLICATE_NAME`: a name twice, which version 0.1 forbids
 * - `INTOTO_PREDICATE_TYPE`: a predicate type other than those asked for
 * - `INTOTO_UNSUPPORTED_ALGORITHM`: a digest that cannot be computed here
 * - `INTOTO_BAD_PATH`: a path that a directory or tree digest cannot take
 */
export type StatementErrorCode =
  | 'INTOTO_MALFORMED_JSON'
  | 'INTOTO_WRONG_TYPE'
  | 'INTOTO_MISSING_FIELD'
  | 'INTOTO_UNSUPPORTED_STATEMENT_TYPE'
  | 'INTOTO_EMPTY_SUBJECT'
  | 'INTOTO_DIGEST_REQUIRED'
  | 'INTOTO_BAD_DIGEST_ENCODING'
  | 'INTOTO_BAD_DIGEST_LENGTH'
  | 'INTOTO_RD_EMPTY'
  | 'INTOTO_BAD_BASE64'
  | 'INTOTO_DUPLICATE_NAME'
  | 'INTOTO_DUPLICATE_KEY'
  | 'INTOTO_AMBIGUOUS_KEY'
  | 'INTOTO_LIMIT_EXCEEDED'
  | 'INTOTO_PREDICATE_TYPE'
  | 'INTOTO_UNSUPPORTED_ALGORITHM'
  | 'INTOTO_BAD_PATH';

/**
 * What is odd about a statement. Writers are refused for the first two, readers only told.
 *
 * - `INTOTO_DIGEST_NOT_LOWERCASE`: hexadecimal in capitals
 * - `INTOTO_UNKNOWN_ALGORITHM`: a name that looks like a known algorithm and is not, such as `SHA256` or `sha-256`
 * - `INTOTO_MISSPELT_FIELD`: a member as protobuf or others spell it, such as `predicate_type`
 * - `INTOTO_BAD_URI`, `INTOTO_URI_NOT_NORMALIZED`: no URI, or capitals where there should be none
 * - `INTOTO_CONTENT_LARGE`: content of more than 1 KiB
 * - `INTOTO_CONTENT_DIGEST_MISMATCH`: content that does not have the digest beside it
 */
export type StatementWarningCode =
  | 'INTOTO_DIGEST_NOT_LOWERCASE'
  | 'INTOTO_UNKNOWN_ALGORITHM'
  | 'INTOTO_MISSPELT_FIELD'
  | 'INTOTO_BAD_URI'
  | 'INTOTO_URI_NOT_NORMALIZED'
  | 'INTOTO_CONTENT_LARGE'
  | 'INTOTO_CONTENT_DIGEST_MISMATCH';

/**
 * What is wrong with a predicate, or odd about it.
 *
 * - `PREDICATE_MISSING_FIELD`, `PREDICATE_WRONG_TYPE`: missing (or empty where it must say something), or of another JSON type
 * - `PREDICATE_EMPTY`: a list or object that must hold something; a warning where emptiness is legal and useless
 * - `PREDICATE_BAD_ENUM`: a word that is none of those allowed
 * - `PREDICATE_BAD_TIMESTAMP`: not RFC 3339 in UTC with `Z`
 * - `PREDICATE_BAD_PURL`: not a package URL with a version
 * - `PREDICATE_VERSION_MISMATCH`: another version than the predicate type says
 * - `PREDICATE_DUPLICATE_NAME`: a name twice
 * - `PREDICATE_OUT_OF_RANGE`: an index or number outside its range
 * - `PREDICATE_INVALID`: breaks a rule of its own kind; for predicates that others define
 * - `VSA_DUPLICATE_TRACK`, `VSA_RESERVED_PREFIX`: two levels of one SLSA track, or a made-up level that begins with `SLSA_`
 * - `PREDICATE_LEGACY_SHAPE`, `PREDICATE_INT_AS_STRING`: warnings about older shapes that are read all the same
 */
export type PredicateErrorCode =
  | 'PREDICATE_MISSING_FIELD'
  | 'PREDICATE_WRONG_TYPE'
  | 'PREDICATE_EMPTY'
  | 'PREDICATE_BAD_ENUM'
  | 'PREDICATE_BAD_TIMESTAMP'
  | 'PREDICATE_BAD_PURL'
  | 'PREDICATE_VERSION_MISMATCH'
  | 'PREDICATE_DUPLICATE_NAME'
  | 'PREDICATE_OUT_OF_RANGE'
  | 'PREDICATE_INVALID'
  | 'PREDICATE_LEGACY_SHAPE'
  | 'PREDICATE_INT_AS_STRING'
  | 'VSA_DUPLICATE_TRACK'
  | 'VSA_RESERVED_PREFIX';
