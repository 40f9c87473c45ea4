/** What a field of a predicate holds; an object is a message of its own. */
export type PredicateFieldType =
  | 'text'
  | 'bool'
  | 'int32'
  | 'timestamp'
  | 'struct'
  | 'texts'
  | 'counts'
  | 'descriptor'
  | PredicateMessage;

/** One field of a predicate's message. */
export interface PredicateField {
  /** Its number. */
  readonly number: number;
  /** What it holds; `texts` is a map to text, `counts` one to uint64. */
  readonly type: PredicateFieldType;
  /** Whether it is a list. Default `false`. */
  readonly list?: boolean;
  /** Whether empty text differs from missing (`optional` in the schema). Default `false`. */
  readonly presence?: boolean;
}

/** The protobuf message of a predicate: its fields by their names in JSON. */
export interface PredicateMessage {
  /** The fields. */
  readonly [name: string]: PredicateField;
}

/** The fields in the order of their numbers. */
export function fieldsOf(message: PredicateMessage): readonly (readonly [string, PredicateField])[] {
  return Object.entries(message).sort(([, a], [, b]) => a.number - b.number);
}
