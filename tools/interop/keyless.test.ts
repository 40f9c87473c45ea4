import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  keylessSigner,
  parseTrustedRoot,
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
import {
  type RunningSigstore,
  sigstorePrograms,
  startSigstore,
  trustVariables,
  vouchersOf,
  writeSigstoreTrust,
} from './sigstore.js';

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

  it.each([
    ['our program', 1],
    ['our program', 2],
    ['cosign', 1],
    ['cosign', 2],
  ] as const)('an attestation of a file by %s in Rekor v%i holds for everybody', async (maker, rekor) => {
    const subject = { email: 'ada@example.com' };
    const { issuer } = sigstore;
    const bundle = at(`attestation-${maker}-${rekor}.json`);
    await writeFile(at('predicate.json'), '{"name":"a predicate"}');
    const type = 'https://example.com/predicate/v1';
    const said = ['--type', type, '--predicate', at('predicate.json')];
    const flags = ['--signing-config', trust.config(rekor), '--trusted-root', trust.root, '--bundle', bundle];
    const token = ['--identity-token', issuer.token(subject)];
    const words = ['attest-blob', '-y', ...said, ...flags, ...token, at('app')];
    if (maker === 'cosign') expectSuccess(await cosign.run(words, ''));
    else expect(await runProgram(programOf('apps/cli'), words)).toMatchObject({ exitCode: 0 });
    const good = {
      bundle,
      type,
      file: at('app'),
      identity: issuer.nameOf(subject),
      issuer: issuer.issuerOf(subject),
    };
    expect(await askAll(verifiers, good)).toEqual(everybody(true));
    expect(await askAll(verifiers, { ...good, file: at('other') })).toEqual(everybody(false));
    expect(await askAll(verifiers, { ...good, identity: 'eve@example.com' })).toEqual(everybody(false));
  });

  it('what a certificate says of a workflow is held to what is asked, as cosign holds it', async () => {
    const subject = { repository: 'acme/app', workflow: 'release.yaml' };
    const bundle = at('workflow.json');
    await MAKERS.cosign(bundle, subject, 1);
    const { issuer } = sigstore;
    const who = [
      '--certificate-identity',
      issuer.nameOf(subject),
      '--certificate-oidc-issuer',
      issuer.issuerOf(subject),
    ];
    const asked = ['verify-blob', '--bundle', bundle, '--trusted-root', trust.root, ...who, at('app')];
    for (const [flag, right, wrong] of [
      ['repository', 'acme/app', 'acme/other'],
      ['trigger', 'push', 'pull_request'],
      ['ref', 'refs/heads/main', 'refs/heads/other'],
    ] as const)
      for (const [value, holds] of [
        [right, true],
        [wrong, false],
      ] as const) {
        const words = [...asked, `--certificate-github-workflow-${flag}`, value];
        const { exitCode } = await runProgram(programOf('apps/cli'), words);
        const { status } = await cosign.run([...words, '--new-bundle-format'], '');
        expect([flag, value, exitCode === 0, status === 0]).toEqual([flag, value, holds, holds]);
      }
  });

  it('a bundle of old by cosign 2 holds for us', async ({ skip }) => {
    if (old === undefined) return skip('needs cosign 2, which cannot be had here');
    const { urls, issuer } = sigstore;
    const services = ['--fulcio-url', urls.fulcio, '--rekor-url', urls.rekor1, '--bundle', at('old.json')];
    const token = ['--identity-token', issuer.token({ email: 'ada@example.com' })];
    expectSuccess(
      await old.run(['sign-blob', '-y', ...services, ...token, at('app')], '', trustVariables(sigstore)),
    );
    const verify = async (file: string, identity: string): Promise<number | null> => {
      const who = ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer.url];
      const words = [
        'verify-blob',
        '--bundle',
        at('old.json'),
        ...who,
        '--trusted-root',
        trust.root,
        at(file),
      ];
      return (await runProgram(programOf('apps/cli'), words)).exitCode;
    };
    expect(await verify('app', 'ada@example.com')).toBe(0);
    expect(await verify('other', 'ada@example.com')).not.toBe(0);
    expect(await verify('app', 'eve@example.com')).not.toBe(0);
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
    return { by, ...vouchersOf(sigstore, root, rekor) };
  }
});
