import { encodeUtf8 } from '@sealwright/bytes';
import { encodePem } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import { encodeSnpReport, parseSnpReport, type SnpReport } from '../src/index.js';
import {
  findSnpVcek,
  parseSnpVcekUrl,
  SnpKdsClient,
  type SnpKdsOptions,
  snpMemoryCache,
  snpOfflineStore,
  snpStorePaths,
  snpVcekName,
  snpVcekUrl,
} from '../src/kds/index.js';
import { intermediate, leaf, report, root } from './milan.fixture.js';

const parsed = parseSnpReport(report);
const name = snpVcekName(parsed);
const changed = (change: Partial<SnpReport>): SnpReport =>
  parseSnpReport(encodeSnpReport({ ...parsed, ...change }));
const chain = encodeUtf8(encodePem('CERTIFICATE', intermediate) + encodePem('CERTIFICATE', root));

/** A service that gives one answer after the other, and a clock that runs while one waits. */
function service(...answers: (Response | Error)[]) {
  const asked: string[] = [];
  const waits: number[] = [];
  let time = 0;
  const options: SnpKdsOptions = {
    fetch: async (url) => {
      asked.push(url);
      const answer = answers.shift() ?? new Response(null, { status: 404 });
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => time,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      time += milliseconds;
    },
  };
  return { asked, waits, options };
}
const busy = (): Response => new Response('slow down', { status: 429 });

describe('names of VCEKs', () => {
  it('go into an address and come back', () => {
    expect(parseSnpVcekUrl(snpVcekUrl(name))).toEqual(name);
    expect(snpVcekUrl(name, 'http://mirror.example')).toMatch(/^http:\/\/mirror\.example\/vcek\/v1\/Milan\//);
  });

  it.each([
    ['what is no address', 'x'],
    ['another product', snpVcekUrl(name).replace('Milan', 'Siena')],
    ['an id of another product', snpVcekUrl(name).replace('Milan', 'Turin')],
    ['a version that is none', snpVcekUrl(name).replace('teeSPL=0', 'teeSPL=256')],
    ['a version too few', snpVcekUrl(name).replace('&teeSPL=0', '')],
    ['a parameter too many', `${snpVcekUrl(name)}&x=1`],
  ])('refuse %s', (_, url) => {
    expect(() => parseSnpVcekUrl(url)).toThrow(expect.objectContaining({ code: 'ERR_SNP_KDS_URL' }));
  });

  it('need a chip, a VCEK and a product', () => {
    const old = { version: 2, cpuidFamily: undefined, cpuidModel: undefined, cpuidStepping: undefined };
    const turinId = new Uint8Array(64).fill(7, 0, 8);
    expect(snpVcekName(changed({ ...old, chipId: turinId }))).toMatchObject({
      product: 'Turin',
      hardwareId: turinId.slice(0, 8),
    });
    expect(snpVcekName(changed(old), 'Genoa').product).toBe('Genoa');
    for (const [change, product, code] of [
      [{ chipId: new Uint8Array(64) }, undefined, 'ERR_SNP_KDS_NO_NAME'],
      [{ keyInfo: 4 }, undefined, 'ERR_SNP_KDS_NO_NAME'],
      [old, undefined, 'ERR_SNP_UNKNOWN_PRODUCT'],
      [{ cpuidFamily: 0x20 }, undefined, 'ERR_SNP_UNKNOWN_PRODUCT'],
      [{}, 'Turin', 'ERR_SNP_PRODUCT_MISMATCH'],
    ] as const)
      expect(() => snpVcekName(changed(change), product)).toThrow(expect.objectContaining({ code }));
  });
});

describe('SnpKdsClient', () => {
  it('waits longer and longer while it is told to', async () => {
    const { options, waits, asked } = service(busy(), new Error('no route'), busy(), new Response(leaf));
    expect(await new SnpKdsClient(options).vcek(name)).toEqual(leaf);
    expect(waits).toEqual([10_000, 20_000, 30_000]);
    expect(new Set(asked)).toEqual(new Set([snpVcekUrl(name)]));
  });

  it('gives up after two minutes', async () => {
    const { options, waits } = service(...Array.from({ length: 20 }, busy));
    await expect(new SnpKdsClient(options).vcek(name)).rejects.toMatchObject({
      code: 'ERR_SNP_KDS_UNAVAILABLE',
    });
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(120_000);
  });

  it('remembers certificates and asks for a list each time', async () => {
    const { options, asked } = service(
      new Response(leaf),
      new Response(chain),
      new Response('1'),
      new Response('2'),
    );
    const client = new SnpKdsClient({ ...options, cache: snpMemoryCache() });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await client.vcek(name)).toEqual(leaf);
      expect(await client.issuers('Milan', 'VCEK')).toEqual({ intermediate, root });
    }
    expect(await client.crl('Milan', 'VCEK')).toEqual(encodeUtf8('1'));
    expect(await client.crl('Milan', 'VCEK')).toEqual(encodeUtf8('2'));
    expect(asked).toHaveLength(4);
  });

  it('asks once for those who want the same at the same time', async () => {
    const { options, asked } = service(new Response(leaf));
    const client = new SnpKdsClient(options);
    expect(await Promise.all([client.vcek(name), client.vcek(name)])).toEqual([leaf, leaf]);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['a status that makes no sense', new Response(null, { status: 302 })],
    ['more than a certificate can be', new Response(new Uint8Array(0x1_0001))],
  ])('refuses %s', async (_, answer) => {
    const { options } = service(answer);
    await expect(new SnpKdsClient(options).vcek(name)).rejects.toMatchObject({
      code: 'ERR_SNP_KDS_RESPONSE',
    });
  });

  it.each([
    ['none', new Response(null, { status: 404 })],
    ['what is no PEM', new Response('x')],
    ['one certificate', new Response(encodePem('CERTIFICATE', root))],
  ])('refuses a chain of %s', async (_, answer) => {
    const { options } = service(answer);
    await expect(new SnpKdsClient(options).issuers('Milan', 'VLEK')).rejects.toMatchObject({
      code: 'ERR_SNP_KDS_RESPONSE',
    });
  });

  it('refuses to be without a revocation list', async () => {
    await expect(new SnpKdsClient(service().options).crl('Milan', 'VCEK')).rejects.toMatchObject({
      code: 'ERR_SNP_KDS_RESPONSE',
    });
  });
});

