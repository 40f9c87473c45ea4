/**
 * What the data of an event says, in the form that policy engines of Confidential Containers are given.
 *
 * @module
 */
import { type Bytes, BytesError, ByteReader, decodeUtf8, encodeBase64, encodeHex } from '@sealwright/bytes';
import { JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { readAaelEntry } from './aael.js';
import { describeDevicePath } from './device-path.js';

/** The details of an event; empty for types that have none, and for data that is not what its type promises. */
export function eventDetails(type: number, data: Bytes): JsonObject {
  try {
    return DETAILS.get(type)?.(data) ?? {};
  } catch (error) {
    if (error instanceof BytesError) return {};
    throw error;
  }
}

function describeText(data: Bytes): JsonObject {
  return { string: lossy(data) };
}

/** A tagged event: identifier and size, then the text. */
function describeTag(data: Bytes): JsonObject {
  const reader = new ByteReader(data, { littleEndian: true });
  reader.skip(4);
  const string = lossy(reader.view(reader.u32())).replaceAll('\0', '');
  const entry = readAaelEntry(data);
  if (entry === undefined) return { string };
  const { domain, operation, content } = entry;
  return { string, unicode_name: 'AAEL', data: { domain, operation, content: jsonOrText(content) } };
}

function describeFlags(data: Bytes): JsonObject {
  let text: string;
  try {
    text = decodeUtf8(data);
  } catch {
    text = '';
  }
  return { string: text.replaceAll('\u0010', ' ').replaceAll(/\p{Cc}/gu, '') };
}

function describeLoader(data: Bytes): JsonObject {
  if (data[0] === 0x2e && data[1] === 0x00)
    return {
      string: new TextDecoder('utf-16le', { ignoreBOM: true }).decode(
        data.subarray(2, Math.max(2, data.byteLength - 2)),
      ),
    };
  const end = data.indexOf(0);
  try {
    return { string: decodeUtf8(end < 0 ? data : data.subarray(0, end)) };
  } catch {
    return { string: encodeHex(data) };
  }
}

function describeVariable(data: Bytes): JsonObject {
  const reader = new ByteReader(data, { littleEndian: true });
  const id = encodeHex(reader.view(16));
  const nameLength = lengthOf(reader.u64());
  const dataLength = lengthOf(reader.u64());
  const name = new TextDecoder('utf-16le', { ignoreBOM: true }).decode(reader.view(2 * nameLength));
  return {
    unicode_name: name,
    unicode_name_length: nameLength,
    variable_data: encodeBase64(reader.view(dataLength)),
    variable_data_length: dataLength,
    variable_name: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join(
      '-',
    ),
  };
}

function describeApplication(data: Bytes): JsonObject {
  const reader = new ByteReader(data, { littleEndian: true });
  reader.skip(24);
  const size = lengthOf(reader.u64());
  return size === 0 ? {} : { device_paths: describeDevicePath(reader.bytes(size)) };
}

/** The first byte is where the text ends. */
function describeBlob(data: Bytes): JsonObject {
  const end = data[0] ?? 0;
  if (end < 1 || end > data.byteLength) return {};
  return { string: lossy(data.subarray(1, end)) };
}

function jsonOrText(text: string): JsonValue {
  try {
    return parseJson(text, { duplicates: 'last' });
  } catch (error) {
    if (error instanceof JsonError) return text;
    throw error;
  }
}

/** UTF-8 with replacement characters for what is not. */
function lossy(data: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(data);
}

/** A length that memory could hold. A larger one does not fit the data anyhow. */
function lengthOf(value: bigint): number {
  if (value > 0x7fff_ffffn) throw new BytesError('ERR_BYTES_RANGE', 'a length that no data has');
  return Number(value);
}

const DETAILS: ReadonlyMap<number, (data: Bytes) => JsonObject> = new Map([
  [0x1, describeText],
  [0x5, describeText],
  [0x6, describeTag],
  [0xa, describeFlags],
  [0xc, describeText],
  [0xd, describeLoader],
  [0x12, describeText],
  [0x8000_0001, describeVariable],
  [0x8000_0002, describeVariable],
  [0x8000_0003, describeApplication],
  [0x8000_0007, describeText],
  [0x8000_000a, describeBlob],
  [0x8000_000b, describeBlob],
  [0x8000_000c, describeVariable],
  [0x8000_00e0, describeVariable],
]);
