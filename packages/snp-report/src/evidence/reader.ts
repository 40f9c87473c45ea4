import type { Bytes } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  jsonPointer,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { SnpReportError } from '../errors.js';

/** Read a document of at most 1 MiB, or one that was read already. In a text, integers beyond 2^53 become their digits. */
export function readDocument(input: string | Uint8Array | JsonObject): EvidenceReader {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return new EvidenceReader(input);
  try {
    return new EvidenceReader(parseJson(input, { maxBytes: 0x10_0000, maxDepth: 8, bigIntegers: 'text' }));
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    const { message, pointer } = cause;
    throw malformed(message, pointer, cause);
  }
}

/** Reads evidence member by member and knows where it is. */
export class EvidenceReader {
  /** The value at this place. */
  readonly value: JsonValue;
  readonly #path: readonly (string | number)[];

  constructor(value: JsonValue, path: readonly (string | number)[] = []) {
    this.value = value;
    this.#path = path;
  }

  /** A member that must be there. */
  member(name: string): EvidenceReader {
    const found = this.optional(name);
    return found ?? this.#at(null, name).fail('expected this member');
  }

  /** A member that may be missing or null. */
  optional(name: string): EvidenceReader | undefined {
    if (!isJsonObject(this.value)) this.fail('expected an object');
    const value = Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    return value === undefined || value === null ? undefined : this.#at(value, name);
  }

  /** The items of an array. */
  items(most: number): EvidenceReader[] {
    if (!Array.isArray(this.value) || this.value.length > most)
      return this.fail(`expected an array of at most ${most} items`);
    return this.value.map((item, index) => this.#at(item, index));
  }

  /** A whole number. */
  number(most: number): number {
    const { value } = this;
    if (
      typeof value !== 'number' ||
      !Number.isInteger(value) ||
      value < 0 ||
      value > most ||
      Object.is(value, -0)
    )
      return this.fail(`expected a whole number up to ${most}`);
    return value;
  }

  /** A whole number of 64 bits; beyond 2^53 it is here as its digits. */
  u64(): bigint {
    const { value } = this;
    const number =
      typeof value === 'string' && /^[0-9]{16,20}$/.test(value)
        ? BigInt(value)
        : BigInt(this.number(Number.MAX_SAFE_INTEGER));
    return BigInt.asUintN(64, number) === number ? number : this.fail('expected a number of 64 bits');
  }

  /** An array of bytes. */
  bytes(size?: number, most: number = size ?? 0): Bytes {
    const { value } = this;
    if (!Array.isArray(value) || (size === undefined ? value.length > most : value.length !== size))
      return this.fail(`expected ${size === undefined ? `at most ${most}` : size} bytes`);
    const bytes = new Uint8Array(value.length);
    for (const [index, byte] of value.entries()) {
      if (typeof byte !== 'number' || !Number.isInteger(byte) || byte < 0 || byte > 0xff)
        return this.#at(byte, index).fail('expected a byte');
      bytes[index] = byte;
    }
    return bytes;
  }

  /** A text. */
  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('expected a text');
  }

  /** Refuse what is at this place. */
  fail(message: string, cause?: unknown): never {
    const pointer = jsonPointer(...this.#path);
    throw malformed(`${message}, at ${pointer || 'the top'}`, pointer, cause);
  }

  #at(value: JsonValue, segment: string | number): EvidenceReader {
    return new EvidenceReader(value, [...this.#path, segment]);
  }
}

function malformed(message: string, pointer: string | undefined, cause: unknown): SnpReportError {
  const place = pointer === undefined ? {} : { pointer };
  return new SnpReportError('ERR_SNP_EVIDENCE_MALFORMED', message, { ...place, cause });
}
