import {
  formatReference,
  isIndex,
  parseIndex,
  parseReference,
  type RegistryClient,
  selectPlatform,
} from '@sealwright/oci';
import { parseTrustedRoot } from '@sealwright/cosign-sig';
import {
  appraiseClusterImagePolicies,
  appraiseContainersPolicy,
  appraiseKyvernoPolicy,
  type Authority,
  type ClusterImagePolicy,
  type ImageEvidence,
  imagesOf,
  keyAuthority,
  kyvernoRuleMatches,
  type LookasideConfig,
  lookasideFolder,
  lookasideFor,
  matchImageGlob,
  mergeLookasideConfigs,
  openPgpVerifier,
  parseLookasideConfig,
  type PolicyCheck,
  type PolicyRequirement,
  readSigstoreBundles,
  readSigstoreSignatures,
  scopeFor,
  sigstoreAuthority,
} from '@sealwright/cosign-sig/policy';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { type ImagePolicy, readObjects, readPolicies } from '../policy-files.js';
import { printable } from '../printable.js';
import { registryClient } from '../registry.js';
import { registryFlags, type RegistryFlags } from '../registry-flags.js';

interface PolicyFlags {
  readonly policy?: readonly string[];
  readonly image?: readonly string[];
  readonly json?: boolean;
}

interface TestFlags extends PolicyFlags, RegistryFlags {
  readonly platform: string;
  readonly resource?: readonly string[];
  readonly lookaside?: readonly string[];
  readonly trustedRoot?: string;
  readonly noMatch: string;
  readonly identity?: string;
  readonly allowSha1?: boolean;
}

/** One image under one policy. */
interface Judged {
  readonly image: string;
  readonly from: string;
  readonly policy: string;
  readonly allowed: boolean;
  readonly decidedBy: string;
  readonly checks: readonly PolicyCheck[];
  readonly warnings: readonly string[];
}

/** `image-policy test`: would these images be let in? */
export function imagePolicyTest(io: Io): Command {
  const flags = command(
    'test [manifests...]',
    'Judge the images of manifests by policies, as an admission controller would.',
    [
      'sealwright image-policy test --policy policy.json --image registry.example.com/shop/checkout:1.0',
      'sealwright image-policy test --policy kyverno.yaml deployment.yaml',
      'sealwright image-policy test --policy policy.json --resource kbs:///default/cosign/key=cosign.pub pod.yaml',
    ],
  )
    .option(
      '--policy <file>',
      'policy.json, Kyverno ClusterPolicy or ClusterImagePolicy; more than once',
      listed,
    )
    .option('--image <name>', 'an image; more than once', listed)
    .option('--platform <os/arch>', 'which image of several platforms', 'linux/amd64')
    .option('--resource <uri=file>', 'the file with what a policy names by URI; more than once', listed)
    .option(
      '--trusted-root <file>',
      'what logs and authorities to believe (trusted_root.json), for keyless signatures and logs',
    )
    .option('--lookaside <file>', 'where OpenPGP signatures are (registries.d); more than once', listed)
    .option(
      '--identity <rule>',
      'for sigstoreSigned without signedIdentity: none or matchRepoDigestOrExact',
      'none',
    )
    .option('--allow-sha1', 'take OpenPGP signatures over SHA-1')
    .option(
      '--no-match <action>',
      'for images that no ClusterImagePolicy is about: deny, allow or warn',
      'deny',
    );
  return registryFlags(flags).action(async (manifests: string[], options: TestFlags) => {
    const policies = await readPolicies(io, options.policy);
    const images = await imagesToJudge(io, manifests, options);
    const registry = registryClient(io, options);
    const authority = await authorityOf(io, registry, options.trustedRoot);
    const judged: Judged[] = [];
    for (const image of images)
      judged.push(...(await judge(io, registry, policies, authority, image, options)));
    const allowed = judged.every((each) => each.allowed);
    print(io, options.json, { allowed, judged }, judged.map(textOf).join(''));
    if (allowed) return;
    const refused = judged.filter((each) => !each.allowed).length;
    throw new CommandError(`${refused} of ${judged.length} refused`, 'ERR_CLI_POLICY', EXIT_FAILURE);
  });
}

