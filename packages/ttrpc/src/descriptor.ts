/**
 * Services and messages as plain values: what a generator would write, written by hand and read by people.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';

/** A field type that holds one value: 64-bit numbers are `bigint`, the others `number`. */
export type ScalarType = 'string' | 'bytes' | 'bool' | 'int32' | 'uint32' | 'int64' | 'uint64';

/**
 * The type of a field: a scalar, `map` for `map<string, string>`, a list of names for an enumeration (the place in the
 * list is the number), or the descriptor of another message.
 */
export type FieldType = ScalarType | 'map' | readonly string[] | MessageDescriptor;

/** One field of a message. */
export interface FieldDescriptor {
  /** The field number: 1 to 536870911. */
  readonly no: number;
  /** What it holds. */
  readonly type: FieldType;
  /** Whether it is a list. Default `false`. Not with `map`. */
  readonly repeated?: boolean;
  /** Whether a default value differs from an absent one. Default `false`; always so for messages. */
  readonly optional?: boolean;
}

/** The fields of a message by name. */
export interface MessageDescriptor {
  /** A field under its name in the schema. */
  readonly [name: string]: FieldDescriptor;
}

/** Which side of a call sends a stream of messages in place of one. */
export type StreamKind = 'client' | 'server' | 'both';

/** One method of a service. */
export interface MethodDescriptor {
  /** What a caller sends. */
  readonly request: MessageDescriptor;
  /** What comes back. */
  readonly response: MessageDescriptor;
  /** Who streams. Default: nobody, the call is unary. */
  readonly stream?: StreamKind;
}

/** A service: its name on the wire and its methods. */
export interface ServiceDescriptor {
  /** `<package>.<Service>`. */
  readonly name: string;
  /** The methods under their bare names. */
  readonly methods: Readonly<Record<string, MethodDescriptor>>;
}

/** A decoded message: every field present, absent ones at their default, except those that know absence. */
export type MessageOf<D extends MessageDescriptor> = {
  readonly [K in keyof D as KnowsAbsence<D[K]> extends true ? never : K]: DecodedField<D[K]>;
} & {
  readonly [K in keyof D as KnowsAbsence<D[K]> extends true ? K : never]?: DecodedField<D[K]>;
};

/** A message to encode: what is left out is at its default. */
export type MessageInit<D extends MessageDescriptor> = {
  readonly [K in keyof D]?: EncodedField<D[K]> | undefined;
};

/** Whether a field can be absent, as opposed to empty. */
export type KnowsAbsence<F extends FieldDescriptor> = F extends { readonly repeated: true }
  ? false
  : F extends { readonly optional: true }
    ? true
    : F['type'] extends ScalarType | 'map' | readonly string[]
      ? false
      : true;

/** The value of a decoded field. */
export type DecodedField<F extends FieldDescriptor> = F extends { readonly repeated: true }
  ? readonly DecodedValue<F['type']>[]
  : DecodedValue<F['type']>;

/** The value of a field to encode. */
export type EncodedField<F extends FieldDescriptor> = F extends { readonly repeated: true }
  ? readonly EncodedValue<F['type']>[]
  : EncodedValue<F['type']>;

/** One decoded value of a field type. An enumeration's number that has no name stays a number. */
export type DecodedValue<T extends FieldType> = T extends keyof ScalarValues
  ? ScalarValues[T]
  : T extends readonly (infer Name)[]
    ? Name | number
    : T extends MessageDescriptor
      ? MessageOf<T>
      : never;

/** One value to encode of a field type. */
export type EncodedValue<T extends FieldType> = T extends 'bytes'
  ? Uint8Array
  : T extends keyof ScalarValues
    ? ScalarValues[T]
    : T extends readonly (infer Name)[]
      ? Name | number
      : T extends MessageDescriptor
        ? MessageInit<T>
        : never;

/** The JavaScript type of each field type that has a name. */
export interface ScalarValues {
  /** Text. */
  string: string;
  /** Bytes with memory of their own. */
  bytes: Bytes;
  /** Yes or no. */
  bool: boolean;
  /** -2^31 to 2^31 - 1. */
  int32: number;
  /** 0 to 2^32 - 1. */
  uint32: number;
  /** -2^63 to 2^63 - 1. */
  int64: bigint;
  /** 0 to 2^64 - 1. */
  uint64: bigint;
  /** Text by text. */
  map: Readonly<Record<string, string>>;
}
