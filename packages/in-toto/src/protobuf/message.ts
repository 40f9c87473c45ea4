import { BytesError, decodeUtf8, mustFit } from '@sealwright/bytes';
import { InTotoError } from '../errors.js';
import { malformed, type WireField, wireFields } from './wire.js';

/** What a message may hold. Unknown fields are skipped, as the framework wants it. */
export interface MessageSchema {
  /** Field names by number. */
  readonly names: Readonly<Record<number, string>>;
  /** Names of fields that are varints; the others have a length. None unless given. */
  readonly varints?: ReadonlySet<string>;
  /** Names of fields that may repeat, and how often. */
  readonly repeated?: Readonly<Record<string, number>>;
  /** Whose codes tell of repeats and caps. */
  readonly layer: 'DSSE' | 'INTOTO';
}

/** The fields of one message by name. */
export class Message {
  readonly #fields = new Map<string, WireField[]>();

  /** Take a message apart. A field that may not repeat and does is refused: parsers disagree about which counts. */
  constructor(bytes: Uint8Array, schema: MessageSchema) {
    const { names, repeated = {}, layer } = schema;
    for (const field of wireFields(bytes)) {
      const name = names[field.number];
      if (name === undefined) continue;
      const type = schema.varints?.has(name) === true ? 0 : 2;
      if (field.type !== type) throw malformed(`field ${name} has wire type ${type}`);
      const list = this.#fields.get(name) ?? [];
      const cap = repeated[name];
      if (cap === undefined && list.length > 0)
        throw new InTotoError(`${layer}_DUPLICATE_KEY`, `field ${name} stands twice`);
      if (cap !== undefined && list.length >= cap)
        throw new InTotoError(`${layer}_LIMIT_EXCEEDED`, `at most ${cap} of field ${name}`);
      list.push(field);
      this.#fields.set(name, list);
    }
  }

  /** A view; `undefined` when missing. */
  bytes(name: string): Uint8Array | undefined {
    return this.#fields.get(name)?.[0]?.bytes;
  }

  all(name: string): readonly Uint8Array[] {
    return (this.#fields.get(name) ?? []).map(({ bytes }) => bytes);
  }

  /** `undefined` when missing. */
  varint(name: string): bigint | undefined {
    return this.#fields.get(name)?.[0]?.varint;
  }

  /** Empty when missing, which is the same. */
  text(name: string): string {
    return utf8(this.bytes(name) ?? new Uint8Array());
  }
}

/** Check a size before anything is read. */
export function mustBeWithin(bytes: Uint8Array, maxBytes: number, layer: 'DSSE' | 'INTOTO'): void {
  try {
    mustFit(bytes, maxBytes, 'a message');
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new InTotoError(`${layer}_LIMIT_EXCEEDED`, cause.message, { cause });
  }
}

/** Text on the wire. */
export function utf8(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new InTotoError('PROTOBUF_MALFORMED', 'text is UTF-8', { cause });
  }
}
