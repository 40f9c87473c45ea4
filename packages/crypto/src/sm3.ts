import { type Bytes, concatBytes } from '@sealwright/bytes';

/** The SM3 hash (GB/T 32905-2016), which neither WebCrypto nor noble offers: 32 bytes, Merkle-Damgård over 64-byte blocks. */
export class Sm3 {
  readonly #state = Uint32Array.from(INITIAL);
  #tail: Bytes = new Uint8Array();
  #length = 0;

  update(chunk: Uint8Array): this {
    this.#length += chunk.byteLength;
    const input = concatBytes(this.#tail, chunk);
    const whole = input.byteLength - (input.byteLength % 64);
    const view = new DataView(input.buffer);
    for (let at = 0; at < whole; at += 64) this.#compress(view, at);
    this.#tail = input.slice(whole);
    return this;
  }

  digest(): Bytes {
    const bits = BigInt(this.#length) * 8n;
    const padding = new Uint8Array(((119 - (this.#length % 64)) % 64) + 1 + 8);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.byteLength - 8, bits);
    this.update(padding);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (const [index, word] of this.#state.entries()) view.setUint32(4 * index, word);
    return out;
  }

  #compress(view: DataView, at: number): void {
    const w = new Uint32Array(68);
    for (let j = 0; j < 16; j += 1) w[j] = view.getUint32(at + 4 * j);
    const word = (j: number): number => w[j] ?? 0;
    for (let j = 16; j < 68; j += 1) {
      const x = word(j - 16) ^ word(j - 9) ^ rotate(word(j - 3), 15);
      w[j] = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(word(j - 13), 7) ^ word(j - 6);
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#state;
    for (let j = 0; j < 64; j += 1) {
      const early = j < 16;
      const ss1 = rotate((rotate(a, 12) + e + rotate(early ? 0x79cc4519 : 0x7a879d8a, j % 32)) >>> 0, 7);
      const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ rotate(a, 12)) + (word(j) ^ word(j + 4))) >>> 0;
      const tt2 = (gg + h + ss1 + word(j)) >>> 0;
      [d, c, b, a] = [c, rotate(b, 9), a, tt1];
      [h, g, f, e] = [g, rotate(f, 19), e, (tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17)) >>> 0];
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) {
      this.#state[index] = (this.#state[index] ?? 0) ^ value;
    }
  }
}

function rotate(value: number, by: number): number {
  return by === 0 ? value : ((value << by) | (value >>> (32 - by))) >>> 0;
}

const INITIAL = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];
