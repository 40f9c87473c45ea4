/** Base64 as a platform has it: fast, and as lenient as it likes; the caller checks what it gives. */
export interface NativeBase64 {
  /** Write bytes: the standard alphabet padded, or the URL-safe one unpadded. */
  encode(bytes: Uint8Array, urlSafe: boolean): string;
  /** Read an alphabet; `undefined` where the platform refuses. The result is no view of something else. */
  decode(text: string, urlSafe: boolean): ReturnType<typeof Uint8Array.of> | undefined;
}
