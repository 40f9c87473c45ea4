import { concatBytes, decodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, generateKeyPair } from '@sealwright/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnpReportError } from '../src/index.js';
import {
  encodeSnpIdBlock,
  measureSevLaunch,
  measureSnpFirmware,
  measureSnpLaunch,
  parseSnpIdBlock,
  signSnpIdBlock,
  SNP_VCPU_TYPES,
  type SnpIdBlock,
  snpKeyDigest,
  type SnpLaunch,
  snpVcpuSignature,
  verifySnpIdBlock,
} from '../src/launch/index.js';

const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const guid = (hex: string): Uint8Array => decodeHex(hex);
const entry = (id: string, ...data: number[]): Uint8Array => {
  const bytes = u32(...data);
  return concatBytes(bytes, Uint8Array.of(bytes.length + 18, 0), guid(id));
};
const RESET = 'de71f7007e1acb4f890e68c77e2fb44e';
const METADATA = '666588dc4a989847a75e5585a7bf67cc';
const HASHES = '1f3755723b3a044b927b1da6efa8d454';
const SVSM = '12a689a797054b4ca49fcbb1fe9d1ddd';

/** Two pages with a table: the sections at the start of the second page. */
function image(
  sections: readonly [address: number, size: number, type: number][],
  extra: Uint8Array[] = [],
): Uint8Array {
  const bytes = new Uint8Array(0x2000).fill(0x5a, 0, 0x1000);
  const metadata = concatBytes(
    encodeUtf8('ASEV'),
    u32(16 + 12 * sections.length, 1, sections.length),
    u32(...sections.flat()),
  );
  bytes.set(metadata, 0x1000);
  const entries = concatBytes(...extra, entry(METADATA, 0x1000));
  const footer = concatBytes(Uint8Array.of(entries.length + 18, 0), guid('de82b596b21ff745baeaa366c55a082d'));
  const table = concatBytes(entries, footer);
  bytes.set(table, 0x2000 - 32 - table.length);
  return bytes;
}

const reset = entry(RESET, 0x0080_b004);
const firmware = image(
  [
    [0x80_0000, 0x2000, 1],
    [0x80_d000, 0x1000, 2],
    [0x80_e000, 0x1000, 3],
    [0x81_0000, 0x1000, 0x10],
  ],
  [reset, entry(HASHES, 0x81_0c00, 0x400)],
);
const kernel = { kernel: encodeUtf8('kernel'), initrd: encodeUtf8('initrd'), commandLine: 'quiet' };
const guest: SnpLaunch = { firmware, vcpus: 2, vcpuSignature: snpVcpuSignature('EPYC-Milan') };

/** PAGE_INFO, written out once more. */
function extend(state: Uint8Array, type: number, address: number, contents?: Uint8Array): Uint8Array {
  const tail = Uint8Array.of(0x70, 0, type, 0, 0, 0, 0, 0);
  const gpa = new Uint8Array(BigUint64Array.of(BigInt(address)).buffer);
  return digest('sha384', concatBytes(state, contents ?? new Uint8Array(48), tail, gpa));
}

