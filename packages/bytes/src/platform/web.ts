import type { NativeBase64 } from './base64.js';

/** The codec of ECMAScript 2026, where there is one. */
export const nativeBase64: NativeBase64 | undefined = ofLanguage();

interface Encoding {
  toBase64(options: { readonly alphabet: string; readonly omitPadding: boolean }): string;
}

interface Decoding {
  fromBase64(text: string, options: { readonly alphabet: string }): ReturnType<typeof Uint8Array.of>;
}

function ofLanguage(): NativeBase64 | undefined {
  if (!('fromBase64' in Uint8Array) || !('toBase64' in Uint8Array.prototype)) return undefined;
  const reader = Uint8Array as unknown as Decoding; // not in the types of ECMAScript 2022
  return {
    encode: (bytes, urlSafe) =>
      (bytes as unknown as Encoding).toBase64({
        alphabet: urlSafe ? 'base64url' : 'base64',
        omitPadding: urlSafe,
      }),
    decode: (text, urlSafe) => {
      try {
        return reader.fromBase64(text, { alphabet: urlSafe ? 'base64url' : 'base64' });
      } catch {
        return undefined;
      }
    },
  };
}
