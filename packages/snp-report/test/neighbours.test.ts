/** What a report and its chain may say, rule by rule, at the edges of each. */
import { concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { encodeElement, encodeOctetString } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  encodeSnpTcb,
  parseSnpReport,
  prepareSnpChain,
  type SnpProduct,
  type SnpReportFields,
  type SnpTcb,
  type SnpTrust,
  type VerifiedSnpReport,
  verifySnpReport,
} from '../src/index.js';
import {
  AT,
  type ChainChanges,
  extension,
  forgeChain,
  forgeList,
  forgeReport,
  ia5,
  integer,
  type ListChanges,
  TCB,
  TO,
} from './forge.fixture.js';

interface Scenario {
  readonly product?: SnpProduct;
  readonly kind?: 'VCEK' | 'VLEK';
  readonly report?: Partial<SnpReportFields>;
  readonly bytes?: Readonly<Record<number, number>>;
  readonly chain?: ChainChanges;
  readonly list?: ListChanges;
  readonly trust?: Partial<SnpTrust>;
}

async function verify(scenario: Scenario): Promise<VerifiedSnpReport> {
  const { product = 'Milan', kind = 'VCEK', list } = scenario;
  const signing = { keyInfo: kind === 'VLEK' ? 4 : 0 };
  const report = await forgeReport(product, { ...signing, ...scenario.report }, scenario.bytes);
  return await verifySnpReport(parseSnpReport(report), {
    ...(await forgeChain(product, kind, scenario.chain)),
    ...(list && { crl: await forgeList(product, list) }),
    at: AT,
    ...scenario.trust,
  });
}

/** The reason of a refusal, or what was found. */
async function outcome(scenario: Scenario): Promise<string> {
  return await verify(scenario).then(
    ({ product, signer, chipIdMasked }) => `${product} ${signer}${chipIdMasked ? ' masked' : ''}`,
    (error: { code?: string }) => error.code?.slice('ERR_SNP_'.length).toLowerCase() ?? String(error),
  );
}

const PRODUCTS = ['Milan', 'Genoa', 'Turin'] as const;
const second = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);

describe('a report of any generation', () => {
  const all = PRODUCTS.flatMap((product) =>
    [2, 3, 4, 5].flatMap((version) =>
      (['VCEK', 'VLEK'] as const).map((kind) => ({ product, version, kind })),
    ),
  );
  it.each(all)('of $product, version $version, signed by a $kind', async ({ product, version, kind }) => {
    expect(await outcome({ product, kind, report: { version } })).toBe(`${product} ${kind}`);
  });

  it.each([
    [0x19, 0x00, 'Milan'],
    [0x19, 0x0f, 'Milan'],
    [0x19, 0x10, 'Genoa'],
    [0x19, 0x1f, 'Genoa'],
    [0x19, 0x20, undefined],
    [0x19, 0x9f, undefined],
    [0x19, 0xa0, 'Genoa'],
    [0x19, 0xaf, 'Genoa'],
    [0x19, 0xb0, undefined],
    [0x1a, 0x00, 'Turin'],
    [0x1a, 0x11, 'Turin'],
    [0x1a, 0x12, undefined],
    [0x1a, 0x50, undefined],
    [0x1a, 0x90, undefined],
    [0x1a, 0xc0, undefined],
    [0x18, 0x01, undefined],
    [0x1b, 0x01, undefined],
    [0x00, 0x00, undefined],
  ] as const)('whose processor is of family %i, model %i', async (cpuidFamily, cpuidModel, product) => {
    const report = { cpuidFamily, cpuidModel };
    const found = await outcome({ product: product ?? 'Milan', report });
    expect(found).toBe(product === undefined ? 'unknown_product' : `${product} VCEK`);
  });

  it.each([
    ['Milan', 'Milan-B0', 'Milan VCEK'],
    ['Milan', 'Milan-B1-extra', 'Milan VCEK'],
    ['Genoa', 'Genoa-B1', 'Genoa VCEK'],
    ['Genoa', 'Bergamo-A2', 'Genoa VCEK'],
    ['Genoa', 'Siena', 'Genoa VCEK'],
    ['Turin', 'Turin-C1', 'Turin VCEK'],
    ['Milan', 'Genoa', 'product_mismatch'],
    ['Milan', 'Siena', 'product_mismatch'],
    ['Milan', 'milan', 'vek_format'],
    ['Milan', 'Milan2', 'vek_format'],
    ['Milan', 'Venice', 'vek_format'],
    ['Milan', '', 'vek_format'],
    ['Milan', '-Milan', 'vek_format'],
  ] as const)('of %s, whose leaf is for %s', async (product, name, wanted) => {
    for (const version of [2, 3])
      expect(
        await outcome({ product, report: { version }, chain: { extensions: { '.2': ia5(name) } } }),
      ).toBe(wanted);
  });

  it.each([
    [2, 'Milan', 'Milan VCEK'],
    [2, 'Genoa', 'product_mismatch'],
    [3, 'Milan', 'Milan VCEK'],
    [3, 'Turin', 'product_mismatch'],
  ] as const)('of version %i, where the product must be %s', async (version, product, wanted) => {
    expect(await outcome({ report: { version }, trust: { product } })).toBe(wanted);
  });
});

