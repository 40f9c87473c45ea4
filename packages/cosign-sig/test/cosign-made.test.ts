import { decodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { verify } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import {
  decryptPrivateKey,
  parseCosignPublicKey,
  parseKeyFile,
  predicateTypeOf,
  verifyBlobAttestation,
} from '../src/index.js';
import samples from './vectors/cosign-made.json' with { type: 'json' };

describe.each(samples)('what cosign $cosign made', (sample) => {
  const key = parseCosignPublicKey(sample.publicPem);
  const blob = encodeUtf8(sample.blob);

  it('is a key file that opens', async () => {
    expect(parseKeyFile(sample.privatePem).scryptN).toBe(65_536);
    const opened = await decryptPrivateKey(sample.privatePem, sample.password);
    expect(opened.publicKey.fingerprint).toBe(key.fingerprint);
    await expect(decryptPrivateKey(sample.privatePem, '')).rejects.toMatchObject({
      code: 'ERR_COSIGN_DECRYPT',
    });
  });

  it('is a signature by that key', async () => {
    expect(await verify(key, blob, decodeBase64(sample.signature))).toBe(true);
  });

  it('is an attestation of the file, and of no other', async () => {
    const envelope = encodeUtf8(sample.envelope);
    const { statement } = await verifyBlobAttestation(envelope, { key, blob, predicateType: 'custom' });
    expect(statement.predicateType).toBe(predicateTypeOf('custom'));
    const other = { key, blob: encodeUtf8('another file\n') };
    await expect(verifyBlobAttestation(envelope, other)).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
  });
});
