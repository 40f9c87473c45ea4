import { concatBytes } from '@sealwright/bytes';
import { parseCertificate } from '@sealwright/der';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findGceMrTd,
  findGceSnpVcpus,
  gceEndorsementUrl,
  gceFirmwareUrl,
  parseGceEndorsement,
  SnpReportError,
  verifyGceEndorsement,
} from '../src/gce/index.js';
import { bytes, digest, field, golden, middleDer, root, rootDer, varint } from './gce.fixture.js';

const trust = { anchors: [parseCertificate(rootDer)], at: new Date('2026-01-01T00:00:00Z') };
const refused = (code: string) => expect.objectContaining({ code });

describe('an endorsement of Google Compute Engine', () => {
  it('says what guests must measure', () => {
    const { snp, tdx, timestamp, changeNumber, firmwareDigest } = parseGceEndorsement(bytes);
    expect(timestamp).toBe(1_700_000_000);
    expect(changeNumber).toBe(2n ** 63n);
    expect(firmwareDigest).toEqual(digest(5));
    expect(snp).toMatchObject({ svn: 3, policy: 0x30000n });
    expect([...(snp?.measurements.keys() ?? [])]).toEqual([1, 64]);
    expect(tdx?.measurements.map(({ ramGib, earlyAccept }) => [ramGib, earlyAccept])).toEqual([
      [16, false],
      [16, true],
    ]);
  });

  it('is verified up to a root, and then answers', async () => {
    const verified = await verifyGceEndorsement(parseGceEndorsement(bytes), trust);
    expect(findGceSnpVcpus(verified, digest(0x12))).toBe(64);
    expect(findGceSnpVcpus(verified, digest(0x21))).toBeUndefined();
    expect(findGceMrTd(verified, digest(0x22))).toMatchObject({ earlyAccept: true });
    expect(findGceMrTd(verified, digest(0x12))).toBeUndefined();
  });

  it('is refused at another time, under another root, and without one', async () => {
    const endorsement = parseGceEndorsement(bytes);
    const untrusted = refused('ERR_SNP_GCE_SIGNER_UNTRUSTED');
    for (const change of [
      { at: new Date('2040-01-01T00:00:00Z') },
      { anchors: [] },
      {
        anchors: [parseCertificate(middleDer)].map(({ subject }) => ({ subject, spki: root.publicKey.spki })),
      },
    ])
      await expect(verifyGceEndorsement(endorsement, { ...trust, ...change })).rejects.toEqual(untrusted);
    for (const change of [
      { certificate: rootDer.subarray(1) },
      { caBundle: new Uint8Array(0) },
      { caBundle: Uint8Array.of(0xff) },
    ])
      await expect(verifyGceEndorsement({ ...endorsement, ...change }, trust)).rejects.toEqual(untrusted);
  });

  it('is refused with anything in it changed', async () => {
    for (let at = 3; at < golden.length; at += 97) {
      const changed = Uint8Array.from(golden);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const { signature } = parseGceEndorsement(bytes);
      await expect(
        (async () =>
          verifyGceEndorsement(
            parseGceEndorsement(concatBytes(field(1, changed), field(2, signature))),
            trust,
          ))(),
      ).rejects.toBeInstanceOf(SnpReportError);
    }
    const { signature } = parseGceEndorsement(bytes);
    const other = concatBytes(golden, field(98, 1));
    await expect(
      verifyGceEndorsement(parseGceEndorsement(concatBytes(field(1, other), field(2, signature))), trust),
    ).rejects.toEqual(refused('ERR_SNP_GCE_SIGNATURE_INVALID'));
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['no signature', field(1, golden)],
    ['a number for bytes', concatBytes(field(1, 5), field(2, digest(1)))],
    ['a field without a number', Uint8Array.of(0x02, 0x00)],
    ['a group', Uint8Array.of(0x0b)],
    ['a number of eleven bytes', Uint8Array.of(0x08, ...new Uint8Array(10).fill(0xff), 1)],
    ['a number of 65 bits', Uint8Array.of(0x08, ...new Uint8Array(9).fill(0xff), 2)],
    ['a field past its end', Uint8Array.of(0x0a, 0x05, 1)],
    ['a length near 2^64', Uint8Array.of(0x0a, ...varint(2n ** 64n - 1n))],
    ['a short digest', concatBytes(field(1, field(5, new Uint8Array(47))), field(2, digest(1)))],
    [
      'a timestamp that is none',
      concatBytes(
        field(1, concatBytes(field(1, field(1, 2n ** 60n)), field(5, digest(1)))),
        field(2, digest(1)),
      ),
    ],
    [
      'a count of 33 bits',
      concatBytes(
        field(1, concatBytes(field(5, digest(1)), field(7, field(1, 2n ** 32n)))),
        field(2, digest(1)),
      ),
    ],
    ['a megabyte too many', new Uint8Array(0x10_0001)],
  ])('is refused as %s', (_, given) => {
    expect(() => parseGceEndorsement(given)).toThrow(refused('ERR_SNP_GCE_MALFORMED'));
  });

  it('gives any bytes an endorsement or a typed error', () => {
    const mutated = fc
      .tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length))
      .map(([at, byte, length]) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = byte;
        return length % 7 === 0 ? changed.subarray(0, length) : changed;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated), (given) => {
        try {
          parseGceEndorsement(given);
        } catch (error) {
          expect(error).toBeInstanceOf(SnpReportError);
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('has its place', () => {
    expect(gceEndorsementUrl('sevsnp', digest(0xab))).toBe(
      `https://storage.googleapis.com/gce_tcb_integrity/ovmf_x64_csm/sevsnp/${'ab'.repeat(48)}.binarypb`,
    );
    expect(gceFirmwareUrl(digest(1))).toMatch(/\/ovmf_x64_csm\/(?:01){48}\.fd$/);
    expect(() => gceFirmwareUrl(new Uint8Array(32))).toThrow(TypeError);
  });
});
