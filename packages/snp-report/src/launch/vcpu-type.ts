/** A processor by its CPUID numbers. */
export interface SnpVcpuModel {
  /** Family, base and extended combined. */
  readonly family: number;
  /** Model, base and extended combined. */
  readonly model: number;
  /** Stepping. */
  readonly stepping: number;
}

/** The types of vCPU that QEMU knows and that can run such a guest. */
export const SNP_VCPU_TYPES: Readonly<Record<string, SnpVcpuModel>> = {
  ...named(['EPYC', 'EPYC-v1', 'EPYC-v2', 'EPYC-v3', 'EPYC-v4', 'EPYC-IBPB'], 0x17, 0x01, 2),
  ...named(['EPYC-Rome', 'EPYC-Rome-v1', 'EPYC-Rome-v2', 'EPYC-Rome-v3'], 0x17, 0x31, 0),
  ...named(['EPYC-Milan', 'EPYC-Milan-v1', 'EPYC-Milan-v2'], 0x19, 0x01, 1),
  ...named(['EPYC-Genoa', 'EPYC-Genoa-v1'], 0x19, 0x11, 0),
  ...named(['EPYC-Turin'], 0x1a, 0x00, 0),
};

/**
 * CPUID(1).EAX of a processor.
 *
 * @param model - its numbers, or the name of a type in {@link SNP_VCPU_TYPES}
 * @throws `TypeError` for a name that is not known.
 */
export function snpVcpuSignature(model: SnpVcpuModel | string): number {
  const given = typeof model === 'string' ? namedModel(model) : model;
  const { family, model: number, stepping } = given;
  const base = Math.min(family, 0xf);
  return (
    (((family - base) & 0xff) << 20) |
    (((number >> 4) & 0xf) << 16) |
    (base << 8) |
    ((number & 0xf) << 4) |
    (stepping & 0xf)
  );
}

function namedModel(name: string): SnpVcpuModel {
  const model = Object.hasOwn(SNP_VCPU_TYPES, name) ? SNP_VCPU_TYPES[name] : undefined;
  if (model === undefined) throw new TypeError('expected a type of vCPU such as EPYC-Milan');
  return model;
}

function named(
  names: readonly string[],
  family: number,
  model: number,
  stepping: number,
): Record<string, SnpVcpuModel> {
  return Object.fromEntries(names.map((name) => [name, { family, model, stepping }]));
}
