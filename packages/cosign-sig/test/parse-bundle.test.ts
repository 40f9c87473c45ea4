import { encodeBase64 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { parseBundle } from '../src/index.js';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A bundle with a message signature, and what differs in it. */
function bundle(messageDigest: unknown, material: object = { publicKey: { hint: '' } }): string {
  const messageSignature = { messageDigest, signature: 'AA==' };
  return JSON.stringify({ mediaType: MEDIA_TYPE, verificationMaterial: material, messageSignature });
}

describe('the digest in a bundle', () => {
  const digest = encodeBase64(new Uint8Array(32));

  it.each([
    undefined,
    null,
    { algorithm: 'SHA2_256', digest },
    { algorithm: 3, digest },
    { algorithm: 'SHA3_256', digest },
  ])('may be %j', (value) => {
    expect(parseBundle(bundle(value)).content.kind).toBe('message');
  });

  it.each([
    [{}, 'algorithm'],
    [{ digest }, 'algorithm'],
    [{ algorithm: 'SHA1', digest }, 'algorithm'],
    [{ algorithm: 0, digest }, 'algorithm'],
    [{ algorithm: 6, digest }, 'algorithm'],
    [{ algorithm: 'SHA2_256' }, 'digest'],
    [{ algorithm: 'SHA2_256', digest: '' }, 'digest'],
  ])('may not be %j', (value, member) => {
    expect(() => parseBundle(bundle(value))).toThrow(
      expect.objectContaining({
        code: 'ERR_COSIGN_BUNDLE',
        pointer: `/messageSignature/messageDigest/${member}`,
      }),
    );
  });
});

describe('the JSON of protocol buffers', () => {
  const entry = (logIndex: unknown): object => ({
    publicKey: { hint: 'x' },
    tlog_entries: [
      {
        log_index: logIndex,
        log_id: { key_id: 'A\nA\r\n==' },
        kind_version: { kind: 'hashedrekord', version: '0.0.2' },
        inclusion_proof: { root_hash: '-_8', checkpoint: { envelope: 'x' } },
        canonicalized_body: '+/8=',
      },
    ],
  });

  it.each([0, '0', 7, '7', '7.0', 7.0, '9007199254740991', null])('takes %j for an integer', (value) => {
    const [found] = parseBundle(bundle(undefined, entry(value))).logEntries;
    expect(found?.logIndex).toBe(Number(value));
    expect(found?.logId).toEqual(new Uint8Array(1));
    expect(found?.body).toEqual(found?.inclusionProof?.rootHash);
  });

  it.each(['', ' 7', '+7', '-7', '07', '7.5', '0x7', '1e3', '9007199254740992', 7.5, -1, true, {}])(
    'does not take %j',
    (value) => {
      expect(() => parseBundle(bundle(undefined, entry(value)))).toThrow(
        expect.objectContaining({ pointer: '/verificationMaterial/tlogEntries/0/logIndex' }),
      );
    },
  );

  it('takes each member in one spelling', () => {
    const twice = { ...entry(1), tlogEntries: [] };
    expect(() => parseBundle(bundle(undefined, twice))).toThrow('two spellings');
  });
});
