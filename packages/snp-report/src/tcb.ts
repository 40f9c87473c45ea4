/** A product line that has published roots. Bergamo and Siena are Genoa here. */
export type SnpProduct = 'Milan' | 'Genoa' | 'Turin';

/** Security versions of the firmware components. Compared one by one, never as one number. */
export interface SnpTcb {
  /** FMC, on Turin only. */
  readonly fmc: number | undefined;
  /** Boot loader. */
  readonly bootloader: number;
  /** Secure operating system. */
  readonly tee: number;
  /** SNP firmware. */
  readonly snp: number;
  /** Microcode. */
  readonly microcode: number;
}

/**
 * Take a TCB_VERSION apart.
 *
 * @param raw - the eight bytes as a little-endian number
 * @param product - whose layout to use: it cannot be told from the value
 */
export function decodeSnpTcb(raw: bigint, product: SnpProduct): SnpTcb {
  const byte = (index: bigint): number => Number((raw >> (index * 8n)) & 0xffn);
  if (product === 'Turin')
    return { fmc: byte(0n), bootloader: byte(1n), tee: byte(2n), snp: byte(3n), microcode: byte(7n) };
  return { fmc: undefined, bootloader: byte(0n), tee: byte(1n), snp: byte(6n), microcode: byte(7n) };
}

/**
 * Put a TCB_VERSION together. The inverse of {@link decodeSnpTcb}.
 *
 * @param tcb - the components, 0 to 255 each
 * @param product - whose layout to use
 */
export function encodeSnpTcb(tcb: SnpTcb, product: SnpProduct): bigint {
  const { fmc = 0, bootloader, tee, snp, microcode } = tcb;
  const parts =
    product === 'Turin'
      ? [fmc, bootloader, tee, snp, 0, 0, 0, microcode]
      : [bootloader, tee, 0, 0, 0, 0, snp, microcode];
  return parts.reduceRight((raw, byte) => (raw << 8n) | BigInt(byte), 0n);
}

/**
 * Product line of a processor; `undefined` for one without published roots.
 *
 * @param family - CPUID family, base and extended combined
 * @param model - CPUID model, base and extended combined
 */
export function productFromCpuid(family: number, model: number): SnpProduct | undefined {
  if (family === 0x19) {
    if (model <= 0x0f) return 'Milan';
    if (model <= 0x1f || (model >= 0xa0 && model <= 0xaf)) return 'Genoa';
  }
  return family === 0x1a && model <= 0x11 ? 'Turin' : undefined;
}
