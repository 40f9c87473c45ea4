import { encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import type { LayerKeySealer } from '../src/encryption/index.js';
import {
  answerKeyProvider,
  encodeKeyPacket,
  kbsOpener,
  kbsSealer,
  keyProviderOpener,
  keyProviderSealer,
  parseKeyId,
  parseKeyPacket,
  parseKeyParameters,
  parseKeyProviderRequest,
} from '../src/encryption/index.js';
import { KEY, KID, open, opener, refusal, seal, sealer } from './sealed-layer.ts';

describe('packets', () => {
  it('travel in both versions', () => {
    const packet = parseKeyPacket(
      encodeUtf8(`{"kid":"${KID}","wrapped_data":"AAAA","iv":"AAAA","wrap_type":"A256CTR"}`),
    );
    expect(packet).toMatchObject({ provider: 'kbs', providerSettings: {} });
    expect(parseKeyPacket(encodeKeyPacket(packet))).toEqual(packet);
    const second = { ...packet, version: '0.1.0', provider: 'aliyun', providerSettings: { region: 'x' } };
    expect(parseKeyPacket(encodeKeyPacket(second))).toEqual(second);
  });

  it('are unwrapped by whom they name', async () => {
    const sealed = await seal(encodeUtf8('x'), [
      kbsSealer({ kid: KID, key: KEY, version: '0.1.0', wrapType: 'A256CTR' }),
    ]);
    expect(await open(sealed)).toEqual(encodeUtf8('x'));
    const foreign: LayerKeySealer = {
      scheme: 'provider.any',
      seal: async (options) =>
        encodeKeyPacket({
          kid: 'k',
          wrappedData: options,
          provider: 'kms',
          providerSettings: {},
          version: '0.1.0',
        }),
    };
    const other = await seal(encodeUtf8('y'), [foreign]);
    const kms = kbsOpener({
      key: async () => KEY,
      providers: { kms: async ({ wrappedData }) => wrappedData },
    });
    expect(await open(other, [kms])).toEqual(encodeUtf8('y'));
    await expect(open(other)).rejects.toThrow('nothing here unwraps for the provider kms');
  });

  it.each([
    ['kbs:///default/image_key/nginx', 'resource', '', 'default/image_key/nginx'],
    ['kbs://kbs.example:8080/a/b/c', 'resource', 'kbs.example:8080', 'a/b/c'],
    ['kbs+pkcs11:///a/b/c', 'pkcs11', '', 'a/b/c'],
    ['kbs.example/a/b/c', 'resource', 'kbs.example', 'a/b/c'],
    ['/a/b/c', 'resource', '', 'a/b/c'],
    ['kbs:///kbs:///default/key/1', 'resource', '', 'kbs:///default/key/1'],
  ])('have a key id such as %s', (kid, plugin, authority, path) => {
    expect(parseKeyId(kid)).toEqual({ plugin, authority, path });
  });

  it.each(['', 'a', 'kbs://', 'kbs:///', 'http://a/b', 'kbs+://a/b', 'KBS:///a', `/${'a'.repeat(5000)}`])(
    'have no key id such as %j',
    (kid) => expect(() => parseKeyId(kid)).toThrow(refusal('ERR_OCI_UNWRAP')),
  );
});

describe('the key provider protocol', () => {
  const provider = {
    unwrap: (packet: Uint8Array) => opener.open(packet.slice(), 'provider.p'),
    wrap: async (options: Uint8Array, parameters: ReadonlyMap<string, readonly string[]>) => {
      expect(parameters.get('p')).toEqual(['keyid=x::sample=true']);
      return sealer.seal(options.slice());
    },
  };

  it.each(['go', 'rust', undefined] as const)('wraps and unwraps in the form %s', async (form) => {
    const call = (request: Uint8Array) => answerKeyProvider(request, provider, form);
    const sealed = await seal(encodeUtf8('x'), [keyProviderSealer('p', call, ['keyid=x::sample=true'])]);
    expect(await open(sealed, [keyProviderOpener('p', call, ['p'])])).toEqual(encodeUtf8('x'));
    expect(await open(sealed)).toEqual(encodeUtf8('x'));
    expect(keyProviderOpener('p', call).handles('provider.q')).toBe(false);
  });

  it('takes text that should have been base64, from the library that forgets it', () => {
    const request = { op: 'keywrap', keywrapparams: { ec: { Parameters: {} }, optsdata: '{"symkey":"x"}' } };
    expect(parseKeyProviderRequest(encodeUtf8(JSON.stringify(request)))).toMatchObject({
      form: 'rust',
      optsdata: encodeUtf8('{"symkey":"x"}'),
    });
  });

  it.each([
    '',
    '[]',
    '{"op":"keyunwrap"}',
    '{"op":"keywrap","keywrapparams":{"optsdata":[256]}}',
    '{"op":"keywrap","keywrapparams":{"optsdata":[]}}',
    '{"op":"keywrap","keywrapparams":{"optsdata":"AAAA","ec":{"Parameters":{"p":1}}}}',
    '{"op":"keywrap","keywrapparams":[]}',
    '{"op":"KEYWRAP"}',
  ])('refuses %j', async (text) => {
    await expect(answerKeyProvider(encodeUtf8(text), provider)).rejects.toThrow(
      refusal('ERR_OCI_KEY_PROVIDER'),
    );
  });

  it('says what a provider does not do', async () => {
    const request = encodeUtf8('{"op":"keyunwrap","keyunwrapparams":{"annotation":"AAAA"}}');
    await expect(answerKeyProvider(request, {})).rejects.toThrow('this provider does not do keyunwrap');
  });

  it('takes the address of a recipient apart', () => {
    expect([...parseKeyParameters('keyid=kbs:///a/b/c::keypath=/k=1')]).toEqual([
      ['keyid', 'kbs:///a/b/c'],
      ['keypath', '/k=1'],
    ]);
    for (const text of ['', 'a', '=b', 'a=1::a=2', 'a=1::']) {
      expect(() => parseKeyParameters(text)).toThrow(refusal('ERR_OCI_KEY_PROVIDER'));
    }
  });
});
