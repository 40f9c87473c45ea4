/** Evidence damaged as a vector says. */
import { decodeBase64url, decodeHex, encodeBase64url, encodeHex } from '@sealwright/bytes';

/** One byte of one member is inverted: of hex, of base64url, or of an array of bytes. */
export interface Mutation {
  readonly pointer: string;
  readonly flip_hex_byte?: number;
  readonly flip_byte_at?: number;
}

/** The text of evidence, changed when there is something to change. */
export function mutated(text: string, mutation: Mutation | undefined): string {
  if (mutation === undefined) return text;
  const document = JSON.parse(text) as Record<string, unknown>;
  const segments = mutation.pointer.split('/').slice(1);
  const last = segments.pop() ?? '';
  const holder = segments.reduce((value, name) => value[name] as Record<string, unknown>, document);
  const value = holder[last];
  const at = mutation.flip_hex_byte ?? mutation.flip_byte_at ?? 0;
  if (typeof value === 'number') holder[last] = value ^ 0xff;
  else if (Array.isArray(value)) value[at] = Number(value[at]) ^ 0xff;
  else if (mutation.flip_hex_byte !== undefined)
    holder[last] = encodeHex(flipped(decodeHex(String(value)), at));
  else holder[last] = encodeBase64url(flipped(decodeBase64url(String(value), { padding: 'optional' }), at));
  return JSON.stringify(document);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return bytes;
}
