import { describe, expect, it } from 'vitest';
import {
  parseCertificate,
  readBasicConstraints,
  readKeyUsage,
  type TrustAnchor,
  verifyCertificateChain,
} from '../src/index.js';
import { authority, certificate, extension, type Subject, usage, verify } from './certificate.fixture.js';

const at = Date.UTC(2025, 5);
const strange = extension('1.2.4', Uint8Array.of(9), true);
const ROOT: Subject = { name: 'root', key: 1 };
const MIDDLE: Subject = { name: 'middle', issuer: 'root', key: 2, signedBy: 1 };
const LEAF: Subject = { name: 'leaf', issuer: 'middle', key: 3, signedBy: 2, extensions: [] };
const anchors: readonly TrustAnchor[] = [parseCertificate(certificate(ROOT))];

const check = async (
  chain: readonly Subject[],
  { known = [] as readonly string[], trusted = anchors, when = at } = {},
): Promise<void> =>
  await verifyCertificateChain(
    chain.map((subject) => parseCertificate(certificate(subject))),
    { anchors: trusted, at: when, verify, known },
  );

describe('verifyCertificateChain', () => {
  it.each([
    ['up to the root itself', [LEAF, MIDDLE, ROOT]],
    ['up to what the root issued', [LEAF, MIDDLE]],
    ['of the root alone', [ROOT]],
    ['with a path length that suffices', [LEAF, { ...MIDDLE, extensions: [authority(0)] }]],
    [
      'through a certificate that an authority issued to itself',
      [
        LEAF,
        { ...MIDDLE, issuer: 'middle', signedBy: 4 },
        { ...MIDDLE, key: 4 },
        { ...ROOT, extensions: [authority(1)] },
      ],
    ],
  ])('accepts a chain %s', async (_, chain) => {
    await check(chain);
  });

  it.each<[string, readonly Subject[], string]>([
    ['that ends in the air', [LEAF], 'ERR_DER_UNTRUSTED'],
    ['to a root with the name of a trusted one', [LEAF, MIDDLE, { ...ROOT, key: 9 }], 'ERR_DER_UNTRUSTED'],
    ['to a trusted key of another name', [{ ...MIDDLE, issuer: 'other' }], 'ERR_DER_UNTRUSTED'],
    ['in the wrong order', [MIDDLE, LEAF, ROOT], 'ERR_DER_ISSUER'],
    ['with a leaf that the key above did not sign', [{ ...LEAF, signedBy: 9 }, MIDDLE], 'ERR_DER_SIGNATURE'],
    ['with an authority that no root signed', [LEAF, { ...MIDDLE, signedBy: 9 }], 'ERR_DER_SIGNATURE'],
    ['with a root that did not sign itself', [LEAF, MIDDLE, { ...ROOT, signedBy: 9 }], 'ERR_DER_SIGNATURE'],
    ['before the leaf', [{ ...LEAF, from: '250701000000Z' }, MIDDLE], 'ERR_DER_NOT_YET_VALID'],
    ['after the authority', [LEAF, { ...MIDDLE, to: '250501000000Z' }], 'ERR_DER_EXPIRED'],
    ['with a strange critical extension', [{ ...LEAF, extensions: [strange] }, MIDDLE], 'ERR_DER_CRITICAL'],
    ['through a leaf', [LEAF, { ...MIDDLE, extensions: [] }], 'ERR_DER_AUTHORITY'],
    [
      'through an authority that may only sign lists',
      [LEAF, { ...MIDDLE, extensions: [authority(), usage(1, 0x02)] }],
      'ERR_DER_AUTHORITY',
    ],
    [
      'longer than the root allows',
      [LEAF, MIDDLE, { ...ROOT, extensions: [authority(0)] }],
      'ERR_DER_PATH_LENGTH',
    ],
    [
      'in an unknown algorithm',
      [{ ...LEAF, algorithm: Uint8Array.of(0x30, 3, 6, 1, 1) }, MIDDLE],
      'ERR_DER_ALGORITHM',
    ],
  ])('refuses a chain %s', async (_, chain, code) => {
    await expect(check(chain)).rejects.toMatchObject({ code });
  });

  it('takes a critical extension that the caller looks at', async () => {
    await check([{ ...LEAF, extensions: [strange] }, MIDDLE], { known: ['1.2.4'] });
  });

  it('tries every anchor of a name', async () => {
    const other = parseCertificate(certificate({ name: 'root', key: 7 }));
    await check([LEAF, MIDDLE], { trusted: [other, ...anchors] });
    await expect(check([LEAF, MIDDLE], { trusted: [other] })).rejects.toMatchObject({
      code: 'ERR_DER_SIGNATURE',
    });
  });

  it('takes a time that is none and an empty chain for mistakes of the program', async () => {
    await expect(check([LEAF, MIDDLE], { when: Number.NaN })).rejects.toThrow(TypeError);
    await expect(check([])).rejects.toThrow(TypeError);
  });
});

describe('extensions', () => {
  const withExtension = (...extensions: Uint8Array[]) => parseCertificate(certificate({ extensions }));

  it('reads basic constraints', () => {
    expect(readBasicConstraints(withExtension(authority(3)))).toEqual({ isAuthority: true, pathLength: 3 });
    expect(readBasicConstraints(withExtension(extension('2.5.29.19', Uint8Array.of(0x30, 0))))).toEqual({
      isAuthority: false,
      pathLength: undefined,
    });
    expect(readBasicConstraints(withExtension())).toBeUndefined();
  });

  it('reads key usage, the ninth bit too', () => {
    expect([...(readKeyUsage(withExtension(usage(1, 0x06))) ?? [])]).toEqual(['keyCertSign', 'cRLSign']);
    expect([...(readKeyUsage(withExtension(usage(7, 0x80, 0x80))) ?? [])]).toEqual([
      'digitalSignature',
      'decipherOnly',
    ]);
    expect(readKeyUsage(withExtension())).toBeUndefined();
  });

  it.each([
    ['a path length of no authority', extension('2.5.29.19', Uint8Array.of(0x30, 3, 2, 1, 0))],
    ['a false that is written out', extension('2.5.29.19', Uint8Array.of(0x30, 3, 1, 1, 0))],
  ])('refuses %s', (_, given) => {
    expect(() => readBasicConstraints(withExtension(given))).toThrow(
      expect.objectContaining({ code: 'ERR_DER_VALUE' }),
    );
  });

  it.each([
    ['unused bits that are set', usage(2, 0x06)],
    ['eight unused bits', usage(8, 0x00)],
    ['three bytes', usage(0, 1, 1, 1)],
    ['nothing', usage()],
  ])('refuses key usage with %s', (_, given) => {
    expect(() => readKeyUsage(withExtension(given))).toThrow(
      expect.objectContaining({ code: 'ERR_DER_VALUE' }),
    );
  });
});
