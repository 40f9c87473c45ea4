import { decodeUtf8 } from '@sealwright/bytes';
import { decryptPrivateKey, generateCosignKeyPair, parseCosignPublicKey } from '@sealwright/cosign-sig';
import { exportPkcs8Pem, generateKeyPair, sshFingerprint } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { put, runIn, testIo, textOf } from './test-io.js';

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

  it.each(['y', 'Y\r', 'yes'])('asks before it replaces, and takes %j', async (answer) => {
    const io = testIo({ 'cosign.key': 'old', 'cosign.pub': 'old' });
    io.answers.push(answer);
    expect(await runIn(io, 'generate-key-pair')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('WARNING: File cosign.key and cosign.pub already exists. Overwrite?'),
    });
    expect(textOf(io, 'cosign.pub')).toContain('PUBLIC KEY');
  });

  it.each(['n', '', 'yellow'])('does not replace where the answer is %j', async (answer) => {
    const io = testIo({ 'cosign.key': 'old' });
    io.answers.push(answer);
    expect(await runIn(io, 'generate-key-pair')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Error: cosign.key is there already: give --yes'),
    });
    expect(textOf(io, 'cosign.key')).toBe('old');
    io.answers.push('y');
    const quiet = await runIn(io, 'generate-key-pair', '--json');
    expect([quiet.exitCode, quiet.stderr.startsWith('{"error":')]).toEqual([1, true]);
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

describe('a password that is piped in', () => {
  const piped = (text: string): ReturnType<typeof testIo> => {
    const io = testIo();
    delete io.env['COSIGN_PASSWORD'];
    io.answers.push(text);
    return io;
  };

  it('is its first line where a key is made', async () => {
    const io = piped('secret\n');
    expect((await runIn(io, 'keygen')).exitCode).toBe(0);
    await expect(decryptPrivateKey(textOf(io, 'cosign.key'), 'secret')).resolves.toBeDefined();
  });

  // what `echo secret | cosign generate-key-pair` makes can be opened in the same way
  it.each(['secret', 'secret\n'])('opens a key whose password is %j', async (password) => {
    const io = piped('secret\n');
    const pair = await generateCosignKeyPair({ password });
    put(io, 'cosign.key', decodeUtf8(pair.privatePem.expose()));
    const shown = await runIn(io, 'public-key', '--key', 'cosign.key');
    expect(shown).toMatchObject({ exitCode: 0, stdout: pair.publicPem });
    io.answers.push('other\n');
    const refused = await runIn(io, 'public-key', '--key', 'cosign.key');
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('password is wrong') });
  });
});

describe('import-key-pair', () => {
  it('knows the short flags of cosign', async () => {
    const key = await generateKeyPair('ec-p256');
    const io = testIo({ 'k.pem': decodeUtf8(exportPkcs8Pem(key).expose()) });
    expect((await runIn(io, 'import-key-pair', '-k', 'k.pem', '-o', 'mine')).exitCode).toBe(0);
    expect([...io.files.keys()]).toEqual(['k.pem', 'mine.key', 'mine.pub']);
    const shown = await runIn(io, 'public-key', '-key=mine.key', '-outfile', 'shown.pub');
    expect([shown.exitCode, textOf(io, 'shown.pub')]).toEqual([0, textOf(io, 'mine.pub')]);
    const again = ['import-key-pair', '-yes', '-key', 'k.pem', '-output-key-prefix', 'mine'];
    expect((await runIn(io, ...again)).exitCode).toBe(0);
    expect((await runIn(io, 'public-key', '--', '-key', 'mine.key')).exitCode).toBe(2);
  });

  it('encrypts a key that was made elsewhere', async () => {
    const key = await generateKeyPair('ec-p384');
    const io = testIo({ 'k.pem': new TextDecoder().decode(exportPkcs8Pem(key).expose()) });
    expect((await runIn(io, 'import-key-pair', '--key', 'k.pem')).exitCode).toBe(0);
    const imported = await decryptPrivateKey(textOf(io, 'import-cosign.key'), 'pass');
    expect(imported.publicKey.fingerprint).toBe(key.publicKey.fingerprint);
  });

  it.each([
    [[], 2, "required option '-k, --key <file>' not specified"],
    [['--key', 'none.pem'], 1, 'none.pem: there is no such file'],
    [['--key', 'broken.pem'], 1, 'Error: '],
  ])('refuses %j', async (args, exitCode, message) => {
    const io = testIo({ 'broken.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' });
    const ran = await runIn(io, 'import-key-pair', ...args);
    expect(ran).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
    expect([...io.files.keys()]).toEqual(['broken.pem']);
  });
});
