import { tokenJwk } from '@sealwright/kbs-protocol';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { loadTokenSigner } from '../src/attestation/token-signer.js';
import type { RecordStore } from '../src/storage/types.js';

const area = vectorArea('kbs/token/jwks-endpoint');

const noRecords: RecordStore = {
  get: () => Promise.reject(new Error('not asked')),
  put: () => Promise.reject(new Error('not asked')),
  putIfAbsent: () => Promise.reject(new Error('not asked')),
};

describe.skipIf(!area.present)('the vectors of kbs/token/jwks-endpoint', () => {
  it('give the key and the chain that tokens show', async () => {
    const signer = await loadTokenSigner(
      { key_path: 'signing-key.pem', cert_path: 'cert-chain.pem', cert_url: null },
      async (uri) => area.text(uri),
      noRecords,
    );
    expect({ keys: [tokenJwk(signer.key.publicKey, signer.chain)] }).toEqual(area.json('expected-jwks.json'));
  });

  it('refuse a chain of another key', async () => {
    const other = vectorArea('kbs/token').text('root.pem');
    const load = async (uri: string): Promise<string> => (uri === 'other' ? other : area.text(uri));
    const config = { key_path: 'signing-key.pem', cert_path: 'other', cert_url: null };
    await expect(loadTokenSigner(config, load, noRecords)).rejects.toThrow(
      /signer\.cert_path: other: expected the certificate of the signing key first/,
    );
  });
});