describe('reserved bytes', () => {
  const always = [0x04c, 0x04f, 0x1eb, 0x1ef, 0x330, 0x49f];
  it.each([
    [2, [...always, 0x188, 0x18a, 0x18b, 0x19f, 0x1f8, 0x207, 0x29f]],
    [3, [...always, 0x18b, 0x19f, 0x1f8, 0x1ff, 0x200, 0x207, 0x208, 0x29f]],
    [4, [...always, 0x18b, 0x19f, 0x1f8, 0x207, 0x29f]],
    [5, [...always, 0x18b, 0x19f, 0x208, 0x29f]],
  ])('are zero in version %i', async (version, places) => {
    for (const place of places)
      expect([place, await outcome({ report: { version }, bytes: { [place]: 1 } })]).toEqual([
        place,
        'mbz_violation',
      ]);
  });

  it('hold mitigations in version 5', async () => {
    const vectors = { launchMitVector: 2n ** 64n - 1n, currentMitVector: 2n ** 63n };
    expect(await verify({ report: { version: 5, ...vectors } })).toMatchObject(vectors);
  });

  it.each([0, 1, 6, 0x200, 0xffff_ffff])(
    'of version %i are not known, nor is anything else of it',
    async (version) => {
      expect(await outcome({ report: { version } })).toBe('unsupported_version');
    },
  );
});

describe('policy, key info and algorithm', () => {
  it.each<[string, Partial<SnpReportFields>]>([
    ['policy_invalid', { policy: 0n }],
    ['policy_invalid', { policy: 0x1_0000n }],
    ['policy_invalid', { policy: 0x2_0000n | (1n << 26n) }],
    ['policy_invalid', { policy: 0x2_0000n | (1n << 63n) }],
    ['Milan VCEK', { policy: 0x3ff_ffffn }],
    ['Milan VCEK', { policy: 0x2_0000n }],
    ['Milan VCEK', { platformInfo: 2n ** 64n - 1n }],
    ['Milan VCEK', { vmpl: 0xffff_ffff }],
    ['Milan VCEK', { keyInfo: 1 }],
    ['report_unsigned', { keyInfo: 2 }],
    ['report_unsigned', { keyInfo: 7 << 2 }],
    ['report_unsigned', { keyInfo: (7 << 2) | 3 }],
    ['signer_info_invalid', { keyInfo: 2 << 2 }],
    ['signer_info_invalid', { keyInfo: 6 << 2 }],
    ['signer_info_invalid', { keyInfo: 0x20 }],
    ['signer_info_invalid', { keyInfo: 0x8000_0000 }],
    ['signing_key_mismatch', { keyInfo: 1 << 2 }],
    ['unsupported_signature_algo', { signatureAlgo: 0 }],
    ['unsupported_signature_algo', { signatureAlgo: 0x101 }],
  ])('give %s', async (wanted, report) => {
    expect(await outcome({ report })).toBe(wanted);
  });
});

describe('the numbers of a signature', () => {
  const order = littleEndian(
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  );
  it.each<[string, Partial<SnpReportFields>]>([
    ['r is zero', { signatureR: new Uint8Array(72) }],
    ['s is zero', { signatureS: new Uint8Array(72) }],
    ['r is the order', { signatureR: order }],
    ['s is the order', { signatureS: order }],
    ['s is as large as can be', { signatureS: new Uint8Array(72).fill(0xff, 0, 48) }],
    ['both are zero', { signatureR: new Uint8Array(72), signatureS: new Uint8Array(72) }],
  ])('are refused when %s', async (_, report) => {
    expect(await outcome({ report })).toBe('report_signature_invalid');
  });

  it('are refused with any of their upper bytes set', async () => {
    for (const place of [0x2d0, 0x2e7, 0x318, 0x32f])
      expect(await outcome({ bytes: { [place]: 1 } })).toBe('report_signature_invalid');
  });
});

