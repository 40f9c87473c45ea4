import { decodeUtf8, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { aesCtr, aesGcmSeal, exportPublicJwk, generateKeyPair, randomBytes, sign } from '@sealwright/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  dangerouslySealUnsigned,
  dangerouslyUnsealUnverified,
  encodePayload,
  type EnvelopePayload,
  looksSealed,
  parsePayload,
  parseSealedSecret,
  SealedSecretError,
  type SealedSecretPayload,
  sealSecret,
  type SealSigner,
  unsealSecret,
  type UnsealOptions,
  type VaultPayload,
} from '../src/index.js';

const VAULT: VaultPayload = {
  type: 'vault',
  name: 'kbs:///default/cosign-secrets/cosign.key',
  provider: 'kbs',
  providerSettings: {},
  annotations: {},
};
const code = (expected: string, pointer?: string) =>
  expect.objectContaining(pointer === undefined ? { code: expected } : { code: expected, pointer });
const payloadOf = (members: object): Uint8Array => encodeUtf8(JSON.stringify(members));

let signer: SealSigner;
let options: UnsealOptions;

beforeAll(async () => {
  const key = await generateKeyPair('ec-p256');
  signer = { kid: 'signing-key', sign: (signed) => sign(key, signed, { encoding: 'raw' }) };
  options = {
    keyResolver: async (kid) => (kid === 'signing-key' ? exportPublicJwk(key.publicKey) : undefined),
    providers: { vault: { kbs: { getSecret: async ({ name }) => encodeUtf8(`content of ${name}`) } } },
  };
});

describe('a signed sealed secret', () => {
  it('is exchanged for the secret', async () => {
    const sealed = await sealSecret(VAULT, signer);
    expect(looksSealed(sealed)).toBe(true);
    expect(looksSealed(encodeUtf8(sealed))).toBe(true);
    expect(looksSealed('seale')).toBe(false);
    const secret = await unsealSecret(encodeUtf8(sealed), options);
    expect(decodeUtf8(secret.expose())).toBe(`content of ${VAULT.name}`);
  });

  it('is refused when any character of it changes', async () => {
    const sealed = await sealSecret(VAULT, signer);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 7, max: sealed.length - 1 }),
        fc.constantFrom('A', 'B', '_', '.', '=', ' '),
        async (at, to) => {
          fc.pre(sealed[at] !== to);
          const changed = sealed.slice(0, at) + to + sealed.slice(at + 1);
          await expect(unsealSecret(changed, options)).rejects.toThrow(SealedSecretError);
        },
      ),
    );
  });

  it('is refused when another key signed it, or one that may not', async () => {
    const other = await generateKeyPair('ec-p256');
    const forged = await sealSecret(VAULT, {
      kid: 'signing-key',
      sign: (signed) => sign(other, signed, { encoding: 'raw' }),
    });
    await expect(unsealSecret(forged, options)).rejects.toThrow(code('ERR_SEALED_SIGNATURE'));
    const sealed = await sealSecret(VAULT, signer);
    await expect(unsealSecret(sealed, { ...options, allowedKids: ['another'] })).rejects.toThrow(
      code('ERR_SEALED_KID', '/kid'),
    );
    await expect(
      unsealSecret(await sealSecret(VAULT, { ...signer, kid: 'unknown' }), options),
    ).rejects.toThrow(code('ERR_SEALED_KEY'));
    for (const kid of ['..', '../key', '/etc/key', 'a\\b', 'https://key.example/']) {
      await expect(unsealSecret(await sealSecret(VAULT, { ...signer, kid }), options)).rejects.toThrow(
        code('ERR_SEALED_KID'),
      );
    }
  });

  it('keeps what a resolver or provider said out of its message', async () => {
    const failing = async () => Promise.reject(new Error('token abc'));
    const sealed = await sealSecret(VAULT, signer);
    const errors = [
      unsealSecret(sealed, { ...options, keyResolver: failing }),
      unsealSecret(sealed, { ...options, providers: { vault: { kbs: { getSecret: failing } } } }),
    ].map((run) =>
      run.then(
        () => '',
        (error: unknown) => String(error),
      ),
    );
    expect(await Promise.all(errors)).toEqual([
      'SealedSecretError: the key that is named could not be fetched',
      'SealedSecretError: the provider did not give what it was asked for',
    ]);
  });

  it('needs a signature of 64 bytes from its signer', async () => {
    await expect(sealSecret(VAULT, { kid: 'k', sign: async () => new Uint8Array(70) })).rejects.toThrow(
      TypeError,
    );
  });
});

