/**
 * The wire format of protobuf messages, as far as an endorsement needs it.
 *
 * @module
 */
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { SnpReportError } from '../errors.js';

/** The fields of one message. A field that stands for one value is the last of its number, as protobuf wants it. */
export class Fields {
  readonly #values = new Map<number, (bigint | Bytes)[]>();

  /**
   * Read a message.
   *
   * @param bytes - the message and nothing after it
   */
  constructor(bytes: Uint8Array) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at] ?? 0x80;
        at += 1;
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80 && value < 1n << 64n) return value;
      }
      return malformed('expected a number of at most 64 bits', at);
    };
    while (at < bytes.byteLength) {
      const tag = varint();
      const [number, type] = [Number(tag >> 3n), Number(tag & 7n)];
      if (number === 0 || number > MAX_NUMBER) malformed('expected a field', at);
      const size = type === 2 ? Number(varint()) : (SIZES.get(type) ?? malformed('expected a field', at));
      if (size > bytes.byteLength - at) malformed('a field ends past its message', at);
      const value = type === 0 ? varint() : copyBytes(bytes.subarray(at, at + size));
      at += size;
      const values = this.#values.get(number) ?? [];
      if (values.push(value) > MAX_REPEATED) malformed('a field is repeated too often', at);
      this.#values.set(number, values);
    }
  }

  /** The bytes of a field, in order. */
  all(number: number): Bytes[] {
    return (this.#values.get(number) ?? []).map((value) =>
      typeof value === 'bigint' ? malformed(`field ${number} is bytes`) : value,
    );
  }

  /** The bytes of a field; none when there is no such field. */
  bytes(number: number): Bytes {
    return this.all(number).at(-1) ?? new Uint8Array(0);
  }

  /** The message in a field. */
  message(number: number): Fields | undefined {
    const bytes = this.all(number).at(-1);
    return bytes && new Fields(bytes);
  }

  /** The integer of a field; zero when there is no such field. */
  integer(number: number): bigint {
    const value = this.#values.get(number)?.at(-1) ?? 0n;
    return typeof value === 'bigint' ? value : malformed(`field ${number} is a number`);
  }

  /** The same, of at most 32 bits. */
  small(number: number): number {
    const value = this.integer(number);
    return value <= 0xffff_ffffn ? Number(value) : malformed(`field ${number} has at most 32 bits`);
  }
}

/** Refuse an endorsement. */
export function malformed(message: string, offset?: number): never {
  throw new SnpReportError('ERR_SNP_GCE_MALFORMED', message, offset === undefined ? {} : { offset });
}

const MAX_NUMBER = 0x1fff_ffff;
const MAX_REPEATED = 4096;
/** Size of a value by its wire type; that of a number is told by the number. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 8],
  [5, 4],
]);