describe('dates', () => {
  const edge = new Date('2025-06-01T12:00:00Z');
  const rows = (['leaf', 'intermediate', 'root'] as const).flatMap((which) => [
    [which, { from: edge }, edge, 'Milan VCEK'] as const,
    [which, { from: edge }, second(edge, -0.001), 'cert_not_yet_valid'] as const,
    [which, { to: edge }, edge, 'Milan VCEK'] as const,
    [which, { to: edge }, second(edge, 0.001), 'cert_expired'] as const,
  ]);
  it.each(rows)('of the %s are inclusive: %o', async (which, dates, at, wanted) => {
    expect(await outcome({ chain: { [which]: dates }, trust: { at } })).toBe(wanted);
    const chain = await forgeChain('Milan', 'VCEK', { [which]: dates });
    const prepared = await prepareSnpChain(chain);
    const found = verifySnpReport(parseSnpReport(await forgeReport('Milan')), { chain: prepared, at });
    if (wanted === 'Milan VCEK') expect((await found).product).toBe('Milan');
    else await expect(found).rejects.toMatchObject({ code: `ERR_SNP_${wanted.toUpperCase()}` });
  });

  it.each<[string, ListChanges, number]>([
    ['Milan VCEK', { from: AT }, 0],
    ['crl_not_yet_valid', { from: AT }, -1],
    ['Milan VCEK', { to: AT }, 0],
    ['crl_expired', { to: AT }, 1],
    ['crl_malformed', { to: null }, 0],
  ])('of a revocation list give %s: %o after %i seconds', async (wanted, list, seconds) => {
    expect(await outcome({ list, trust: { at: second(AT, seconds) } })).toBe(wanted);
  });
});

describe('a revocation list', () => {
  const critical = extension('1.2.3', Uint8Array.of(5, 0), true);
  it.each<[string, ListChanges]>([
    ['Milan VCEK', {}],
    ['Milan VCEK', { revoked: [0, 6, 8] }],
    ['ask_revoked', { revoked: [6, 7] }],
    ['ask_revoked', { revoked: [7], entryExtensions: [extension('2.5.29.21', Uint8Array.of(0x0a, 1, 1))] }],
    ['crl_issuer_mismatch', { issuer: 'ARK-Genoa' }],
    ['crl_issuer_mismatch', { issuer: 'SEV-Milan' }],
    ['crl_signature_invalid', { broken: true }],
    ['crl_malformed', { extensions: [critical] }],
    ['crl_malformed', { revoked: [3], entryExtensions: [critical] }],
    ['Milan VCEK', { extensions: [extension('2.5.29.20', Uint8Array.of(2, 1, 9))] }],
  ])('gives %s: %o', async (wanted, list) => {
    expect(await outcome({ list })).toBe(wanted);
    expect(await outcome({ list, trust: { requireCrl: true } })).toBe(wanted);
  });

  it('is demanded only where it is said to be', async () => {
    expect(await outcome({ trust: { requireCrl: true } })).toBe('crl_missing');
    expect(await outcome({ trust: { requireCrl: false } })).toBe('Milan VCEK');
  });

  it('revokes the ASVK of a VLEK', async () => {
    expect(await outcome({ kind: 'VLEK', list: { revoked: [7] } })).toBe('ask_revoked');
  });
});