describe('an unsigned sealed secret', () => {
  it('opens only where verification is skipped', async () => {
    const sealed = dangerouslySealUnsigned(VAULT);
    await expect(unsealSecret(sealed, options)).rejects.toThrow(code('ERR_SEALED_FORMAT'));
    expect(decodeUtf8((await dangerouslyUnsealUnverified(`${sealed}\n`, options)).expose())).toContain(
      'cosign.key',
    );
    await expect(dangerouslyUnsealUnverified('sealed.a.b', options)).rejects.toThrow(
      code('ERR_SEALED_FORMAT'),
    );
    await expect(dangerouslyUnsealUnverified('x'.repeat((1 << 20) + 1), options)).rejects.toThrow(
      code('ERR_SEALED_FORMAT'),
    );
  });
});

describe('an envelope', () => {
  const dataKey = randomBytes(32);
  const plain = encodeUtf8('a password');
  const envelope = (wrapType: 'A256GCM' | 'A256CTR', ivBytes: number): EnvelopePayload => {
    const iv = randomBytes(ivBytes);
    const encryptedData =
      wrapType === 'A256GCM' ? aesGcmSeal(dataKey, iv, plain) : aesCtr(dataKey, iv, plain);
    return {
      type: 'envelope',
      keyId: 'k1',
      encryptedKey: Uint8Array.of(1),
      encryptedData,
      wrapType,
      iv,
      provider: 'Stub',
      providerSettings: {},
      annotations: { a: 1 },
    };
  };
  const stub = (answer: Uint8Array) => ({
    providers: { envelope: { stub: { decrypt: async () => answer.slice() } } },
  });

  it.each([
    ['A256GCM', 12],
    ['A256CTR', 16],
  ] as const)('of %s opens', async (wrapType, ivBytes) => {
    const payload = envelope(wrapType, ivBytes);
    expect(parsePayload(encodePayload(payload))).toEqual(payload);
    const secret = await dangerouslyUnsealUnverified(dangerouslySealUnsigned(payload), stub(dataKey));
    expect(secret.expose()).toEqual(plain);
  });

  it('does not open under another key, nor one of another length', async () => {
    const sealed = dangerouslySealUnsigned(envelope('A256GCM', 12));
    for (const key of [randomBytes(32), randomBytes(16)]) {
      await expect(dangerouslyUnsealUnverified(sealed, stub(key))).rejects.toThrow(
        code('ERR_SEALED_DECRYPT'),
      );
    }
    await expect(dangerouslyUnsealUnverified(sealed, { providers: {} })).rejects.toThrow(
      code('ERR_SEALED_PROVIDER'),
    );
  });
});

describe('parsePayload', () => {
  const good = { version: '0.1.0', type: 'vault', name: 'n', provider: 'p', provider_settings: {}, other: 1 };

  it('ignores what it does not know and takes missing annotations as empty', () => {
    expect(parsePayload(payloadOf(good))).toEqual({
      type: 'vault',
      name: 'n',
      provider: 'p',
      providerSettings: {},
      annotations: {},
    });
  });

  it.each([
    [{ ...good, version: '0.2.0' }, 'ERR_SEALED_VERSION', '/version'],
    [{ ...good, version: 1 }, 'ERR_SEALED_PAYLOAD', '/version'],
    [{ ...good, type: 'Vault' }, 'ERR_SEALED_PAYLOAD', '/type'],
    [{ ...good, name: null }, 'ERR_SEALED_PAYLOAD', '/name'],
    [{ ...good, provider: 1 }, 'ERR_SEALED_PAYLOAD', '/provider'],
    [{ ...good, provider_settings: [] }, 'ERR_SEALED_PAYLOAD', '/provider_settings'],
    [{ ...good, annotations: 'x' }, 'ERR_SEALED_PAYLOAD', '/annotations'],
    [{ ...good, type: 'envelope', wrap_type: 'A128GCM' }, 'ERR_SEALED_PAYLOAD', '/wrap_type'],
    [[], 'ERR_SEALED_PAYLOAD', ''],
  ])('refuses %j', (members, expected, pointer) => {
    expect(() => parsePayload(payloadOf(members))).toThrow(code(expected, pointer));
  });

  it('reads back what it wrote', () => {
    const member = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), member, (name, settings) => {
        const payload: SealedSecretPayload = { ...VAULT, name, providerSettings: { ...settings } };
        expect(parsePayload(encodePayload(payload))).toEqual(payload);
      }),
    );
  });
});

it('answers any text at all with a SealedSecretError', async () => {
  const part = fc.constantFrom(
    'sealed',
    '.',
    '{}',
    encodeBase64url(encodeUtf8('{"alg":"ES256","kid":"a"}')),
    '=',
    'AA',
    '\n',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join('')),
      ),
      async (text) => {
        expect(() => parseSealedSecret(text)).toSatisfy((run: () => unknown) => {
          try {
            run();
            return true;
          } catch (error) {
            return error instanceof SealedSecretError;
          }
        });
        await expect(unsealSecret(text, options)).rejects.toThrow(SealedSecretError);
      },
    ),
  );
});
