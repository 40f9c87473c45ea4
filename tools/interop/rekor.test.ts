import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRekorClient, keylessSigner, signBlob } from '../../packages/cosign-sig/src/index.js';
import { exportPublicPem, generateKeyPair, keySigner, sign } from '../../packages/crypto/src/index.js';
import { encodeEnvelope, encodeStatement, signEnvelope } from '../../packages/in-toto/src/index.js';
import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import { type Outcome, temporaryFolder } from './components.js';
import { runTool, sigstoreProgram } from './servers.js';
import { type RunningSigstore, sigstorePrograms, startSigstore } from './sigstore.js';

const programs = sigstorePrograms();
const rekorCli = sigstoreProgram('rekor-cli');
const KINDS = ['hashedrekord', 'dsse', 'intoto'] as const;

describe('rekor-cli and our program', () => {
  if (programs === undefined || rekorCli === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('need rekor-cli and a Sigstore instance, which cannot be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sigstore: RunningSigstore;
  let count = 0;
  const at = (name: string): string => join(folder.path, name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    sigstore = await startSigstore(programs, at('sigstore'));
  });

  afterAll(async () => {
    await sigstore?.stop();
    await folder?.remove();
  });

  type Ask = (command: string, ...args: string[]) => Promise<Outcome>;
  const theirs: Ask = (command, ...args) =>
    runTool(rekorCli, [command, '--rekor_server', sigstore.urls.rekor1, '--format', 'json', ...args], {
      cwd: folder.path,
    });
  const ours: Ask = async (command, ...args) => {
    const words = ['rekor', command, '--rekor_server', sigstore.urls.rekor1, '--format', 'json', ...args];
    const { exitCode, stdout, stderr } = await runProgram(programOf('apps/cli'), words);
    return { status: exitCode ?? -1, stdout, stderr };
  };
  /** Both must answer, and the same. */
  const both = async (command: string, ...args: string[]): Promise<Readonly<Record<string, unknown>>> => {
    const [mine, other] = [await ours(command, ...args), await theirs(command, ...args)].map(unsigned);
    expect(mine).toMatchObject(other ?? {});
    return other ?? {};
  };

  describe.each([
    ['us', 'rekor-cli', ours, theirs],
    ['rekor-cli', 'us', theirs, ours],
  ] as const)('agree about what %s uploaded', (_by, _to, first, second) => {
    it.each(KINDS)('as %s', async (kind) => {
      const { flags, publicKey, sha256 } = await material(kind);
      const made = answer(await first('upload', ...flags));
      expect(made).toMatchObject({ AlreadyExists: false, Index: expect.any(Number) });
      const again = { AlreadyExists: true, Location: expect.stringContaining(uuidIn(made)) };
      expect(answer(await second('upload', ...flags))).toMatchObject(again);
      expect(answer(await first('upload', ...flags))).toMatchObject(again);

      const byIndex = await both('get', '--log-index', String(made['Index']));
      expect(await both('get', '--uuid', uuidIn(made))).toEqual(byIndex);
      const id = byIndex['UUID'];
      const logged = await both('verify', '--log-index', String(made['Index']));
      expect(logged).toMatchObject({ EntryUUID: id });
      expect(unsigned(await ours('verify', ...flags))).toMatchObject(logged);
      // rekor-cli asks in a way that its own log does not understand
      if (kind !== 'intoto') expect(unsigned(await theirs('verify', ...flags))).toEqual(logged);

      expect(await both('search', '--sha', sha256)).toEqual({ UUIDs: [id] });
      if (kind !== 'hashedrekord') return; // the log looks for other kinds under another name than it wrote
      const byKey = ['--public-key', publicKey, '--pki-format', 'x509'];
      expect(await both('search', ...byKey)).toEqual({ UUIDs: [id] });
    });
  });

  it('show the attestation that a log keeps', async () => {
    const { flags, statement } = await material('intoto');
    const made = answer(await ours('upload', ...flags));
    const shown = await both('get', '--uuid', uuidIn(made));
    expect(shown['Attestation']).toBe(statement);
  });

  it('print the same lines', async () => {
    const [first, second] = [await material('hashedrekord'), await material('hashedrekord')];
    const { Index: index } = answer(await ours('upload', ...first.flags));
    const { Index: size } = answer(await ours('upload', ...second.flags));
    const lines = [
      ['get', '--log-index', String(index)],
      ['verify', '--log-index', String(index)],
      ['loginfo'],
      ['logproof', '--last-size', String(size)],
      ['logproof', '--first-size', '1', '--last-size', String(size)],
    ];
    const text = ({ status, stdout }: Outcome) => ({
      status,
      text: stdout.replaceAll(/^\u2014.*$/gm, 'note'),
    });
    for (const [command = '', ...args] of lines) {
      const [mine, other] = [await ours(command, ...args), await theirs(command, ...args)];
      expect(unsigned(mine)).toMatchObject(unsigned(other));
      const plain = ['--format', 'default', ...args];
      expect(text(await ours(command, ...plain))).toEqual(text(await theirs(command, ...plain)));
    }
    const entry = ['--log-index', String(index), '--format', 'tle'];
    const [mine, other] = [answer(await ours('get', ...entry)), answer(await theirs('get', ...entry))];
    const without = ({ inclusionPromise: _promise, inclusionProof: _proof, ...rest }: typeof mine) => rest;
    expect(without(mine)).toEqual(without(other));
  });

  it('find a file and its signer, and nothing where there is nothing', async () => {
    const email = `ada-${Date.now()}@example.com`;
    const { urls, issuer } = sigstore;
    const by = await keylessSigner({ url: urls.fulcio, fetch }, issuer.token({ email }));
    await writeFile(at('found'), email);
    const logs = [createRekorClient({ url: urls.rekor1, fetch })];
    const { bundle } = await signBlob(await readFile(at('found')), { by, logs });
    expect(bundle.logEntries).toHaveLength(1);
    const { UUIDs: found } = await both('search', '--artifact', at('found'));
    expect(found).toHaveLength(1);
    expect(await both('search', '--email', email)).toEqual({ UUIDs: found });
    const and = ['--artifact', at('found'), '--operator', 'and'];
    expect(await both('search', '--email', email, ...and)).toEqual({ UUIDs: found });
    for (const ask of [ours, theirs]) {
      const none = await ask('search', '--email', 'nobody@example.com');
      expect([none.status, none.stdout, none.stderr]).toEqual([
        1,
        '',
        expect.stringContaining('no matching entries'),
      ]);
    }
  });

  it('refuse what the log does not have, or what does not fit', async () => {
    const { flags } = await material('hashedrekord');
    const { flags: others } = await material('hashedrekord');
    const mixed = [...flags, '--signature', others[others.indexOf('--signature') + 1] ?? ''];
    for (const ask of [ours, theirs]) {
      expect((await ask('verify', ...flags)).status).not.toBe(0);
      expect((await ask('upload', ...mixed)).status).not.toBe(0);
      expect((await ask('get', '--log-index', '999999')).status).not.toBe(0);
    }
  });

  it('say the same of the log, before and after it grew', async () => {
    const state = ['--state', at('state.json')];
    answer(await ours('upload', ...(await material('hashedrekord')).flags));
    const before = answer(await ours('loginfo', ...state));
    expect(answer(await theirs('loginfo'))).toEqual(before);
    answer(await theirs('upload', ...(await material('hashedrekord')).flags));
    const after = answer(await ours('loginfo', ...state));
    expect(answer(await theirs('loginfo'))).toEqual(after);
    expect(after['ActiveTreeSize']).toBe(Number(before['ActiveTreeSize']) + 1);
    const other = await startSigstore(programs, at('other'));
    try {
      const flags = ['--rekor-server', other.urls.rekor1, '--rekor-server-public-key', sigstore.files.rekor1];
      const said = await runProgram(programOf('apps/cli'), ['rekor', 'loginfo', ...flags]);
      expect(said.exitCode).not.toBe(0); // another log, under the key of the first
    } finally {
      await other.stop();
    }
  });

  /** Something to log, by a key of its own. */
  async function material(kind: (typeof KINDS)[number]): Promise<{
    readonly flags: readonly string[];
    readonly publicKey: string;
    readonly sha256: string;
    readonly statement: string;
  }> {
    count += 1;
    const [artifact, publicKey, signature] = ['artifact', 'key.pub', 'sig'].map((name) =>
      at(`${count}.${name}`),
    );
    if (artifact === undefined || publicKey === undefined || signature === undefined) throw new TypeError();
    const key = await generateKeyPair('ec-p256');
    await writeFile(publicKey, exportPublicPem(key.publicKey));
    const flags = ['--type', kind, '--artifact', artifact, '--public-key', publicKey, '--pki-format', 'x509'];
    const text = `artifact ${count}`;
    const sha256 = sha256Of(text);
    const statement = encodeStatement({
      version: 'v1',
      subject: [{ name: 'artifact', digest: { sha256 } }],
      predicateType: 'https://example.com/predicate/v1',
      predicate: { count },
    });
    const said = { publicKey, sha256, statement: Buffer.from(statement).toString() };
    if (kind === 'hashedrekord') {
      await writeFile(artifact, text);
      await writeFile(signature, await sign(key, Buffer.from(text)));
      return { ...said, flags: [...flags, '--signature', signature, '--artifact-hash', sha256] };
    }
    const envelope = await signEnvelope({ payload: statement, signers: [keySigner(key)] });
    await writeFile(artifact, encodeEnvelope(envelope));
    return { ...said, sha256: sha256Of(said.statement), flags };
  }
});

function answer({ status, stdout, stderr }: Outcome): Readonly<Record<string, unknown>> {
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

/** An answer without the signature of its checkpoint, which is another one each time. */
function unsigned(outcome: Outcome): Readonly<Record<string, unknown>> {
  const said = answer(outcome);
  const { Checkpoint: checkpoint } = said;
  return typeof checkpoint === 'string' ? { ...said, Checkpoint: checkpoint.split('\n\n')[0] } : said;
}

/** The identifier at the end of a location. */
function uuidIn({ Location: location }: Readonly<Record<string, unknown>>): string {
  return /[0-9a-f]{64,80}$/.exec(String(location))?.[0] ?? '';
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
