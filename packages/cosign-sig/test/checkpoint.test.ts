import { concatBytes, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { logIdOf, noteKeyId, parseCheckpoint, treeRoot, verifyCheckpoint } from '../src/index.js';

const ROOT = encodeBase64(treeRoot([]));

async function note(key: PrivateKey, text: string, name: string): Promise<string> {
  const hint = noteKeyId(name, key.publicKey).subarray(0, 4);
  const signature = await sign(key, encodeUtf8(text));
  return `${text}\n\u2014 ${name} ${encodeBase64(concatBytes(hint, signature))}\n`;
}

describe('checkpoints', () => {
  it.each(['ed25519', 'ec-p256', 'ec-p384', 'rsa'] as const)('signed by %s hold', async (kind) => {
    const key = await generateKeyPair(kind, { bits: 2048 });
    const { publicKey } = key;
    const log = {
      baseUrl: 'https://log.example',
      key: publicKey,
      scheme: undefined,
      logId: logIdOf(publicKey),
      checkpointKeyId: undefined,
    };
    const text = await note(key, `log.example\n1\n${ROOT}\nmore\n`, 'log.example');
    await verifyCheckpoint(parseCheckpoint(text), log);
    expect(parseCheckpoint(text)).toMatchObject({ origin: 'log.example', size: 1, extensions: ['more'] });
    await expect(
      verifyCheckpoint(parseCheckpoint(text.replace('\n1\n', '\n2\n')), log),
    ).rejects.toMatchObject({
      code: 'ERR_COSIGN_CHECKPOINT',
    });
    const elsewhere = { ...log, baseUrl: 'https://other.example' };
    await expect(verifyCheckpoint(parseCheckpoint(text), elsewhere)).rejects.toThrow('origin');
  });

  it('with a tree ID are signed in the name of the host', async () => {
    const key = await generateKeyPair('ec-p256');
    const { publicKey } = key;
    const log = {
      baseUrl: 'http://localhost:3000',
      key: publicKey,
      scheme: undefined,
      logId: logIdOf(publicKey),
      checkpointKeyId: undefined,
    };
    const text = await note(key, `rekor.local - 42\n1\n${ROOT}\n`, 'rekor.local');
    await verifyCheckpoint(parseCheckpoint(text), log);
  });

  it.each([
    ['', 'nothing'],
    ['a\n1\n', 'no signatures'],
    [`a\n01\n${ROOT}\n\n\u2014 a AAAAAAA=\n`, 'a leading zero'],
    [`a\n-1\n${ROOT}\n\n\u2014 a AAAAAAA=\n`, 'a sign'],
    [`a\n99999999999999999\n${ROOT}\n\n\u2014 a AAAAAAA=\n`, 'a size above 2^53'],
    [`a\n1\nAAAA\n\n\u2014 a AAAAAAA=\n`, 'a short root'],
    [`\n1\n${ROOT}\n\n\u2014 a AAAAAAA=\n`, 'no origin'],
    [`a\n1\n${ROOT}\n\n\u2014  a AAAAAAA=\n`, 'two spaces'],
    [`a\n1\n${ROOT}\n\n\u2014 a AAAAAA==\n`, 'a signature line without a signature'],
    [`a\n1\n${ROOT}\n\n\u2014 a+b AAAAAAA=\n`, 'a name with a plus'],
    [`a\n1\n${ROOT}\n\n\u2014 a\u00a0b AAAAAAA=\n`, 'a name with another space'],
    [`a\n1\n${ROOT}\nx\u0007\n\n\u2014 a AAAAAAA=\n`, 'a control character'],
    [`a\n1\n${ROOT}\n\n\u2014 a AAAAAAA=`, 'no line end'],
    [`a\n1\n${ROOT}\n\n`, 'no signature lines'],
    [`a\n1\n${ROOT}\n\n\u2014 a !!!!\n`, 'a signature that is not base64'],
  ])('%j is refused: %s', (text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_CHECKPOINT' }));
  });
});
