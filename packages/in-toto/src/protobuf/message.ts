import { BytesError, decodeUtf8, mustFit } from '@sealwright/bytes';
import { InTotoError } from '../errors.js';
import { malformed, varintOf, WireReader } from './wire.js';

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
  readonly #fields = new Map<string, Uint8Array[]>();

  /** Take a message apart. A field that may not repeat and does is refused: parsers disagree about which counts. */
  constructor(bytes: Uint8Array, schema: MessageSchema) {
    const { names, repeated = {}, layer } = schema;
    for (const reader = new WireReader(bytes); reader.next();) {
      const name = names[reader.number];
      if (name === undefined) continue;
      const type = schema.varints?.has(name) === true ? 0 : 2;
      if (reader.type !== type) throw malformed(`field ${name} has wire type ${type}`);
      const list = this.#fields.get(name) ?? [];
      const cap = repeated[name];
      if (cap === undefined && list.length > 0)
        throw new InTotoError(`${layer}_DUPLICATE_KEY`, `field ${name} stands twice`);
      if (cap !== undefined && list.length >= cap)
        throw new InTotoError(`${layer}_LIMIT_EXCEEDED`, `at most ${cap} of field ${name}`);
      list.push(reader.bytes);
      this.#fields.set(name, list);
    }
  }

  /** A view; `undefined` when missing. */
  bytes(name: string): Uint8Array | undefined {
    return this.#fields.get(name)?.[0];
  }

  all(name: string): readonly Uint8Array[] {
    return this.#fields.get(name) ?? [];
  }

  /** `undefined` when missing. */
  varint(name: string): bigint | undefined {
    const bytes = this.bytes(name);
    return bytes && varintOf(bytes);
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
