import type { NativeBase64 } from './base64.js';

/** The codec of ECMAScript 2026, where there is one. */
export const nativeBase64: NativeBase64 | undefined = ofLanguage();

interface Encoding {
  toBase64(options: { readonly alphabet: string; readonly omitPadding: boolean }): string;
}

interface Decoding {
  setFromBase64(text: string, options: { readonly alphabet: string }): { readonly written: number };
}

function ofLanguage(): NativeBase64 | undefined {
  if (!('setFromBase64' in Uint8Array.prototype) || !('toBase64' in Uint8Array.prototype)) return undefined;
  // Neither is in the types of ECMAScript 2022.
  return {
    encode: (bytes, urlSafe) =>
      (bytes as unknown as Encoding).toBase64({
        alphabet: urlSafe ? 'base64url' : 'base64',
        omitPadding: urlSafe,
      }),
    decode: (text, urlSafe, length, headroom) => {
      const bytes = new Uint8Array(headroom + length).subarray(headroom);
      try {
        const alphabet = urlSafe ? 'base64url' : 'base64';
        const { written } = (bytes as unknown as Decoding).setFromBase64(text, { alphabet });
        return written === length ? bytes : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