/** `image-policy explain`: what would be asked of these images? */
export function imagePolicyExplain(io: Io): Command {
  return command(
    'explain [manifests...]',
    'Tell which parts of policies are about images, without asking any registry.',
    [
      'sealwright image-policy explain --policy policy.json --image registry.example.com/shop/checkout:1.0',
      'sealwright image-policy explain --policy kyverno.yaml deployment.yaml',
    ],
  )
    .option(
      '--policy <file>',
      'policy.json, Kyverno ClusterPolicy or ClusterImagePolicy; more than once',
      listed,
    )
    .option('--image <name>', 'an image; more than once', listed)
    .action(async (manifests: string[], options: PolicyFlags) => {
      const policies = await readPolicies(io, options.policy);
      const images = await imagesToJudge(io, manifests, options);
      const explained = images.map(({ image, from }) => ({
        image,
        from,
        policies: policies.map((policy) => ({ policy: policy.file, asks: explain(policy, image) })),
      }));
      const lines = explained.flatMap(({ image, from, policies: each }) => [
        `${image}${from === '' ? '' : ` (${from})`}`,
        ...each.flatMap(({ policy, asks }) => asks.map((ask) => `  ${policy}: ${ask}`)),
      ]);
      print(io, options.json, { explained }, lines.map((line) => `${printable(line)}\n`).join(''));
    });
}

function explain(policy: ImagePolicy, image: string): readonly string[] {
  if (policy.kind === 'containers') {
    const { scope, requirements } = scopeFor(policy.policy, parseReference(image));
    const place = scope === undefined ? 'default' : `scope "${scope}"`;
    return requirements.map(
      (requirement) => `${place} asks for ${requirement.type}${identityOf(requirement)}`,
    );
  }
  if (policy.kind === 'kyverno') {
    const rules = policy.policy.rules.filter((rule) => kyvernoRuleMatches(rule, image));
    if (rules.length === 0) return [`no rule of ${policy.policy.name} is about it`];
    return rules.map(
      ({ rule, attestors, attestations, audit }) =>
        `rule ${rule} ${audit ? 'warns without' : 'asks for'} ${attestors.length} sets of attestors and ${attestations.length} attestations`,
    );
  }
  const { globs, name, authorities, warn } = policy.policy;
  const glob = globs.find((each) => matchImageGlob(each, image));
  if (glob === undefined) return [`${name} is not about it`];
  return [
    `${name} by ${glob} ${warn ? 'warns without' : 'asks for'} one of ${authorities.map((each) => each.name).join(', ')}`,
  ];
}

function identityOf(requirement: PolicyRequirement): string {
  const rule = 'signedIdentity' in requirement ? requirement.signedIdentity : undefined;
  return rule === undefined ? '' : ` over a name by ${rule.type}`;
}

async function judge(
  io: Io,
  registry: RegistryClient,
  policies: readonly ImagePolicy[],
  authority: Authority,
  { image, from }: ImageToJudge,
  options: TestFlags,
): Promise<readonly Judged[]> {
  const base = { image, from };
  const judged: Judged[] = [];
  const resolved = await about(image, () => resolve(registry, image, options.platform));
  const pinned = `${image.split('@', 1)[0]}@${resolved.indexDigest ?? resolved.digest}`;
  const clusters = policies.filter((policy) => policy.kind === 'cluster');
  for (const policy of policies) {
    if (policy.kind === 'containers') {
      const evidence = await evidenceFor(io, registry, image, resolved, options);
      const verdict = await appraiseContainersPolicy(policy.policy, parseReference(image), evidence, {
        resource: (path) => resource(io, path, options.resource ?? []),
        now: io.now(),
        openPgp: openPgpVerifier({ dangerouslyAllowSha1: options.allowSha1 === true }),
        sigstoreIdentity: options.identity === 'matchRepoDigestOrExact' ? 'matchRepoDigestOrExact' : 'none',
      });
      judged.push({ ...base, policy: policy.file, ...verdict, warnings: [] });
    } else if (policy.kind === 'kyverno') {
      const digest = resolved.indexDigest ?? resolved.digest;
      const verdict = await appraiseKyvernoPolicy(policy.policy, image, authority, { digest });
      judged.push({ ...base, policy: policy.file, ...verdict });
    }
  }
  if (clusters.length > 0) {
    const each: readonly ClusterImagePolicy[] = clusters.map((cluster) => cluster.policy);
    const noMatch = options.noMatch === 'allow' || options.noMatch === 'warn' ? options.noMatch : 'deny';
    const verdict = await appraiseClusterImagePolicies(each, pinned, authority, { noMatch });
    const files = [...new Set(clusters.map(({ file }) => file))].join(', ');
    judged.push({ ...base, policy: files, ...verdict });
  }
  return judged;
}

/** Keys need nobody's trust but the policy's own; logs and certificates do. */
async function authorityOf(io: Io, registry: RegistryClient, file: string | undefined): Promise<Authority> {
  if (file === undefined) return keyAuthority(registry);
  const trustedRoot = await about(file, async () => parseTrustedRoot(await io.readFile(file)));
  return sigstoreAuthority(registry, { trustedRoot });
}

