import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64, decodeHex, encodeBase64 } from '@sealwright/bytes';
import { importPrivateKey, type Jwk } from '@sealwright/crypto';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { openResponse, parseResponseJwe, teeKeyOf, type TeeKey } from '@sealwright/kbs-protocol';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { startBroker, temporaryFolder } from './broker.js';

const area = vectorArea('kbs/protocol');
const keys = vectorArea('kbs/keys');
const present = area.present && keys.present && area.list().includes('rcar-0.4.0.json');

interface Step {
  readonly request?: { method: string; path: string; headers: Record<string, string>; body?: JsonObject };
  readonly response?: {
    status: number;
    headers?: Record<string, string>;
    body?: JsonObject;
    plaintext_base64?: string;
    same_payload?: boolean;
  };
}

describe.skipIf(!present)('rcar-0.4.0.json, request by request', () => {
  const all = present ? area.json<{ name: string; steps: Step[] }[]>('rcar-0.4.0.json') : [];
  it.for(all)('$name', async ({ steps }) => {
    const challenge = steps[0]?.response;
    const cookie = challenge?.headers?.['set-cookie'] ?? '';
    const [, id = '', expires = ''] = /^kbs-session-id=([0-9a-f]+); Expires=(.+)$/.exec(cookie) ?? [];
    const nonce = decodeBase64(String(challenge?.body?.['nonce']));
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'signer.pem'), keys.bytes('token-signing.private.pem'));
    // The challenge is the transcript's, and the tokens are signed with its key.
    const broker = await startBroker({
      folder,
      random: (length) => (length === nonce.byteLength ? nonce : decodeHex(id)),
      base: `[http_server]
insecure_http = true
[attestation_service]
type = "coco_as_builtin"
[attestation_service.attestation_token_broker.signer]
key_path = ${JSON.stringify(join(folder, 'signer.pem'))}
[admin]
authorization_mode = "InsecureAllowAll"
[[plugins]]
name = "resource"
`,
    });
    broker.clock.now = Date.parse(expires) - 5 * 60_000;
    const teeKey = teeKeyOf(await importPrivateKey(keys.json<Jwk>('tee-ec256.private.jwk.json')));
    let plaintext = '';
    let session = '';
    for (const { request, response } of steps) {
      if (request === undefined || response === undefined) continue;
      if (response.plaintext_base64 !== undefined) {
        plaintext = response.plaintext_base64;
        await broker.put(request.path.replace('/kbs/v0/resource/', ''), decodeBase64(plaintext));
      }
      const { method, headers, body } = request;
      const answer = await fetch(broker.url + request.path, {
        method,
        headers: { ...headers, ...(headers['cookie'] === undefined ? {} : { cookie: session }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(answer.status).toBe(response.status);
      expect(answer.headers.get('content-type')).toBe(
        response.headers?.['content-type'] ?? 'application/json',
      );
      if (response.headers?.['set-cookie'] !== undefined) {
        // The transcript's session id is no version 4 UUID, and ours are; all else is equal.
        const [pair = '', end] = (answer.headers.get('set-cookie') ?? '').split('; ');
        expect(end).toBe(`Expires=${expires}`);
        session = pair;
      }
      await compare(await answer.text(), response, teeKey, plaintext);
    }
    expect(plaintext).not.toBe('');
  });
});

/** A challenge to the letter, a token by its members, a sealed resource by what is in it. */
async function compare(
  text: string,
  response: NonNullable<Step['response']>,
  key: TeeKey,
  plaintext: string,
): Promise<void> {
  const said: unknown = JSON.parse(text);
  if (!isJsonObject(said)) throw new Error('expected an object');
  if (response.body !== undefined) expect(Object.keys(said)).toEqual(Object.keys(response.body));
  if (response.body?.['nonce'] !== undefined) expect(said).toEqual(response.body);
  else if (typeof response.body?.['token'] === 'string')
    expect(shape(claimsOf(String(said['token'])))).toEqual(shape(claimsOf(response.body['token'])));
  else expect(encodeBase64(await openResponse(key, parseResponseJwe(text)))).toBe(plaintext);
}

function claimsOf(token: string): JsonObject {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (!isJsonObject(claims)) throw new Error('expected an object');
  return claims;
}

/** Which members there are, at every depth; the values are those of another attestation policy. */
function shape(value: unknown): unknown {
  if (!isJsonObject(value)) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member)]));
}
