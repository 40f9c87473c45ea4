import { decodeBase64, decodeUtf8, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, importPrivateKey } from '@sealwright/crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  answerKeyProvider,
  decryptLayer,
  jweOpener,
  kbsOpener,
  openKeyPacket,
  parseKeyId,
  parseKeyPacket,
  parseKeyParameters,
  sealKeyPacket,
  encodeKeyPacket,
} from '../src/encryption/index.js';
import { readAll } from './read-all.ts';

interface LayerCase {
  id: string;
  blob: string;
  media_type?: string;
  annotations: Record<string, string>;
  expect: {
    verdict: 'ok' | 'error';
    plaintext_sha256?: string;
    diff_id?: string;
    media_type?: string;
    error?: 'unwrap' | 'cipher' | 'hmac' | 'digest';
  };
}
interface Layers {
  resources: Record<string, string>;
  diff_ids?: string[];
  layer_private_options?: object[];
  jwe_private_key?: string;
  cases: LayerCase[];
}
interface PacketCase {
  id: string;
  packet: object;
  kek_b64?: string;
  expect: {
    verdict: 'ok' | 'error' | 'parse';
    private_options?: object;
    kid?: string;
    plugin?: string;
    path?: string;
    iv_bytes?: number;
    wrapped_bytes?: number;
    private_options_bytes?: number;
  };
}
interface ProviderCase {
  id: string;
  input: { op: string };
  resources?: Record<string, string>;
  files?: Record<string, string>;
  output_go?: object;
  output_rust?: object;
  output_check?: string;
  error?: boolean;
}

const area = vectorArea('images');
const CODES = {
  unwrap: 'ERR_OCI_UNWRAP',
  cipher: 'ERR_OCI_CIPHER',
  hmac: 'ERR_OCI_HMAC',
  digest: 'ERR_OCI_DIGEST',
};
const TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted';
const found = (resources: Record<string, string> = {}) => ({
  key: async (kid: string) => {
    const key = resources[kid];
    return key === undefined ? undefined : decodeBase64(key);
  },
});

