import { decodeBase64, encodeBase64, encodeHex } from '@sealwright/bytes';
import { digest, importPrivateKey, type Jwk, sign } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  dangerouslyUnsealUnverified,
  parsePayload,
  type Providers,
  SealedSecretError,
  sealSecret,
  unsealSecret,
  verifySealedSecret,
} from '../src/index.js';

interface Case {
  id: string;
  mode: 'verify' | 'skip';
  sealed?: string;
  sealed_bytes_b64?: string;
  keys: Record<string, string>;
  kms?: { provider: string; decrypt: { key_id: string; [member: string]: string }[] };
  expect: { verdict: 'accept' | 'reject'; plaintext_b64?: string; error?: string };
}

const area = vectorArea('sealed-secret');

describe.skipIf(!area.present)(`vectors of ${area.name}`, () => {
  const { resources, cases } = area.present
    ? area.json<{ resources: Record<string, string>; cases: Case[] }>('cases.json')
    : { resources: {}, cases: [] };

  it.each(cases)('$id', async ({ mode, sealed, sealed_bytes_b64: bytes, keys, kms, expect: expected }) => {
    const providers = providersOf(resources, kms);
    const input = sealed ?? decodeBase64(bytes ?? '');
    const keyResolver = async (kid: string) =>
      Object.hasOwn(keys, kid) ? area.json<unknown>(keys[kid] ?? '') : undefined;
    const run =
      mode === 'skip'
        ? dangerouslyUnsealUnverified(input, { providers })
        : unsealSecret(input, { keyResolver, providers });
    if (expected.verdict === 'accept') {
      expect(encodeBase64((await run).expose())).toBe(expected.plaintext_b64);
    } else {
      const error = await run.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(SealedSecretError);
      expect((error as SealedSecretError).code).toBe(`ERR_SEALED_${expected.error?.toUpperCase()}`);
    }
  });

  const sealCases = area.present
    ? area.json<
        {
          id: string;
          jwk: string;
          kid: string;
          input: unknown;
          payload_b64url: string;
          header_b64url: string;
          signing_input_sha256: string;
        }[]
      >('seal.json')
    : [];

  it.each(sealCases)(
    '$id',
    async ({
      jwk,
      kid,
      input,
      payload_b64url: payload,
      header_b64url: header,
      signing_input_sha256: hash,
    }) => {
      const key = await importPrivateKey(area.json<Jwk>(jwk));
      const signer = {
        kid,
        sign: async (signed: Uint8Array) => {
          expect(encodeHex(digest('sha256', signed))).toBe(hash);
          return sign(key, signed, { encoding: 'raw' });
        },
      };
      const sealed = await sealSecret(parsePayload(new TextEncoder().encode(JSON.stringify(input))), signer);
      expect(sealed.split('.').slice(0, 3)).toEqual(['sealed', header, payload]);
      await verifySealedSecret(sealed, { keyResolver: async () => area.json<unknown>(jwk) });
    },
  );

  it.each(area.list('seed-000').filter((name) => name.endsWith('.b64.txt')))(
    '%s holds its sealed text',
    async (name) => {
      const text = new TextDecoder().decode(decodeBase64(area.text('seed-000', name).trim()));
      const secret = await dangerouslyUnsealUnverified(text, {
        providers: providersOf(resources, undefined),
      });
      expect(secret.expose().length).toBeGreaterThan(0);
    },
  );
});

function providersOf(resources: Record<string, string>, kms: Case['kms']): Providers {
  const getSecret = async ({ name }: { name: string }): Promise<Uint8Array> => {
    const value = resources[name];
    if (value === undefined) throw new Error('404');
    return decodeBase64(value);
  };
  if (kms === undefined) return { vault: { kbs: { getSecret } } };
  const decrypt = async (keyId: string, ciphertext: Uint8Array): Promise<Uint8Array> => {
    const row = kms.decrypt.find(
      (candidate) => candidate.key_id === keyId && candidate['ciphertext_b64'] === encodeBase64(ciphertext),
    );
    if (row === undefined) throw new Error('no such key');
    const dataKey = row['plaintext_b64'];
    return decodeBase64(dataKey ?? '');
  };
  return { vault: { kbs: { getSecret } }, envelope: { [kms.provider]: { decrypt } } };
}