describe('a leaf', () => {
  const raw = (bytes: number, first = 4, next = 64): Uint8Array => {
    const id = new Uint8Array(bytes);
    id.set([first, next]);
    return id;
  };
  it.each<[string, Scenario]>([
    ['vek_format', { chain: { extensions: { '.3.1': undefined } } }],
    ['vek_format', { chain: { extensions: { '.3.8': undefined } } }],
    ['vek_format', { product: 'Turin', chain: { extensions: { '.3.9': undefined } } }],
    ['vek_format', { chain: { extensions: { '.3.2': integer(1, 0) } } }],
    ['vek_format', { chain: { extensions: { '.3.2': integer(0x80) } } }],
    ['vek_format', { chain: { extensions: { '.3.2': integer(0, 1) } } }],
    ['vek_format', { chain: { extensions: { '.3.2': concatBytes(integer(1), integer(1)) } } }],
    ['vek_format', { chain: { extensions: { '.3.2': encodeElement(0x0a, Uint8Array.of(1)) } } }],
    ['Milan VCEK', { chain: { extensions: { '.3.4': integer(9), '.3.7': integer(9) } } }],
    ['Milan VCEK', { chain: { extensions: { '.3.9': integer(9) } } }],
    ['vek_format', { chain: { extensions: { '.4': undefined } } }],
    ['vek_format', { chain: { extensions: { '.5': ia5('CN=someone') } } }],
    ['vek_format', { kind: 'VLEK', chain: { extensions: { '.5': undefined } } }],
    ['vek_format', { kind: 'VLEK', chain: { extensions: { '.4': raw(64) } } }],
    ['vek_format', { chain: { extensions: { '.4': raw(8) } } }],
    ['vek_format', { chain: { extensions: { '.4': raw(65) } } }],
    ['vek_format', { product: 'Turin', chain: { extensions: { '.4': raw(64) } } }],
    ['vek_format', { chain: { leaf: { name: 'SEV-VCEK2' } } }],
    ['vek_format', { chain: { leaf: { name: 'VCEK' } } }],
    [
      'cert_unknown_critical_extension',
      { chain: { extensions: { '1.2.3': ia5('x') }, critical: ['1.2.3'] } },
    ],
    ['Milan VCEK', { chain: { extensions: { '1.2.3': ia5('x') } } }],
    ['chain_name_mismatch', { chain: { leaf: { issuer: 'SEV-Genoa' } } }],
    ['chain_name_mismatch', { chain: { leaf: { issuer: 'SEV-VLEK-Milan' } } }],
    ['chain_name_mismatch', { chain: { intermediate: { name: 'SEV-VLEK-Milan' } } }],
    ['chain_signature_invalid', { chain: { leaf: { broken: true } } }],
    ['chain_signature_invalid', { chain: { intermediate: { broken: true } } }],
    ['chain_signature_invalid', { chain: { root: { broken: true } } }],
  ])('gives %s: %o', async (wanted, scenario) => {
    expect(await outcome(scenario)).toBe(wanted);
  });

  it.each(['VCEK', 'VLEK'] as const)(
    'of the kind %s under the intermediate of the other kind',
    async (kind) => {
      const other = `${kind === 'VCEK' ? 'SEV-VLEK' : 'SEV'}-Milan`;
      const chain = { leaf: { issuer: other }, intermediate: { name: other } };
      expect(await outcome({ kind, chain })).toBe('product_mismatch');
    },
  );

  it.each([
    ['Milan', [0x04, 0x40]],
    ['Milan', [0x04, 0x42]],
    ['Turin', [0x04, 0x06]],
    ['Turin', [0x04, 0x08]],
  ] as const)(
    'of %s has a hardware id that may begin with anything, raw or wrapped: %o',
    async (product, head) => {
      const id = new Uint8Array(product === 'Turin' ? 8 : 64).fill(9);
      id.set(head);
      const chipId = concatBytes(id, new Uint8Array(64 - id.length));
      for (const value of [id, encodeOctetString(id)])
        expect(await outcome({ product, report: { chipId }, chain: { extensions: { '.4': value } } })).toBe(
          `${product} VCEK`,
        );
    },
  );
});