describe('measureSnpLaunch', () => {
  it('measures the firmware page by page, up to 4 GiB', () => {
    let state: Uint8Array = new Uint8Array(48);
    state = extend(state, 1, 0xffff_e000, digest('sha384', firmware.subarray(0, 0x1000)));
    state = extend(state, 1, 0xffff_f000, digest('sha384', firmware.subarray(0x1000)));
    expect(measureSnpFirmware(firmware)).toEqual(state);
    const suffix = firmware.subarray(0x1000);
    const { firmware: _, ...rest } = guest;
    expect(measureSnpLaunch({ ...rest, firmware: suffix, firmwareHash: state })).toEqual(
      measureSnpLaunch(guest),
    );
  });

  it('depends on everything that a guest is launched from', () => {
    const digests = [
      guest,
      { ...guest, vcpus: 1 },
      { ...guest, vcpus: 3 },
      { ...guest, vcpuSignature: snpVcpuSignature('EPYC-Genoa') },
      { ...guest, guestFeatures: 0x21n },
      { ...guest, monitor: 'ec2' as const },
      { ...guest, monitor: 'gce' as const },
      { ...guest, kernel },
      { ...guest, kernel: { ...kernel, kernel: encodeUtf8('Kernel') } },
      { ...guest, kernel: { ...kernel, initrd: encodeUtf8('Initrd') } },
      { ...guest, kernel: { ...kernel, commandLine: 'quiet ' } },
      { ...guest, firmware: Uint8Array.from(firmware).fill(0x5b, 0, 1) },
    ].map((launch) => measureSnpLaunch(launch).join());
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('measures an absent initial RAM disk and command line as empty ones', () => {
    const bare = { kernel: kernel.kernel };
    const empty = { ...bare, initrd: new Uint8Array(0), commandLine: '' };
    expect(measureSnpLaunch({ ...guest, kernel: bare })).toEqual(
      measureSnpLaunch({ ...guest, kernel: empty }),
    );
  });

  it.each([
    ['no reset block', image([]), undefined, 'ERR_SNP_RESET_BLOCK_MISSING'],
    ['no table', new Uint8Array(0x1000), undefined, 'ERR_SNP_RESET_BLOCK_MISSING'],
    [
      'a section without a meaning',
      image([[0, 0x1000, 9]], [reset]),
      undefined,
      'ERR_SNP_UNKNOWN_METADATA_SECTION',
    ],
    ['a kernel and no section for it', image([], [reset]), kernel, 'ERR_SNP_KERNEL_HASHES_UNSUPPORTED'],
    [
      'a kernel and no table for it',
      image([[0, 0x1000, 0x10]], [reset]),
      kernel,
      'ERR_SNP_KERNEL_HASHES_UNSUPPORTED',
    ],
    [
      'a kernel and no room for it',
      image([[0, 0x1000, 0x10]], [reset, entry(HASHES, 0xfff)]),
      kernel,
      'ERR_SNP_KERNEL_HASHES_UNSUPPORTED',
    ],
    ['half a page', firmware.subarray(0x800), undefined, 'ERR_SNP_FIRMWARE_MALFORMED'],
    ['no bytes', new Uint8Array(0), undefined, 'ERR_SNP_FIRMWARE_MALFORMED'],
    ['a section of half a page', image([[0, 0x800, 1]], [reset]), undefined, 'ERR_SNP_FIRMWARE_MALFORMED'],
    [
      'a section that is too large',
      image([[0, 0xffff_f000, 1]], [reset]),
      undefined,
      'ERR_SNP_FIRMWARE_MALFORMED',
    ],
  ])('refuses firmware with %s', (_, bytes, given, code) => {
    const launch = { ...guest, firmware: bytes, ...(given && { kernel: given }) };
    expect(() => measureSnpLaunch(launch)).toThrow(expect.objectContaining({ code }));
  });

  it('answers changed firmware with a measurement or an SnpReportError', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x1000, max: 0x1fff }), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(firmware);
        changed[at] = value;
        try {
          expect(measureSnpLaunch({ ...guest, firmware: changed, kernel })).toHaveLength(48);
        } catch (error) {
          expect(error).toBeInstanceOf(SnpReportError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes a number of processors that cannot be for a mistake of the program', () => {
    for (const vcpus of [0, -1, 1.5, 4097])
      expect(() => measureSnpLaunch({ ...guest, vcpus })).toThrow(TypeError);
  });

  it('places an SVSM below the firmware and the variables', () => {
    const svsm = { image: image([[0x10_0000, 0x1000, 4]], [entry(SVSM, 0x40)]), variableStore: 0x8_0000 };
    const found = measureSnpLaunch({ ...guest, svsm });
    expect(found).not.toEqual(measureSnpLaunch({ ...guest, svsm: { ...svsm, variableStore: 0 } }));
    expect(found).not.toEqual(measureSnpLaunch(guest));
    let state: Uint8Array = measureSnpFirmware(firmware);
    const start = 0x1_0000_0000 - 0x2000 - 0x8_0000 - 0x2000;
    state = extend(state, 1, start, digest('sha384', svsm.image.subarray(0, 0x1000)));
    state = extend(state, 1, start + 0x1000, digest('sha384', svsm.image.subarray(0x1000)));
    state = extend(state, 3, 0x10_0000);
    const page = new Uint8Array(0x1000);
    const view = new DataView(page.buffer);
    const segments: [number, number, number, number][] = [
      ...[0x00, 0x20, 0x30, 0x40].map((at): [number, number, number, number] => [
        at,
        0x10,
        0xc93,
        0xffff_ffff,
      ]),
      [0x10, 0x08, 0xc9b, 0xffff_ffff],
      [0x50, 0, 0x93, 0xffff],
      [0x60, 0, 0, 0xffff],
      [0x70, 0, 0x82, 0xffff],
      [0x80, 0, 0, 0xffff],
      [0x90, 0, 0x8b, 0xffff],
    ];
    for (const [at, selector, attributes, limit] of segments) {
      view.setUint16(at, selector, true);
      view.setUint16(at + 2, attributes, true);
      view.setUint32(at + 4, limit, true);
    }
    const registers: [number, bigint][] = [
      [0xd0, 0x1000n],
      [0x148, 0x40n],
      [0x158, 0x11n],
      [0x160, 0x400n],
      [0x168, 0xffff_0ff0n],
      [0x170, 2n],
      [0x178, BigInt(start + 0x40)],
      [0x268, 0x7_0406_0007_0406n],
      [0x310, BigInt(guest.vcpuSignature ?? 0)],
      [0x3b0, 1n],
      [0x3e8, 1n],
      [0x408, 0x1f80n],
    ];
    for (const [at, value] of registers) view.setBigUint64(at, value, true);
    for (let index = 0; index < 2; index += 1)
      state = extend(state, 2, 0xffff_ffff_f000, digest('sha384', page));
    expect(found).toEqual(state);
    expect(() => measureSnpLaunch({ ...guest, svsm: { ...svsm, image: firmware } })).toThrow(SnpReportError);
    expect(() => measureSnpLaunch({ ...guest, svsm, kernel })).toThrow(TypeError);
  });
});

describe('measureSevLaunch', () => {
  it('hashes the firmware, the kernel hashes and the processors', () => {
    expect(measureSevLaunch('sev', guest)).toEqual(digest('sha256', firmware));
    expect(measureSevLaunch('seves', guest)).not.toEqual(measureSevLaunch('seves', { ...guest, vcpus: 1 }));
    expect(measureSevLaunch('sev', { ...guest, kernel })).not.toEqual(measureSevLaunch('sev', guest));
    for (const place of [[], [entry(HASHES, 0, 0x400)]])
      expect(() =>
        measureSevLaunch('sev', { ...guest, firmware: image([], [reset, ...place]), kernel }),
      ).toThrow(expect.objectContaining({ code: 'ERR_SNP_KERNEL_HASHES_UNSUPPORTED' }));
  });
});

describe('snpVcpuSignature', () => {
  it('packs family, model and stepping as CPUID does', () => {
    expect(snpVcpuSignature('EPYC-v4')).toBe(0x80_0f12);
    expect(snpVcpuSignature({ family: 6, model: 0x1a, stepping: 3 })).toBe(0x1_06a3);
    for (const name of Object.keys(SNP_VCPU_TYPES)) expect(snpVcpuSignature(name)).toBeGreaterThan(0x80_0000);
    for (const name of ['EPYC-v9', 'toString']) expect(() => snpVcpuSignature(name)).toThrow(TypeError);
  });
});

describe('ID blocks', async () => {
  const [idKey, authorKey] = [await generateKeyPair('ec-p384'), await generateKeyPair('ec-p384')];
  const block: SnpIdBlock = {
    launchDigest: measureSnpLaunch(guest),
    familyId: new Uint8Array(16).fill(1),
    imageId: new Uint8Array(16).fill(2),
    guestSvn: 7,
    policy: 0x3_0000n,
  };
  const { idBlock, idAuth } = await signSnpIdBlock(block, idKey, authorKey);
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(idAuth);
    bytes[at] = (bytes[at] ?? 0) ^ value;
    return bytes;
  };

  it('are made, signed and checked', async () => {
    expect(parseSnpIdBlock(encodeSnpIdBlock(block))).toEqual(block);
    expect(await verifySnpIdBlock(idBlock, idAuth)).toEqual({
      ...block,
      idKeyDigest: snpKeyDigest(idKey.publicKey),
      authorKeyDigest: snpKeyDigest(authorKey.publicKey),
    });
    const alone = await signSnpIdBlock(block, idKey);
    const { authorKeyDigest } = await verifySnpIdBlock(alone.idBlock, alone.idAuth);
    expect(authorKeyDigest).toEqual(new Uint8Array(48));
  });

  it.each([
    ['another algorithm of the ID key', 0x000, 'ERR_SNP_ID_KEY_ALGO'],
    ['another algorithm of the author key', 0x004, 'ERR_SNP_AUTHOR_KEY_ALGO'],
    ['another curve', 0x240, 'ERR_SNP_ID_KEY_CURVE'],
    ['another curve of the author key', 0x880, 'ERR_SNP_ID_KEY_SIGNATURE_INVALID'],
    ['another signature', 0x040, 'ERR_SNP_ID_BLOCK_SIGNATURE_INVALID'],
    ['a signature of too many bits', 0x070, 'ERR_SNP_ID_BLOCK_SIGNATURE_INVALID'],
    ['a signature with something after it', 0x23f, 'ERR_SNP_ID_BLOCK_SIGNATURE_INVALID'],
    ['another ID key', 0x244, 'ERR_SNP_ID_BLOCK_SIGNATURE_INVALID'],
    ['another signature of the author', 0x680, 'ERR_SNP_ID_KEY_SIGNATURE_INVALID'],
    ['reserved bytes that are not zero', 0xfff, 'ERR_SNP_MBZ_VIOLATION'],
  ])('are refused with %s', async (_, at, code) => {
    await expect(verifySnpIdBlock(idBlock, changed(at, 4))).rejects.toMatchObject({ code });
  });

  it('are refused with a wrong length, a wrong version and any other content', async () => {
    const code = 'ERR_SNP_ID_BLOCK_LENGTH';
    await expect(verifySnpIdBlock(idBlock.subarray(1), idAuth)).rejects.toMatchObject({ code });
    await expect(verifySnpIdBlock(idBlock, idAuth.subarray(1))).rejects.toMatchObject({ code });
    const version = Uint8Array.from(idBlock).fill(2, 0x50, 0x51);
    await expect(verifySnpIdBlock(version, idAuth)).rejects.toMatchObject({
      code: 'ERR_SNP_ID_BLOCK_VERSION',
    });
    const other = encodeSnpIdBlock({ ...block, guestSvn: 8 });
    await expect(verifySnpIdBlock(other, idAuth)).rejects.toMatchObject({
      code: 'ERR_SNP_ID_BLOCK_SIGNATURE_INVALID',
    });
  });

  it('takes keys of another curve for mistakes of the program', async () => {
    await expect(signSnpIdBlock(block, await generateKeyPair('ec-p256'))).rejects.toThrow(TypeError);
    expect(() => encodeSnpIdBlock({ ...block, familyId: new Uint8Array(1) })).toThrow(TypeError);
  });
});