describe.skipIf(!area.present)(`encrypted layers of vectors of ${area.name}`, () => {
  const layers = (): Layers => area.json<Layers>('encrypted', 'cases.json');

  it.each(area.present ? layers().cases : [])('layer $id', async (row) => {
    const { resources, jwe_private_key: file } = layers();
    const openers = [kbsOpener(found(resources))];
    if (file !== undefined) openers.push(jweOpener(await importPrivateKey(area.text('encrypted', file))));
    const layer = { mediaType: row.media_type ?? TYPE, annotations: row.annotations };
    const opened = decryptLayer(layer, [area.bytes('encrypted', row.blob)], { openers });
    if (row.expect.verdict === 'error') {
      const { error } = row.expect;
      await expect(opened).rejects.toMatchObject(
        error === undefined ? { name: 'OciError' } : { code: CODES[error] },
      );
      return;
    }
    const { stream, mediaType } = await opened;
    const plaintext = await readAll(stream);
    const sha256 = (bytes: Uint8Array): string => encodeHex(digest('sha256', bytes));
    expect(sha256(plaintext)).toBe(row.expect.plaintext_sha256);
    if (row.expect.media_type !== undefined) expect(mediaType).toBe(row.expect.media_type);
    const archive = mediaType.endsWith('gzip') ? gunzipSync(plaintext) : plaintext;
    if (row.expect.diff_id !== undefined) expect(`sha256:${sha256(archive)}`).toBe(row.expect.diff_id);
    const { diff_ids: diffIds, layer_private_options: known } = layers();
    if (diffIds !== undefined) expect(diffIds).toContain(`sha256:${sha256(archive)}`);
    if (known === undefined) return;
    const [packets] = Object.entries(row.annotations).flatMap(([name, value]) =>
      name.includes('.enc.keys.provider.') ? [value] : [],
    );
    const secrets = (packets?.split(',') ?? []).map((packet) =>
      kbsOpener(found(resources))
        .open(decodeBase64(packet), 'provider.attestation-agent')
        .then((bytes): unknown => JSON.parse(decodeUtf8(bytes)))
        .catch(() => undefined),
    );
    if (secrets.length > 0) {
      const opened = (await Promise.all(secrets)).find((each) => each !== undefined);
      expect(known).toContainEqual(opened);
    }
  });

  it.each(area.present ? area.json<PacketCase[]>('encrypted', 'packets.json') : [])('packet $id', (row) => {
    const read = () => parseKeyPacket(encodeUtf8(JSON.stringify(row.packet)));
    const open = () => openKeyPacket(read(), decodeBase64(row.kek_b64 ?? ''));
    if (row.expect.verdict === 'error') {
      expect(open).toThrow(expect.objectContaining({ code: 'ERR_OCI_UNWRAP' }));
      return;
    }
    if (row.expect.verdict === 'ok') {
      const options: unknown = JSON.parse(decodeUtf8(open()));
      expect(options).toEqual(row.expect.private_options);
      return;
    }
    const packet = read();
    const { plugin, path } = parseKeyId(packet.kid);
    const facts = {
      kid: packet.kid,
      plugin,
      path,
      iv_bytes: packet.iv?.byteLength,
      wrapped_bytes: packet.wrappedData.byteLength,
      private_options_bytes: packet.wrappedData.byteLength - 16,
    };
    const { verdict: _, ...expected } = row.expect;
    for (const name of Object.keys(facts) as (keyof typeof facts)[]) {
      if (expected[name] !== undefined) expect([name, facts[name]]).toEqual([name, expected[name]]);
    }
    expect(path).not.toBe('');
  });

  it.each(area.present ? area.json<ProviderCase[]>('encrypted', 'keyprovider.json') : [])(
    'key provider $id',
    async (row) => {
      const opener = kbsOpener(found(row.resources));
      let wrapped: { optsdata: Uint8Array; key: Uint8Array } | undefined;
      const provider = {
        unwrap: (packet: Uint8Array) => opener.open(packet.slice(), 'provider.attestation-agent'),
        wrap: async (optsdata: Uint8Array, parameters: ReadonlyMap<string, readonly string[]>) => {
          const asked = parseKeyParameters([...parameters.values()].flat()[0] ?? '');
          const key = decodeBase64((row.files ?? {})[asked.get('keypath') ?? ''] ?? '');
          wrapped = { optsdata, key };
          return encodeKeyPacket(sealKeyPacket(asked.get('keyid') ?? '', key, optsdata));
        },
      };
      const ask = async (form?: 'go' | 'rust'): Promise<unknown> =>
        JSON.parse(
          decodeUtf8(await answerKeyProvider(encodeUtf8(JSON.stringify(row.input)), provider, form)),
        );
      if (row.error === true) {
        await expect(ask()).rejects.toMatchObject({ name: 'OciError' });
        return;
      }
      if (row.output_go !== undefined) expect(await ask('go')).toEqual(row.output_go);
      if (row.output_rust !== undefined) expect(await ask('rust')).toEqual(row.output_rust);
      if (row.output_go !== undefined) expect(await ask()).toEqual(row.output_go);
      else if (row.output_rust !== undefined) expect(await ask()).toEqual(row.output_rust);
      if (row.output_check === undefined) return;
      for (const form of ['go', 'rust'] as const) {
        const { keywrapresults } = (await ask(form)) as { keywrapresults: { annotation: string | number[] } };
        const { annotation } = keywrapresults;
        expect(typeof annotation === 'string' ? 'go' : 'rust').toBe(form);
        const bytes = typeof annotation === 'string' ? decodeBase64(annotation) : Uint8Array.from(annotation);
        const packet = parseKeyPacket(bytes);
        expect(row.output_check).toContain(packet.kid);
        expect(openKeyPacket(packet, wrapped?.key ?? bytes)).toEqual(wrapped?.optsdata);
      }
    },
  );
});
