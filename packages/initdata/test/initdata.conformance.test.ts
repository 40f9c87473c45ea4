import { decodeHex, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  decodeInitDataAnnotation,
  fitDigest,
  initDataClaims,
  InitDataError,
  parseBlockImage,
  pcr8,
} from '../src/index.js';

interface AnnotationCase {
  id: string;
  annotation: string;
  verdict: 'accept' | 'reject';
  error?: string;
  none?: boolean;
  toml?: string;
  version?: string;
  algorithm?: string;
  data_keys?: string[];
  data_sha256?: Record<string, string>;
  digest_hex?: string;
  digest_hex_if_unchecked?: string;
  legacy_digest_hex?: string;
  bind?: Record<string, string | null>;
  as_claims?: unknown;
  as_claim_keys?: string[];
}

const area = vectorArea('initdata');
const rows = <T>(file: string): T[] => (area.present ? area.json<T[]>(file) : []);
const sha256 = (text: string): string => encodeHex(digest('sha256', new TextEncoder().encode(text)));
const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof InitDataError ? error.code : error;
  }
};

describe.skipIf(!area.present)(`vectors of ${area.name}`, () => {
  it.each(rows<AnnotationCase>('annotations.json'))('annotation $id', (row) => {
    const value = area.text(row.annotation).replace(/\n$/, '');
    if (row.verdict === 'reject') {
      expect(codeOf(() => decodeInitDataAnnotation(value))).toBe(`ERR_INITDATA_${row.error?.toUpperCase()}`);
      if (row.digest_hex_if_unchecked !== undefined) {
        const unchecked = decodeInitDataAnnotation(value, { versions: 'any' });
        expect(encodeHex(unchecked?.digest ?? new Uint8Array())).toBe(row.digest_hex_if_unchecked);
      }
      if (row.legacy_digest_hex !== undefined) {
        const legacy = decodeInitDataAnnotation(value, { legacy: true });
        expect(encodeHex(legacy?.digest ?? new Uint8Array())).toBe(row.legacy_digest_hex);
      }
      return;
    }
    const initData = decodeInitDataAnnotation(value);
    if (row.none === true) {
      expect(initData).toBeUndefined();
      return;
    }
    if (initData === undefined) throw new Error('no init-data was found');
    const { document, bytes, digest: hash } = initData;
    expect(bytes).toEqual(area.bytes(row.toml ?? ''));
    expect(encodeHex(hash)).toBe(row.digest_hex);
    expect([document.version, document.algorithm]).toEqual([row.version, row.algorithm]);
    expect(Object.keys(document.data).sort()).toEqual(row.data_keys);
    for (const [name, expected] of Object.entries(row.data_sha256 ?? {}))
      expect(sha256(document.data[name] ?? '')).toBe(expected);
    if (row.as_claims !== undefined) expect(initDataClaims(document)).toEqual(row.as_claims);
    if (row.as_claim_keys !== undefined)
      expect(Object.keys(initDataClaims(document)).sort()).toEqual(row.as_claim_keys);
    const bind = row.bind ?? {};
    expect(encodeHex(fitDigest(hash, 'snp'))).toBe(bind['snp_host_data']);
    expect(encodeHex(fitDigest(hash, 'tdx'))).toBe(bind['tdx_mrconfigid']);
    expect(encodeHex(fitDigest(hash, 'cca'))).toBe(bind['cca_rpv_host']);
    expect(encodeHex(fitDigest(hash, 'sgx'))).toBe(bind['sgx_configid']);
    expect(encodeHex(fitDigest(hash, 'se'))).toBe(bind['se_user_data_host']);
    const extended = bind['vtpm_pcr8_after_one_extend_sha256'];
    if (extended === null) expect(codeOf(() => pcr8(hash))).toBe('ERR_INITDATA_SIZE');
    else expect(encodeHex(pcr8(hash))).toBe(extended);
    const truncated = bind['vtpm_pcr8_peerpod_truncated'];
    if (typeof truncated === 'string') expect(encodeHex(pcr8(hash.subarray(0, 32)))).toBe(truncated);
  });

  it.each(
    rows<{ id: string; image: string; verdict: string; error?: string; content_sha256?: string }>(
      'block.json',
    ),
  )('block device $id', (row) => {
    const content = codeOf(() => parseBlockImage(area.bytes(row.image)));
    if (row.verdict === 'none') expect(content).toBeUndefined();
    else if (row.verdict === 'reject') expect(content).toBe(`ERR_INITDATA_${row.error?.toUpperCase()}`);
    else expect(encodeHex(digest('sha256', content as Uint8Array))).toBe(row.content_sha256);
  });

  it.each(rows<Record<string, string>>('fit.json'))('register values of $digest_hex', (row) => {
    const hash = decodeHex(row['digest_hex'] ?? '');
    expect(encodeHex(fitDigest(hash, 'snp'))).toBe(row['snp_host_data_32']);
    expect(encodeHex(fitDigest(hash, 'tdx'))).toBe(row['tdx_mrconfigid_48']);
    expect(encodeHex(fitDigest(hash, 'cca'))).toBe(row['cca_host_64']);
    expect(encodeHex(fitDigest(hash, 'sgx'))).toBe(row['sgx_configid_64']);
    const extended = row['pcr8_one_extend'] ?? '';
    if (extended.startsWith('error')) expect(codeOf(() => pcr8(hash))).toBe('ERR_INITDATA_SIZE');
    else expect(encodeHex(pcr8(hash))).toBe(extended);
  });
});
