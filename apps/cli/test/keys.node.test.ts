import { decryptPrivateKey, parseCosignPublicKey } from '@sealwright/cosign-sig';
import { exportPkcs8Pem, generateKeyPair, sshFingerprint } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { runIn, testIo, textOf } from './test-io.js';

describe('keygen', () => {
  it('writes an encrypted key for its owner alone, and its public half for everybody', async () => {
    const io = testIo();
    const { exitCode, stderr } = await runIn(io, 'keygen');
    expect([exitCode, stderr]).toEqual([
      0,
      'Private key written to cosign.key\nPublic key written to cosign.pub\n',
    ]);
    expect([io.files.get('cosign.key')?.mode, io.files.get('cosign.pub')?.mode]).toEqual([0o600, 0o644]);
    const key = await decryptPrivateKey(textOf(io, 'cosign.key'), 'pass');
    expect(key.publicKey.fingerprint).toBe(parseCosignPublicKey(textOf(io, 'cosign.pub')).fingerprint);
  });

  it('tells a script what it made', async () => {
    const io = testIo();
    const { stdout, stderr } = await runIn(
      io,
      'generate-key-pair',
      '--output-key-prefix',
      'a',
      '--kind',
      'ed25519',
      '--json',
    );
    const keyid = sshFingerprint(parseCosignPublicKey(textOf(io, 'a.pub')));
    expect([JSON.parse(stdout), stderr]).toEqual([{ privateKey: 'a.key', publicKey: 'a.pub', keyid }, '']);
  });

  it('replaces nothing unless it is told to', async () => {
    const io = testIo({ 'cosign.pub': 'old' });
    expect(await runIn(io, 'keygen')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('give --yes'),
    });
    expect([...io.files.keys()]).toEqual(['cosign.pub']);
    expect((await runIn(io, 'keygen', '--yes')).exitCode).toBe(0);
    expect((await runIn(io, 'keygen', '--force')).exitCode).toBe(0);
    expect((await runIn(io, 'keygen', '--force=false')).exitCode).toBe(1);
  });

  it('asks for a password twice, and wants the same', async () => {
    const io = testIo();
    delete io.env['COSIGN_PASSWORD'];
    io.answers.push('one', 'two');
    expect(await runIn(io, 'keygen')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('differ'),
    });
    expect(io.files.size).toBe(0);
    io.answers.push('one', 'one');
    expect((await runIn(io, 'keygen')).exitCode).toBe(0);
    await expect(decryptPrivateKey(textOf(io, 'cosign.key'), 'one')).resolves.toBeDefined();
    expect(await runIn(io, 'keygen', '-y')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('set COSIGN_PASSWORD'),
    });
  });
});

describe('import-key-pair', () => {
  it('encrypts a key that was made elsewhere', async () => {
    const key = await generateKeyPair('ec-p384');
    const io = testIo({ 'k.pem': new TextDecoder().decode(exportPkcs8Pem(key).expose()) });
    expect((await runIn(io, 'import-key-pair', '--key', 'k.pem')).exitCode).toBe(0);
    const imported = await decryptPrivateKey(textOf(io, 'import-cosign.key'), 'pass');
    expect(imported.publicKey.fingerprint).toBe(key.publicKey.fingerprint);
  });

  it.each([
    [[], 2, "required option '--key <file>' not specified"],
    [['--key', 'none.pem'], 1, 'none.pem: there is no such file'],
    [['--key', 'broken.pem'], 1, 'Error: '],
  ])('refuses %j', async (args, exitCode, message) => {
    const io = testIo({ 'broken.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' });
    const ran = await runIn(io, 'import-key-pair', ...args);
    expect(ran).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
    expect([...io.files.keys()]).toEqual(['broken.pem']);
  });
});
