import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bundleSigner,
  decryptPrivateKey,
  generateCosignKeyPair,
  keylessSigner,
  parseTrustedRoot,
  signImageBundle,
  type SignBundleOptions,
  type TrustedRoot,
} from '../../packages/cosign-sig/src/index.js';
import { createRegistryClient, parseReference } from '../../packages/oci/src/index.js';
import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import {
  Cosign,
  expectSuccess,
  findProgram,
  type Outcome,
  type RunningRegistry,
  startRegistry,
  temporaryFolder,
} from './components.js';
import type { TokenSubject } from './issuer.js';
import { type PushedImage, pushImage } from './push-image.js';
import { runTool } from './servers.js';
import {
  type RunningSigstore,
  sigstorePrograms,
  startSigstore,
  trustVariables,
  vouchersOf,
  writeSigstoreTrust,
} from './sigstore.js';

const programs = sigstorePrograms();
const dockerRegistry = findProgram('docker-registry');
const oras = findProgram('oras');
const [cosign2, cosign3] = [Cosign.find(2), Cosign.find(3)];
const KINDS = ['a signature', 'an attestation'] as const;
const PREDICATE = {
  buildDefinition: { buildType: 'https://example.com/build/v1' },
  runDetails: { builder: { id: 'https://builder.example' } },
};
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Who signs, and which log has it. */
type Signing = { readonly rekor?: 1 | 2; readonly subject?: TokenSubject };
const PERSON = { email: 'ada@example.com' };
const WORKLOAD = { namespace: 'tekton-chains', serviceAccount: 'tekton-chains-controller' };
const SIGNINGS: readonly (readonly [string, Signing])[] = [
  ['a person, in Rekor v1', { rekor: 1, subject: PERSON }],
  ['a service account, in Rekor v2', { rekor: 2, subject: WORKLOAD }],
  ['a key, in Rekor v1', { rekor: 1 }],
  ['a key, in Rekor v2', { rekor: 2 }],
  ['a key, in no log', {}],
];

