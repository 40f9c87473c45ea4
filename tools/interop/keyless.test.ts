import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRekorClient,
  createRekorTilesClient,
  keylessSigner,
  parseTrustedRoot,
  requestTimestamp,
  signBlob,
  type SignBundleOptions,
  type TrustedRoot,
} from '../../packages/cosign-sig/src/index.js';
import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import { Cosign, expectSuccess, temporaryFolder } from './components.js';
import { askAll, type FileVerifiers } from './file-verifiers.js';
import type { TokenSubject } from './issuer.js';
import { sigstoreProgram } from './servers.js';
import { type RunningSigstore, sigstorePrograms, startSigstore, writeSigstoreTrust } from './sigstore.js';

const programs = sigstorePrograms();
const [cosign2, cosign3] = [Cosign.find(2), Cosign.find(3)];
const SUBJECTS: readonly (readonly [string, TokenSubject])[] = [
  ['a person', { email: 'ada@example.com' }],
  ['a service account', { namespace: 'tekton-chains', serviceAccount: 'tekton-chains-controller' }],
  ['a workflow', { repository: 'acme/app', workflow: 'release.yaml' }],
];

describe('a Sigstore instance on loopback', () => {
  if (programs === undefined || cosign3 === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs fulcio, Rekor, a timestamp authority and cosign 3, which cannot all be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sigstore: RunningSigstore;
  let trust: Awaited<ReturnType<typeof writeSigstoreTrust>>;
  let root: TrustedRoot;
  let cosign: Cosign;
  let old: Cosign | undefined;
  let verifiers: FileVerifiers;
  const at = (name: string): string => join(cosign.home, name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    sigstore = await startSigstore(programs, join(folder.path, 'sigstore'));
    cosign = await Cosign.open(3, cosign3.path, join(folder.path, 'home'));
    old = cosign2 && (await Cosign.open(2, cosign2.path, join(folder.path, 'home2')));
    trust = await writeSigstoreTrust(cosign, sigstore);
    root = parseTrustedRoot(await readFile(trust.root));
    verifiers = {
      cosign: old === undefined ? [cosign] : [cosign, old],
      sigstoreGo: sigstoreProgram('sigstore-go'),
      root: trust.root,
    };
    await writeFile(at('app'), 'what is signed');
    await writeFile(at('other'), 'something else');
  });

  afterAll(async () => {
    await sigstore?.stop();
    await folder?.remove();
  });

  describe.each([1, 2] as const)('with Rekor v%i', (rekor) => {
    describe.each(SUBJECTS)('and a token of %s', (_title, subject) => {
      it.each(['our program', 'our library', 'cosign'] as const)(
        'a bundle by %s holds for everybody, for its file and its signer alone',
        async (maker) => {
          const bundle = at(`${maker}-${rekor}.json`);
          await MAKERS[maker](bundle, subject, rekor);
          const good = {
            bundle,
            file: at('app'),
            identity: sigstore.issuer.nameOf(subject),
            issuer: sigstore.issuer.issuerOf(subject),
          };
          expect(await askAll(verifiers, good)).toEqual(everybody(true));
          for (const wrong of [
            { file: at('other') },
            { identity: `${good.identity}x` },
            { issuer: `${good.issuer}/x` },
          ])
            expect([wrong, await askAll(verifiers, { ...good, ...wrong })]).toEqual([
              wrong,
              everybody(false),
            ]);
        },
      );
    });
  });

  const MAKERS = {
    'our program': async (bundle: string, subject: TokenSubject, rekor: 1 | 2) => {
      const flags = [
        '--signing-config',
        trust.config(rekor),
        '--trusted-root',
        trust.root,
        '--bundle',
        bundle,
      ];
      const token = ['--identity-token', sigstore.issuer.token(subject)];
      const ran = await runProgram(programOf('apps/cli'), ['sign-blob', '-y', ...flags, ...token, at('app')]);
      expect({ ...ran, stderr: ran.exitCode === 0 ? '' : ran.stderr }).toMatchObject({
        exitCode: 0,
        stderr: '',
      });
    },
    'our library': async (bundle: string, subject: TokenSubject, rekor: 1 | 2) => {
      const made = await signBlob(await readFile(at('app')), await signerFor(subject, rekor));
      await writeFile(bundle, made.json);
    },
    cosign: async (bundle: string, subject: TokenSubject, rekor: 1 | 2) => {
      const flags = [
        '--signing-config',
        trust.config(rekor),
        '--trusted-root',
        trust.root,
        '--bundle',
        bundle,
      ];
      const token = ['--identity-token', sigstore.issuer.token(subject)];
      expectSuccess(await cosign.run(['sign-blob', '-y', ...flags, ...token, 'app'], ''));
    },
  };

  function everybody(answer: boolean): Readonly<Record<string, boolean>> {
    const names = [
      'sealwright verify-blob',
      'sealwright verify-bundle',
      ...verifiers.cosign.map(({ major }) => `cosign ${major}`),
      ...(verifiers.sigstoreGo === undefined ? [] : ['sigstore-go']),
    ];
    return Object.fromEntries(names.map((name) => [name, answer]));
  }

  async function signerFor(subject: TokenSubject, rekor: 1 | 2): Promise<SignBundleOptions> {
    const { urls, issuer } = sigstore;
    const by = await keylessSigner({ url: urls.fulcio, fetch }, issuer.token(subject));
    const url = rekor === 1 ? urls.rekor1 : urls.rekor2;
    const log = root.tlogs.find(({ baseUrl }) => baseUrl === url);
    if (log === undefined) throw new Error('the trusted root lacks a log');
    const logs = [(rekor === 1 ? createRekorClient : createRekorTilesClient)({ url, fetch, log })];
    const authority = { url: `${urls.timestamps}/api/v1/timestamp`, fetch };
    return { by, logs, timestamps: [(signature) => requestTimestamp(authority, signature)] };
  }
});
