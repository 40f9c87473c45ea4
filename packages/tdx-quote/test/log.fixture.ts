/** Event logs made to measure. */
import { type Bytes, ByteWriter, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { EventDigestAlgorithm } from '../src/event-log/index.js';

export const IDS: Readonly<Record<EventDigestAlgorithm, number>> = {
  sha1: 4,
  sha256: 11,
  sha384: 12,
  sha512: 13,
  sm3: 18,
};

/** One event to write. */
export interface Draft {
  readonly index: number;
  readonly type: number;
  readonly data?: Uint8Array | string;
  /** What the digests are of; the data unless given. */
  readonly hashed?: Uint8Array;
}

/** A log with a header and events. */
export function makeLog(
  drafts: readonly Draft[],
  algorithms: readonly EventDigestAlgorithm[] = ['sha384'],
): Bytes {
  return concatBytes(makeHeader(algorithms), ...drafts.map((draft) => makeEvent(draft, algorithms)));
}

/** The first event. */
export function makeHeader(algorithms: readonly EventDigestAlgorithm[]): Bytes {
  const data = new ByteWriter({ littleEndian: true }).bytes(encodeUtf8('Spec ID Event03\0')).u32(0);
  data.u8(0).u8(2).u8(0).u8(2).u32(algorithms.length);
  for (const algorithm of algorithms)
    data.u16(IDS[algorithm]).u16(digest(algorithm, new Uint8Array(0)).byteLength);
  const bytes = data.u8(0).finish();
  return new ByteWriter({ littleEndian: true })
    .u32(0)
    .u32(3)
    .bytes(new Uint8Array(20))
    .u32(bytes.byteLength)
    .bytes(bytes)
    .finish();
}

/** UTF-16LE. */
export function utf16(text: string): Bytes {
  const writer = new ByteWriter({ littleEndian: true });
  for (let index = 0; index < text.length; index += 1) writer.u16(text.charCodeAt(index));
  return writer.finish();
}

/** The data of an event about an EFI variable. */
export function variable(name: string, value: Uint8Array): Bytes {
  return new ByteWriter({ littleEndian: true })
    .bytes(new Uint8Array(16).fill(0xab))
    .u64(BigInt(name.length))
    .u64(BigInt(value.byteLength))
    .bytes(utf16(name))
    .bytes(value)
    .finish();
}

/** The data of an event about an EFI application. */
export function application(
  ...nodes: readonly (readonly [type: number, subtype: number, data: Uint8Array])[]
): Bytes {
  const path = new ByteWriter({ littleEndian: true });
  for (const [type, subtype, data] of nodes)
    path
      .u8(type)
      .u8(subtype)
      .u16(data.byteLength + 4)
      .bytes(data);
  const bytes = path.u8(0x7f).u8(0xff).u16(4).finish();
  return new ByteWriter({ littleEndian: true })
    .bytes(new Uint8Array(24))
    .u64(BigInt(bytes.byteLength))
    .bytes(bytes)
    .finish();
}

function makeEvent(
  { index, type, data = '', hashed }: Draft,
  algorithms: readonly EventDigestAlgorithm[],
): Bytes {
  const bytes = typeof data === 'string' ? encodeUtf8(data) : data;
  const writer = new ByteWriter({ littleEndian: true }).u32(index).u32(type).u32(algorithms.length);
  for (const algorithm of algorithms) writer.u16(IDS[algorithm]).bytes(digest(algorithm, hashed ?? bytes));
  return writer.u32(bytes.byteLength).bytes(bytes).finish();
}
