/**
 * Messages in the JSON mapping of protocol buffers, as Sigstore stores bundles, trusted roots and signing configs: names in
 * lowerCamelCase or as in the `.proto`, `null` the same as absent, bytes in either base64 with or without line ends, 64 bit integers
 * as text or number.
 *
 * @module
 */
import { type Bytes, BytesError, decodeBase64, decodeBase64url } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  jsonPointer,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { CosignError, type CosignErrorCode } from './errors.js';
import { momentOf } from './moment.js';

/** One message. Fields that nobody asks for are ignored, as protocol buffers do. */
export class ProtoMessage {
  readonly #json: JsonObject;
  readonly #code: CosignErrorCode;
  /** Whether any of its fields may be named as in the `.proto`; looked up when first asked for. */
  #isSnake: boolean | undefined;
  /** Where the message is in the document. */
  readonly pointer: string;

  constructor(json: JsonObject, code: CosignErrorCode, pointer: string) {
    this.#json = json;
    this.#code = code;
    this.pointer = pointer;
  }

  /** Read a document whose top is a message. */
  static parse(input: string | Uint8Array, code: CosignErrorCode, maxBytes: number): ProtoMessage {
    try {
      const json = parseJson(input, { maxBytes });
      if (isJsonObject(json)) return new ProtoMessage(json, code, '');
    } catch (cause) {
      if (!(cause instanceof JsonError)) throw cause;
      throw new CosignError(code, `expected JSON: ${cause.message}`, { cause });
    }
    throw new CosignError(code, 'expected an object', { pointer: '' });
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  text(name: string): string {
    const value = this.#get(name) ?? '';
    return typeof value === 'string' ? value : this.fail(name, 'expected text');
  }

  /** A number that is not negative; 0 when absent, as protocol buffers have it. */
  integer(name: string): number {
    const value = this.#get(name) ?? 0;
    const number =
      typeof value === 'string' && /^(?:0|[1-9][0-9]{0,15})(?:\.0{1,9})?$/.test(value)
        ? Number(value)
        : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    return this.fail(name, 'expected an integer from 0 to 2^53 - 1');
  }

  /** Bytes, `undefined` when absent or empty. */
  bytes(name: string): Bytes | undefined {
    const text = this.text(name);
    return text === '' ? undefined : this.#decode(name, text);
  }

  requiredBytes(name: string): Bytes {
    return this.bytes(name) ?? this.fail(name, 'expected bytes that are not empty');
  }

  /** A list of byte strings. */
  bytesList(name: string, max: number): Bytes[] {
    return this.#list(name, max).map((value, index) => {
      if (typeof value === 'string') return this.#decode(`${name}/${index}`, value);
      return this.fail(`${name}/${index}`, 'expected bytes');
    });
  }

  message(name: string): ProtoMessage | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (isJsonObject(value)) return new ProtoMessage(value, this.#code, this.#pointerOf(name));
    return this.fail(name, 'expected an object');
  }

  required(name: string): ProtoMessage {
    return this.message(name) ?? this.fail(name, 'expected an object');
  }

  messages(name: string, max: number): ProtoMessage[] {
    return this.#list(name, max).map((value, index) => {
      const pointer = `${this.#pointerOf(name)}/${index}`;
      if (isJsonObject(value)) return new ProtoMessage(value, this.#code, pointer);
      return this.fail(`${name}/${index}`, 'expected an object');
    });
  }

  /** An enumeration, by name or by number. */
  enumeration(name: string, names: ReadonlyMap<number, string>): string {
    const value = this.#get(name) ?? 0;
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return names.get(value) ?? `unknown ${value}`;
    return this.fail(name, 'expected a name or a number');
  }

  /** A moment, milliseconds since 1970. */
  time(name: string): number | undefined {
    if (!this.has(name)) return undefined;
    const time = momentOf(this.text(name));
    return Number.isNaN(time) ? this.fail(name, 'expected a time with a zone (RFC 3339)') : time;
  }

  fail(name: string, message: string): never {
    throw new CosignError(this.#code, message, { pointer: this.#pointerOf(name) });
  }

  #list(name: string, max: number): JsonValue[] {
    const value = this.#get(name) ?? [];
    if (!Array.isArray(value)) return this.fail(name, 'expected a list');
    return value.length <= max ? value : this.fail(name, `expected at most ${max}, found ${value.length}`);
  }

  #get(name: string): JsonValue | undefined {
    const camel = Object.hasOwn(this.#json, name) ? this.#json[name] : undefined;
    this.#isSnake ??= Object.keys(this.#json).some((each) => each.includes('_'));
    if (!this.#isSnake) return camel ?? undefined;
    const snake = snakeOf(name);
    if (snake === name || !Object.hasOwn(this.#json, snake)) return camel ?? undefined;
    if (camel !== undefined) return this.fail(name, 'given twice, in two spellings');
    return this.#json[snake] ?? undefined;
  }

  #decode(name: string, text: string): Bytes {
    try {
      const digits = text.replaceAll(/[\r\n]/g, '');
      const urlSafe = digits.includes('-') || digits.includes('_');
      return (urlSafe ? decodeBase64url : decodeBase64)(digits, { padding: 'optional' });
    } catch (cause) {
      if (!(cause instanceof BytesError)) throw cause;
      return this.fail(name, 'expected base64');
    }
  }

  #pointerOf(name: string): string {
    return this.pointer + (name === '' ? '' : jsonPointer(...name.split('/')));
  }
}

function snakeOf(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name;
}
