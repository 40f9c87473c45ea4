/** Base64 as a platform has it: fast, and as lenient as it likes; the caller checks what it gives. */
export interface NativeBase64 {
  /** Write bytes: the standard alphabet padded, or the URL-safe one unpadded. */
  encode(bytes: Uint8Array, urlSafe: boolean): string;
  /**
   * Read an alphabet into memory of its own, with so many zero bytes before it; `undefined` for anything but digits of it, or where
   * they are another number of bytes than so many. Bits left over are overlooked.
   */
  decode(
    text: string,
    urlSafe: boolean,
    length: number,
    headroom: number,
  ): ReturnType<typeof Uint8Array.of> | undefined;
}
