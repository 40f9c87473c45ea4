import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import { Cosign, temporaryFolder } from './components.js';
import { PERSON } from './issuer.js';
import { type RunningSigstore, sigstorePrograms, startSigstore, writeSigstoreTrust } from './sigstore.js';

const programs = sigstorePrograms();
const cosign3 = Cosign.find(3);

describe('a person who logs in', () => {
  if (programs === undefined || cosign3 === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs fulcio, Rekor, a timestamp authority and cosign 3, which cannot all be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sigstore: RunningSigstore;
  let trust: Awaited<ReturnType<typeof writeSigstoreTrust>>;
  const at = (name: string): string => join(folder.path, 'home', name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    sigstore = await startSigstore(programs, join(folder.path, 'sigstore'));
    trust = await writeSigstoreTrust(await Cosign.open(3, cosign3.path, join(folder.path, 'home')), sigstore);
    await writeFile(at('app'), 'what is signed');
    await mkdir(at('bin'));
    // A browser, as both programs look for it: it goes its own way, and follows wherever it is sent.
    const browser = `#!/bin/sh\n'${process.execPath}' -e 'void fetch(process.argv[1])' "$1" >/dev/null 2>&1 &\n`;
    await writeFile(at('bin/xdg-open'), browser, { mode: 0o755 });
  });

  afterAll(async () => {
    await sigstore?.stop();
    await folder?.remove();
  });

  describe.each(['our program', 'cosign'] as const)('with %s', (maker) => {
    it.each(['normal', 'device'] as const)('by the flow %s signs a file', async (flow) => {
      const bundle = at(`${maker}-${flow}.json`);
      const services = [
        '--signing-config',
        trust.config(1),
        '--trusted-root',
        trust.root,
        '--bundle',
        bundle,
      ];
      const words = ['sign-blob', '-y', ...services, '--fulcio-auth-flow', flow, at('app')];
      const [program, ...before] =
        maker === 'cosign' ? [cosign3.path] : [process.execPath, programOf('apps/cli')];
      expect(await runAsPerson(program, [...before, ...words])).toBe(0);
      const verify = async (identity: string): Promise<number | null> => {
        const who = ['--certificate-identity', identity, '--certificate-oidc-issuer', sigstore.issuer.url];
        const asked = ['verify-blob', '--bundle', bundle, '--trusted-root', trust.root, ...who, at('app')];
        return (await runProgram(programOf('apps/cli'), asked)).exitCode;
      };
      expect(await verify(PERSON.email)).toBe(0);
      expect(await verify('eve@example.com')).not.toBe(0);
    });
  });

  /** Run a program, and open the page that it asks for. */
  async function runAsPerson(program: string, words: readonly string[]): Promise<number | null> {
    const env = { PATH: at('bin'), HOME: at(''), TUF_ROOT: at('tuf'), TUF_MIRROR: 'http://127.0.0.1:1' };
    const child = spawn(program, words, { env, cwd: at(''), timeout: 60_000 });
    let said = '';
    let isOpened = false;
    const hear = (part: Buffer): void => {
      said += part.toString();
      const [page] = /http:\S+\/device\?user_code=\w+/.exec(said) ?? [];
      if (page !== undefined && !isOpened) void fetch(page);
      isOpened ||= page !== undefined;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.end();
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code !== 0) console.error(said);
        resolve(code);
      });
    });
  }
});
