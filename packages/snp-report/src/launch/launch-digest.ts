import { type Bytes, copyBytes } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';

/** Page types of SNP_LAUNCH_UPDATE (firmware ABI, publication 56860, section 8.17). */
export const PAGE = { normal: 1, vmsa: 2, zero: 3, unmeasured: 4, secrets: 5, cpuid: 6 } as const;

/** Size of a page, in bytes. */
export const PAGE_BYTES = 0x1000;

/** The launch digest, page by page: LD = SHA-384 of PAGE_INFO, which begins with the LD so far (section 8.17.2). */
export class LaunchDigest {
  readonly #info = new Uint8Array(0x70);
  readonly #view = new DataView(this.#info.buffer);

  constructor(start: Uint8Array = new Uint8Array(48)) {
    this.#info.set(start, 0x00);
    this.#view.setUint16(0x60, 0x70, true);
  }

  /** The digest so far, 48 bytes. */
  get value(): Bytes {
    return copyBytes(this.#info.subarray(0x00, 0x30));
  }

  /** Measure whole pages by what they hold. */
  contents(address: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; at += PAGE_BYTES)
      this.page(PAGE.normal, BigInt(address + at), sha2('sha384', bytes.subarray(at, at + PAGE_BYTES)));
  }

  /** Measure pages whose contents are not measured. */
  pages(type: number, address: number, size: number): void {
    for (let at = 0; at < size; at += PAGE_BYTES) this.page(type, BigInt(address + at), NO_CONTENTS);
  }

  /** Measure one page. */
  page(type: number, address: bigint, contents: Uint8Array): void {
    this.#info.set(contents, 0x30);
    this.#view.setUint8(0x62, type);
    this.#view.setBigUint64(0x68, address, true);
    this.#info.set(sha2('sha384', this.#info), 0x00);
  }
}

const NO_CONTENTS = new Uint8Array(48);
