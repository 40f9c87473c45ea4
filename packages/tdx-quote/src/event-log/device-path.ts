/**
 * Device paths of UEFI (UEFI specification, chapter 10) as text.
 *
 * @module
 */
import { type Bytes, BytesError, ByteReader, encodeHex } from '@sealwright/bytes';

/**
 * One text for each node of a device path; the end node is left out.
 *
 * @param bytes - the path
 * @throws `BytesError` for nodes that do not fit.
 */
export function describeDevicePath(bytes: Bytes): string[] {
  const reader = new ByteReader(bytes.subarray(0, Math.max(0, bytes.byteLength - 4)), { littleEndian: true });
  const texts: string[] = [];
  while (reader.remaining > 0) {
    const type = reader.u8();
    const subtype = reader.u8();
    const size = reader.u16();
    if (size < 4)
      throw new BytesError('ERR_BYTES_RANGE', 'a node has at least 4 bytes', { offset: reader.offset });
    texts.push(describeNode(type, subtype, reader.bytes(size - 4)));
  }
  return texts;
}

function describeNode(type: number, subtype: number, data: Bytes): string {
  const known = NODES.get((type << 8) | subtype);
  const text = known?.(new ByteReader(data, { littleEndian: true }), data);
  return text ?? `Path(${type},${subtype},${encodeHex(data)})`;
}

/** A node as text; `undefined` when its data is not what the type has. */
type Describe = (reader: ByteReader, data: Bytes) => string | undefined;

const NODES: ReadonlyMap<number, Describe> = new Map<number, Describe>([
  [0x0101, (node) => `Pci(${node.u8()},${node.u8()})`],
  [0x0201, (node) => `ACPI(${eisaId(node.u32())},${node.u32()})`],
  [0x0305, (node) => `USB(${node.u8()},${node.u8()})`],
  [0x030b, describeMac],
  [0x030c, describeIpv4],
  [0x0315, (node) => (node.skip(4), `FibreEx(0x${encodeHex(node.view(8))},0x${encodeHex(node.view(8))})`)],
  [0x0401, describeHardDrive],
  [0x0403, (node) => `VenMedia(${guid(node.view(16))},${encodeHex(node.view(node.remaining))})`],
  [0x0404, (_, data) => `File(${utf16(data)})`],
  [0x0501, describeBbs],
]);

function describeMac(node: ByteReader, data: Bytes): string | undefined {
  if (data.byteLength !== 33) return undefined;
  const address = node.view(32);
  let size = 32;
  while (size > 0 && address[size - 1] === 0) size -= 1;
  return `Mac(${encodeHex(address.subarray(0, size)).toUpperCase()},0x${hex(node.u8(), 2)})`;
}

function describeIpv4(node: ByteReader): string {
  const local = dotted(node.view(4));
  const remote = dotted(node.view(4));
  node.skip(4);
  const protocol = node.u16() === 6 ? 'TCP' : 'UDP';
  const origin = node.u8() === 0 ? 'DHCP' : 'Static';
  const rest = node.remaining >= 8 ? `,${dotted(node.view(4))},${dotted(node.view(4))}` : '';
  return `IPv4(${remote},${protocol},${origin},${local}${rest})`;
}

function describeHardDrive(node: ByteReader): string {
  const number = node.u32();
  const start = node.u64();
  const size = node.u64();
  const signature = node.view(16);
  node.skip(1);
  const isGpt = node.u8() === 2;
  const mbr = new DataView(signature.buffer, signature.byteOffset).getUint32(0, true);
  const name = isGpt ? guid(signature) : `0x${hex(mbr, 8)}`;
  const place = number === 0 ? '' : `,0x${start.toString(16)},0x${size.toString(16)}`;
  return `HD(${number},${isGpt ? 'GPT' : 'MBR'},${name}${place})`;
}

function describeBbs(node: ByteReader): string {
  const type = node.u16();
  const flag = node.u16();
  const text = node.view(node.remaining);
  const end = text.indexOf(0);
  return `BBS(${type},${latin1(end < 0 ? text : text.subarray(0, end))},${flag})`;
}

/** Three letters of five bits and four hexadecimal digits. */
function eisaId(hid: number): string {
  const letters = [10, 5, 0].map((shift) => String.fromCharCode(0x40 + ((hid >>> shift) & 0x1f))).join('');
  return `${letters}${hex(hid >>> 16, 4).toUpperCase()}`;
}

/** A GUID with its first three numbers little-endian. */
function guid(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const head = [
    hex(view.getUint32(0, true), 8),
    hex(view.getUint16(4, true), 4),
    hex(view.getUint16(6, true), 4),
  ];
  const tail = encodeHex(bytes.subarray(8, 16));
  return [...head, tail.slice(0, 4), tail.slice(4)].join('-').toUpperCase();
}

/** UTF-16LE up to its terminator. */
function utf16(data: Bytes): string {
  const text = new TextDecoder('utf-16le', { ignoreBOM: true }).decode(data);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function dotted(bytes: Uint8Array): string {
  return bytes.join('.');
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