describe('sources', () => {
  const [exact, any] = snpStorePaths(name);

  it('are tried in order', async () => {
    const { options, asked } = service(new Response(leaf));
    const client = new SnpKdsClient(options);
    const read: string[] = [];
    const store = snpOfflineStore(async (path) => void read.push(path));
    expect(await findSnpVcek(parsed, [store, client])).toEqual(leaf);
    expect(read).toEqual([exact, any]);
    expect(asked).toHaveLength(1);
    await expect(findSnpVcek(parsed, [store, client])).rejects.toMatchObject({
      code: 'ERR_SNP_KDS_NOT_FOUND',
    });
  });

  it('name files as Confidential Containers do', () => {
    expect(exact).toMatch(/^vcek\/[0-9a-f]{128}\/bl03_tee00_snp20_ucode209_vcek\.der$/);
    expect(any).toMatch(/^vcek\/[0-9a-f]{128}\/vcek\.der$/);
    const turin = { product: 'Turin', hardwareId: new Uint8Array(8), tcb: { ...name.tcb, fmc: 1 } } as const;
    expect(snpStorePaths(turin)[0]).toBe('vcek/0000000000000000/bl03_tee00_snp20_ucode209_fmc01_vcek.der');
  });

  it('forget what was not used for longest', async () => {
    const cache = snpMemoryCache(2);
    for (const url of ['a', 'b']) await cache.set(url, leaf);
    await cache.get('a');
    await cache.set('c', leaf);
    expect(await Promise.all(['a', 'b', 'c'].map((url) => cache.get(url)))).toEqual([leaf, undefined, leaf]);
  });
});
