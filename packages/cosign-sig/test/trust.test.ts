import { encodeBase64 } from '@sealwright/bytes';
import { generateKeyPair, type PrivateKey } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import {
  CosignError,
  parseSigningConfig,
  parseTrustedRoot,
  selectServices,
  type TrustedRoot,
} from '../src/index.js';

describe('trusted roots and signing configs', () => {
  const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';

  it.each([
    [{ mediaType: 'application/json' }, '/mediaType'],
    [{ mediaType, tlogs: [{ hashAlgorithm: 'SHA2_512' }] }, '/tlogs/0/hashAlgorithm'],
    [
      { mediaType, tlogs: [{ hashAlgorithm: 'SHA2_256', publicKey: { keyDetails: 'x' } }] },
      '/tlogs/0/publicKey/validFor',
    ],
    [
      { mediaType, certificateAuthorities: [{ certChain: { certificates: [] } }] },
      '/certificateAuthorities/0/certChain',
    ],
    [{ mediaType, ctlogs: {} }, '/ctlogs'],
  ])('%j is refused', (json, pointer) => {
    expect(() => parseTrustedRoot(JSON.stringify(json))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_TRUSTED_ROOT', pointer }),
    );
  });

  it.each([
    ['2026-01-15T12:00:00Z', true],
    ['2024-02-29T23:59:59.123456789Z', true],
    ['2026-01-15T12:00:00+02:30', true],
    ['2026-02-29T00:00:00Z', false],
    ['2026-04-31T00:00:00+01:00', false],
    ['2026-01-15T24:00:00Z', false],
    ['2026-01-15T12:00:60Z', false],
    ['2026-01-15T12:00:00', false],
    ['2026-01-15 12:00:00Z', false],
    ['2026-01-15T12:00:00+25:00', false],
  ])('begin at %s: %s', (start, exists) => {
    const text = JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [{ url: 'https://ca.example', majorApiVersion: 1, validFor: { start } }],
    });
    if (exists) expect(parseSigningConfig(text).caUrls[0]?.validFor.start).toBe(Date.parse(start));
    else
      expect(() => parseSigningConfig(text)).toThrow(
        expect.objectContaining({ code: 'ERR_COSIGN_SIGNING_CONFIG', pointer: '/caUrls/0/validFor/start' }),
      );
  });

  it('say which services to ask', () => {
    const service = (url: string, start: string, operator: string, majorApiVersion = 1): object => ({
      url,
      majorApiVersion,
      validFor: { start },
      operator,
    });
    const config = parseSigningConfig(
      JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
        rekorTlogUrls: [
          service('https://a.example', '2024-01-01T00:00:00Z', 'x'),
          service('https://b.example', '2025-01-01T00:00:00Z', 'x'),
          service('https://c.example', '2025-01-01T00:00:00Z', 'y'),
          service('https://d.example', '2099-01-01T00:00:00Z', 'z'),
        ],
        rekorTlogConfig: { selector: 'EXACT', count: 2 },
      }),
    );
    const options = { now: new Date('2026-01-01T00:00:00Z'), versions: [1] };
    const urls = (chosen: readonly { url: string }[]): string[] => chosen.map(({ url }) => url);
    expect(urls(selectServices(config.rekorTlogUrls, options))).toEqual(['https://b.example']);
    const exact = selectServices(config.rekorTlogUrls, { ...options, selection: config.rekorTlogConfig });
    expect(urls(exact)).toEqual(['https://b.example', 'https://c.example']);
    expect(() => selectServices(config.rekorTlogUrls, { ...options, versions: [2] })).toThrow(CosignError);
    expect(() =>
      selectServices(config.rekorTlogUrls, { ...options, selection: { selector: 'EXACT', count: 3 } }),
    ).toThrow('expected 3 services, found 2');
  });

  it.each([undefined, {}, { selector: 'SERVICE_SELECTOR_UNDEFINED' }, { selector: 'SOME' }, { selector: 4 }])(
    'with %j for a selector choose nothing, and nothing else is lost',
    (rekorTlogConfig) => {
      const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
      const rekorTlogUrls = [{ url: 'https://a.example', majorApiVersion: 1, operator: 'x' }];
      const config = parseSigningConfig(
        JSON.stringify({ mediaType, rekorTlogUrls, caUrls: rekorTlogUrls, rekorTlogConfig }),
      );
      const options = { now: new Date('2026-01-01T00:00:00Z'), versions: [1] };
      expect(() =>
        selectServices(config.rekorTlogUrls, { ...options, selection: config.rekorTlogConfig }),
      ).toThrow('does not say how many');
      expect(selectServices(config.caUrls, options)).toHaveLength(1);
    },
  );

  it('name the kind of key that a log has', async () => {
    const [p256, p384] = [await generateKeyPair('ec-p256'), await generateKeyPair('ec-p384')];
    const rootWith = (key: PrivateKey): TrustedRoot => {
      const rawBytes = encodeBase64(key.publicKey.spki);
      const validFor = { start: '2020-01-01T00:00:00Z' };
      const publicKey = { rawBytes, keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor };
      const log = { hash_algorithm: 1, public_key: publicKey, log_id: { key_id: 'AAAA' } };
      return parseTrustedRoot(JSON.stringify({ mediaType, ctlogs: [log] }));
    };
    expect(rootWith(p256).ctlogs[0]?.scheme).toBe('ecdsa-sha256');
    expect(() => rootWith(p384)).toThrow(
      expect.objectContaining({ pointer: '/ctlogs/0/publicKey/rawBytes' }),
    );
  });
});