describe('images', () => {
  if (programs === undefined || cosign3 === undefined || dockerRegistry === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('need docker-registry, a Sigstore instance and cosign 3, which cannot all be had here', () => {});
    return;
  }
  const registry = createRegistryClient();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningRegistry;
  let sigstore: RunningSigstore;
  let trust: Awaited<ReturnType<typeof writeSigstoreTrust>>;
  let root: TrustedRoot;
  let cosign: Cosign;
  let old: Cosign | undefined;
  let image: PushedImage;
  let name: string;
  let count = 0;
  const at = (file: string): string => join(cosign.home, file);

  beforeAll(async () => {
    folder = await temporaryFolder();
    sigstore = await startSigstore(programs, join(folder.path, 'sigstore'));
    server = await startRegistry(dockerRegistry, folder.path);
    cosign = await Cosign.open(3, cosign3.path, join(folder.path, 'home'));
    old = cosign2 && (await Cosign.open(2, cosign2.path, join(folder.path, 'home')));
    trust = await writeSigstoreTrust(cosign, sigstore);
    root = parseTrustedRoot(await readFile(trust.root));
    for (const owner of ['ours', 'stranger']) {
      const pair = await generateCosignKeyPair({ password: 'pass' });
      await writeFile(at(`${owner}.key`), pair.privatePem.expose());
      await writeFile(at(`${owner}.pub`), pair.publicPem);
    }
    await writeFile(at('predicate.json'), JSON.stringify(PREDICATE));
  });

  afterAll(async () => {
    await server?.stop();
    await sigstore?.stop();
    await folder?.remove();
  });

  beforeEach(async () => {
    count += 1;
    const reference = parseReference(`${server.host}/team/signed-${count}`);
    image = await pushImage(registry, reference, 'v1', `image ${count}`);
    name = `${image.registry}/${image.repository}@${image.digest}`;
  });

  describe.each(KINDS)('with %s in a bundle', (kind) => {
    describe.each(SIGNINGS)('by %s,', (_title, signing) => {
      it.each(['our program', 'our library', 'cosign'] as const)(
        'made by %s, hold for everybody, and for nobody else',
        async (maker) => {
          await MAKERS[maker](kind, signing);
          expect(await verdicts(kind, signerFlags(signing))).toEqual(everybody(true));
          for (const other of strangers(signing))
            expect([other, await verdicts(kind, other)]).toEqual([other, everybody(false)]);
          const type = kind === 'an attestation' ? 'slsaprovenance02' : undefined;
          if (type !== undefined)
            expect(await verdicts(kind, signerFlags(signing), type)).toEqual(everybody(false));
          expect(await listed()).toEqual([BUNDLE]);
        },
      );
    });
  });

  it('with bundles of us and of cosign, one after the other, keep them all', async () => {
    await MAKERS.cosign('a signature', { rekor: 1, subject: PERSON });
    await MAKERS['our program']('a signature', { rekor: 2, subject: WORKLOAD });
    await MAKERS.cosign('an attestation', { rekor: 1, subject: WORKLOAD });
    await MAKERS['our library']('an attestation', { rekor: 1, subject: PERSON });
    for (const kind of KINDS)
      for (const subject of [PERSON, WORKLOAD])
        expect(await verdicts(kind, signerFlags({ rekor: 1, subject }))).toEqual(everybody(true));
    expect(await listed()).toEqual([BUNDLE, BUNDLE, BUNDLE, BUNDLE]);
  });

  describe.each(KINDS)('with %s under a tag, by a person, in Rekor v1,', (kind) => {
    it.for(['our program', 'cosign 2', 'cosign 3'] as const)(
      'made by %s, hold for everybody',
      async (maker, { skip }) => {
        const peer = maker === 'cosign 2' ? old : cosign;
        if (peer === undefined) return skip('needs cosign 2, which cannot be had here');
        const { urls, issuer } = sigstore;
        const services = ['--fulcio-url', urls.fulcio, '--rekor-url', urls.rekor1];
        const token = ['--identity-token', issuer.token(PERSON)];
        const stamp = ['--timestamp-server-url', `${urls.timestamps}/api/v1/timestamp`];
        const layout =
          maker === 'cosign 2' ? [] : ['--new-bundle-format=false', '--use-signing-config=false'];
        const words = [...command(kind), '-y', ...layout, ...services, ...stamp, ...token, name];
        expectSuccess(
          maker === 'our program'
            ? await ours(words, trustVariables(sigstore))
            : await peer.run(words, '', trustVariables(sigstore)),
        );
        const flags = signerFlags({ rekor: 1, subject: PERSON }).filter(
          (flag) => flag !== '--trusted-root' && flag !== trust.root,
        );
        const asked = [...verifying(kind), '--new-bundle-format=false', ...flags, name];
        const answers = {
          ours: await ours(asked, trustVariables(sigstore)),
          'ours with a trusted root': await ours([
            ...verifying(kind),
            ...flags,
            '--trusted-root',
            trust.root,
            name,
          ]),
          'cosign 2': await (old ?? cosign).run(asked, '', trustVariables(sigstore)),
          'cosign 3': await cosign.run(asked, '', trustVariables(sigstore)),
        };
        for (const [who, answer] of Object.entries(answers))
          expect([who, problemOf(answer)]).toEqual([who, '']);
        const wrong = asked.map((word) => (word === PERSON.email ? 'eve@example.com' : word));
        expect((await ours(wrong, trustVariables(sigstore))).status).not.toBe(0);
        expect((await cosign.run(wrong, '', trustVariables(sigstore))).status).not.toBe(0);
      },
    );
  });

  const MAKERS = {
    'our program': async (kind: (typeof KINDS)[number], signing: Signing) => {
      expectSuccess(
        await ours([...command(kind), '-y', ...serviceFlags(signing), ...makerFlags(signing), name]),
      );
    },
    'our library': async (kind: (typeof KINDS)[number], signing: Signing) => {
      await signImageBundle(registry, image, {
        ...(await signerOf(signing)),
        now: new Date(),
        ...(kind === 'a signature'
          ? {}
          : { attest: { predicateType: 'slsaprovenance1', predicate: PREDICATE } }),
      });
    },
    cosign: async (kind: (typeof KINDS)[number], signing: Signing) => {
      const words = [...command(kind), '-y', ...serviceFlags(signing), ...makerFlags(signing), name];
      expectSuccess(await cosign.run(words, 'pass'));
    },
  };

  /** What everybody says, in the words of cosign. */
  async function verdicts(
    kind: (typeof KINDS)[number],
    flags: readonly string[],
    type?: string,
  ): Promise<Readonly<Record<string, boolean>>> {
    const words = [...verifying(kind, type), ...flags, name];
    // cosign 3 finds these out by itself
    const told = flags.includes('--key') ? [] : ['--use-signed-timestamps'];
    const trusted = flags.includes('--trusted-root') ? [] : ['--trusted-root', trust.root];
    const [mine, third, second] = await Promise.all([
      ours(words),
      cosign.run(words, ''),
      old?.run([...words, '--new-bundle-format', ...told, ...trusted], ''),
    ]);
    return {
      sealwright: mine.status === 0,
      'cosign 3': third.status === 0,
      ...(second === undefined ? {} : { 'cosign 2': second.status === 0 }),
    };
  }

  function everybody(answer: boolean): Readonly<Record<string, boolean>> {
    return { sealwright: answer, 'cosign 3': answer, ...(old === undefined ? {} : { 'cosign 2': answer }) };
  }

  function signerFlags({ rekor, subject }: Signing): readonly string[] {
    const rooted = rekor === undefined ? ['--insecure-ignore-tlog'] : ['--trusted-root', trust.root];
    if (subject === undefined) return ['--key', at('ours.pub'), ...rooted];
    const { issuer } = sigstore;
    const who = ['--certificate-identity', issuer.nameOf(subject)];
    return [...who, '--certificate-oidc-issuer', issuer.issuerOf(subject), ...rooted];
  }

  /** The flags for signers that did not sign. */
  function strangers(signing: Signing): readonly (readonly string[])[] {
    const flags = signerFlags(signing);
    const instead = (of: string): readonly string[] =>
      flags.map((flag, index) => (flags[index - 1] === of ? `${flag}x` : flag));
    if (signing.subject !== undefined)
      return [instead('--certificate-identity'), instead('--certificate-oidc-issuer')];
    return [flags.map((flag) => (flag === at('ours.pub') ? at('stranger.pub') : flag))];
  }

  function serviceFlags({ rekor }: Signing): readonly string[] {
    if (rekor === undefined)
      return ['--tlog-upload=false', '--new-bundle-format=true', '--use-signing-config=false'];
    return ['--signing-config', trust.config(rekor), '--trusted-root', trust.root];
  }

  function makerFlags({ subject }: Signing): readonly string[] {
    return subject === undefined
      ? ['--key', at('ours.key')]
      : ['--identity-token', sigstore.issuer.token(subject)];
  }

  async function signerOf({ rekor, subject }: Signing): Promise<SignBundleOptions> {
    const { urls, issuer } = sigstore;
    const by =
      subject === undefined
        ? bundleSigner(await decryptPrivateKey(await readFile(at('ours.key'), 'utf8'), 'pass'))
        : await keylessSigner({ url: urls.fulcio, fetch }, issuer.token(subject));
    if (rekor === undefined) return { by };
    return { by, ...vouchersOf(sigstore, root, rekor) };
  }

  function command(kind: (typeof KINDS)[number]): readonly string[] {
    if (kind === 'a signature') return ['sign'];
    return ['attest', '--type', 'slsaprovenance1', '--predicate', at('predicate.json')];
  }

  function verifying(kind: (typeof KINDS)[number], type = 'slsaprovenance1'): readonly string[] {
    return kind === 'a signature' ? ['verify'] : ['verify-attestation', '--type', type];
  }

  async function ours(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const ran = await runProgram(programOf('apps/cli'), args, { env: { COSIGN_PASSWORD: 'pass', ...env } });
    return { status: ran.exitCode ?? -1, stdout: ran.stdout, stderr: ran.stderr };
  }

  /** The artifact types of what refers to the image, as oras and we find them. */
  async function listed(): Promise<readonly (string | undefined)[]> {
    const found = await registry.listReferrers(image, image.digest);
    if (oras !== undefined) {
      const args = ['discover', '--plain-http', '--format', 'json', name];
      const ran = await runTool(oras, args, { cwd: folder.path });
      expectSuccess(ran);
      const { referrers } = JSON.parse(ran.stdout) as {
        referrers: { digest: string; artifactType: string }[];
      };
      expect(referrers.map(({ digest }) => digest)).toEqual(found.map(({ digest }) => digest));
      expect(referrers.map(({ artifactType }) => artifactType)).toEqual(found.map(() => BUNDLE));
    }
    return found.map(({ artifactType }) => artifactType);
  }
});

function problemOf({ status, stderr }: Outcome): string {
  return status === 0 ? '' : stderr;
}