/** The digests that a name stands for now; an image of several platforms has two. */
async function resolve(
  registry: RegistryClient,
  image: string,
  platform: string,
): Promise<{ digest: string; indexDigest?: string }> {
  const [os = '', architecture = '', variant] = platform.split('/');
  const reference = parseReference(image);
  const { bytes, digest: computed } = await registry.getManifest(reference);
  const digest = reference.digest ?? computed;
  if (!isIndex(bytes)) return { digest };
  const wanted = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return { digest: selectPlatform(parseIndex(bytes), wanted).digest, indexDigest: digest };
}

async function evidenceFor(
  io: Io,
  registry: RegistryClient,
  image: string,
  { digest, indexDigest }: { digest: string; indexDigest?: string },
  options: TestFlags,
): Promise<ImageEvidence> {
  const reference = parseReference(image);
  const lookaside = await lookasideOf(io, options.lookaside ?? []);
  return {
    digest,
    indexDigest,
    sigstoreSignatures: () =>
      readSigstoreSignatures(registry, reference, [
        ...(indexDigest === undefined ? [] : [indexDigest]),
        digest,
      ]),
    sigstoreBundles: () =>
      readSigstoreBundles(registry, reference, [...(indexDigest === undefined ? [] : [indexDigest]), digest]),
    openPgpSignatures: async () => {
      const base = lookasideFor(lookaside, reference)?.lookaside;
      return base === undefined ? [] : readLookaside(io, lookasideFolder(base, reference, digest));
    },
  };
}

async function lookasideOf(io: Io, files: readonly string[]): Promise<LookasideConfig> {
  const configs: LookasideConfig[] = [];
  for (const file of files) {
    const [object = null] = await readObjects(io, file);
    configs.push(await about(file, () => parseLookasideConfig(object)));
  }
  return mergeLookasideConfigs(configs);
}

/** Signatures are numbered from 1; the first number that is missing ends them. */
async function readLookaside(io: Io, folder: string): Promise<readonly Uint8Array[]> {
  const signatures: Uint8Array[] = [];
  for (let number = 1; number <= MAX_SIGNATURES; number += 1) {
    const place = `${folder}/signature-${number}`;
    const signature = place.startsWith('file://')
      ? await readLocal(io, place.slice(7))
      : await readRemote(io, place);
    if (signature === undefined) break;
    signatures.push(signature);
  }
  return signatures;
}

async function readLocal(io: Io, path: string): Promise<Uint8Array | undefined> {
  return (await io.exists(path)) ? io.readFile(path) : undefined;
}

async function readRemote(io: Io, url: string): Promise<Uint8Array | undefined> {
  const response = await io.fetch(new Request(url, { signal: AbortSignal.timeout(30_000) }));
  if (response.status === 404) return undefined;
  const length = Number(response.headers.get('content-length') ?? MAX_SIGNATURE + 1);
  if (response.status !== 200 || length > MAX_SIGNATURE) {
    throw new CommandError(
      `${url}: expected a signature, found status ${response.status}`,
      'ERR_CLI_LOOKASIDE',
      EXIT_FAILURE,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** What a policy names: a file of its own, or the file that the command line gives for it. */
async function resource(io: Io, path: string, given: readonly string[]): Promise<Uint8Array> {
  const entry = given.find((each) => each.startsWith(`${path}=`));
  if (entry !== undefined) return io.readFile(entry.slice(path.length + 1));
  if (path.startsWith('file://')) return io.readFile(path.slice(7));
  if (path.includes('://')) throw new CommandError(`${path} has to be given: --resource ${path}=<file>`);
  return io.readFile(path);
}

interface ImageToJudge {
  readonly image: string;
  /** Where it stands; empty for images of the command line. */
  readonly from: string;
}

async function imagesToJudge(
  io: Io,
  manifests: readonly string[],
  options: PolicyFlags,
): Promise<readonly ImageToJudge[]> {
  const images: ImageToJudge[] = (options.image ?? []).map((image) => ({ image, from: '' }));
  for (const file of manifests) {
    for (const object of await readObjects(io, file)) {
      if (object === null) continue;
      const found = await about(file, () => imagesOf(object));
      images.push(...found.map(({ image, pointer }) => ({ image, from: `${file} ${pointer}` })));
    }
  }
  if (images.length === 0)
    throw new CommandError('no image to judge: give --image, or a manifest that has one');
  for (const { image } of images) await about(image, () => formatReference(parseReference(image)));
  return images;
}

function textOf({ image, from, policy, allowed, decidedBy, checks, warnings }: Judged): string {
  const place = from === '' ? '' : ` (${from})`;
  const lines = [
    `${allowed ? 'allowed' : 'refused'}  ${image}${place}`,
    `  by ${policy}: ${decidedBy}`,
    ...checks.map(
      ({ check, passed, pointer, reason }) =>
        `  ${passed ? 'yes' : 'no '}  ${check} at ${pointer}: ${reason}`,
    ),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function listed(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const MAX_SIGNATURES = 128;
const MAX_SIGNATURE = 4 << 20;
