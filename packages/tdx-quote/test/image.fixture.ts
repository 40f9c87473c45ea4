/** Firmware images made to measure. */
import { type Bytes, ByteWriter, concatBytes, decodeHex, encodeUtf8 } from '@sealwright/bytes';

/** A section to write. */
export interface SectionDraft {
  readonly dataSize?: number;
  readonly dataOffset?: number;
  readonly address?: bigint;
  readonly memorySize?: bigint;
  readonly attributes?: number;
}

/** An image whose data is 4096 bytes of ones, with sections and a table of contents. */
export function makeImage(
  drafts: readonly SectionDraft[],
  change: { version?: number; length?: number } = {},
): Bytes {
  const data = new Uint8Array(4096).fill(1);
  const sections = drafts.map((draft) =>
    new ByteWriter({ littleEndian: true })
      .u32(draft.dataOffset ?? 0)
      .u32(draft.dataSize ?? 4096)
      .u64(draft.address ?? 0x1000n)
      .u64(draft.memorySize ?? 0x1000n)
      .u32(0)
      .u32(draft.attributes ?? 1)
      .finish(),
  );
  const descriptor = concatBytes(
    decodeHex('f3f9eae98e16d544a8eb7f4d8738f6ae'),
    encodeUtf8('TDVF'),
    new ByteWriter({ littleEndian: true })
      .u32(change.length ?? 16 + 32 * drafts.length)
      .u32(change.version ?? 1)
      .u32(drafts.length)
      .finish(),
    ...sections,
  );
  const tail = (offset: number): Bytes =>
    concatBytes(
      new ByteWriter({ littleEndian: true }).u32(offset).u16(22).finish(),
      decodeHex('35657ae44a989847865e4685a7bf8ec2'),
      new ByteWriter({ littleEndian: true }).u16(40).finish(),
      decodeHex('de82b596b21ff745baeaa366c55a082d'),
      new Uint8Array(32),
    );
  return concatBytes(data, descriptor, tail(descriptor.byteLength - 16 + tail(0).byteLength));
}
