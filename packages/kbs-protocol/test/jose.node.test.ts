import { encodeUtf8 } from '@sealwright/bytes';
import { exportPrivateJwk, generateKeyPair } from '@sealwright/crypto';
import { EmbeddedJWK, FlattenedEncrypt, flattenedDecrypt, importJWK, jwtVerify, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  generateTeeKey,
  issueEar,
  openResponse,
  parseResponseJwe,
  sealResponse,
  type TeeKeyKind,
} from '../src/index.js';

const secret = encodeUtf8('this is a resource\n');

describe.each<TeeKeyKind>(['ec-p256', 'ec-p521', 'rsa'])(
  'with an independent implementation, for %s',
  (kind) => {
    it('what we seal opens there', async () => {
      const { publicKey, privateKey } = await generateTeeKey(kind);
      const key = await importJWK((await exportPrivateJwk(privateKey)) as JWK, publicKey.alg);
      const { plaintext } = await flattenedDecrypt({ ...(await sealResponse(publicKey, secret)) }, key);
      expect(new Uint8Array(plaintext)).toEqual(secret);
    });

    it('what is sealed there opens here', async () => {
      const teeKey = await generateTeeKey(kind);
      const { alg, jwk } = teeKey.publicKey;
      const sealed = await new FlattenedEncrypt(secret)
        .setProtectedHeader({ alg, enc: 'A256GCM' })
        .encrypt(await importJWK({ ...jwk }, alg));
      expect(await openResponse(teeKey, parseResponseJwe(JSON.stringify(sealed)))).toEqual(secret);
    });
  },
);

describe('tokens', () => {
  it('verify with an independent implementation by the key that they bring', async () => {
    const now = 1_787_000_000_000;
    const submodules = [{ class: 'cpu', trustVector: { hardware: 2 }, annotatedEvidence: {} }];
    const token = await issueEar({ now, submodules }, await generateKeyPair('ec-p256'));
    const { payload } = await jwtVerify(token, EmbeddedJWK, { currentDate: new Date(now) });
    expect(payload.iss).toBe('CoCo-Attestation-Service');
  });
});