describe('what binds a report to its leaf', () => {
  const parts = ['fmc', 'bootloader', 'tee', 'snp', 'microcode'] as const;
  it.each(PRODUCTS)('on %s is every security version', async (product) => {
    for (const part of parts)
      for (const by of [-1, 1]) {
        const tcb: SnpTcb = { ...TCB, [part]: (TCB[part] ?? 0) + by };
        const counts = part !== 'fmc' || product === 'Turin';
        const found = await outcome({ product, report: { reportedTcb: encodeSnpTcb(tcb, product) } });
        expect([part, found]).toEqual([part, counts ? 'tcb_mismatch' : `${product} VCEK`]);
      }
  });

  it.each(PRODUCTS)('on %s does not concern other security versions', async (product) => {
    const report = { currentTcb: 0n, committedTcb: 1n, launchTcb: 2n };
    expect(await outcome({ product, report })).toBe(`${product} VCEK`);
  });

  it.each(PRODUCTS)('on %s is the chip, unless it is masked', async (product) => {
    const chipId = (await verify({ product })).chipId;
    for (const place of [0, 7, 8, 63]) {
      const other = chipId.slice();
      other[place] = (other[place] ?? 0) ^ 1;
      expect(await outcome({ product, report: { chipId: other } })).toBe('hwid_mismatch');
      expect(await outcome({ product, kind: 'VLEK', report: { chipId: other } })).toBe(`${product} VLEK`);
    }
    const masked = { chipId: new Uint8Array(64) };
    expect(await outcome({ product, report: masked })).toBe(`${product} VCEK masked`);
    expect(await outcome({ product, kind: 'VLEK', report: masked })).toBe(`${product} VLEK masked`);
  });
});

describe('of two faults', () => {
  /** In the order of the checks: structure, product, signature at all, chain, dates, extensions, list, leaf, report. */
  const faults: readonly (readonly [reason: string, scenario: Scenario])[] = [
    ['mbz_violation', { bytes: { 0x1eb: 1 } }],
    ['policy_invalid', { report: { policy: 0n } }],
    ['unsupported_signature_algo', { report: { signatureAlgo: 2 } }],
    ['product_mismatch', { trust: { product: 'Genoa' } }],
    ['report_unsigned', { report: { keyInfo: 2 } }],
    ['untrusted_root', { trust: { anchors: [] } }],
    ['chain_signature_invalid', { chain: { leaf: { broken: true } } }],
    ['cert_expired', { trust: { at: second(TO, 1) } }],
    [
      'cert_unknown_critical_extension',
      { chain: { extensions: { '1.2.3': ia5('x') }, critical: ['1.2.3'] } },
    ],
    ['crl_signature_invalid', { list: { broken: true } }],
    ['crl_expired', { list: { to: second(AT, -1) } }],
    ['ask_revoked', { list: { revoked: [7] } }],
    ['vek_format', { chain: { extensions: { '.3.3': undefined } } }],
    ['signing_key_mismatch', { report: { keyInfo: 4 } }],
    ['report_signature_invalid', { report: { signatureR: new Uint8Array(72) } }],
    ['tcb_mismatch', { report: { reportedTcb: 0n } }],
    ['hwid_mismatch', { report: { chipId: new Uint8Array(64).fill(1) } }],
  ];
  it.each(faults.map((fault, index) => [fault[0], fault[1], index] as const))(
    'that of %s comes before those after it',
    async (reason, scenario, index) => {
      expect(await outcome(scenario)).toBe(reason);
      for (const [other, later] of faults.slice(index + 1))
        expect([other, await outcome(both(scenario, later))]).toEqual([other, reason]);
    },
  );
});

it('takes PEM with text around it, and refuses more than one certificate', async () => {
  const chain = await forgeChain('Milan');
  const report = parseSnpReport(await forgeReport('Milan'));
  const empty = { ...chain, leaf: encodeUtf8('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n') };
  await expect(verifySnpReport(report, { ...empty, at: AT })).rejects.toMatchObject({
    code: 'ERR_SNP_CERT_MALFORMED',
  });
});

/** The second fault on top of the first. */
function both(one: Scenario, other: Scenario): Scenario {
  const chain = {
    ...one.chain,
    ...other.chain,
    extensions: { ...one.chain?.extensions, ...other.chain?.extensions },
    critical: [...(one.chain?.critical ?? []), ...(other.chain?.critical ?? [])],
  };
  return {
    report: { ...other.report, ...one.report, ...keyInfoOf(one, other) },
    bytes: { ...one.bytes, ...other.bytes },
    chain,
    ...((one.list ?? other.list) && { list: { ...one.list, ...other.list } }),
    trust: { ...one.trust, ...other.trust },
  };
}

/** Bits of key info add up. */
function keyInfoOf(one: Scenario, other: Scenario): Partial<SnpReportFields> {
  const bits = (one.report?.keyInfo ?? 0) | (other.report?.keyInfo ?? 0);
  return bits === 0 ? {} : { keyInfo: bits };
}

function littleEndian(hex: string): ReturnType<typeof concatBytes> {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return concatBytes(bytes.reverse(), new Uint8Array(24));
}
