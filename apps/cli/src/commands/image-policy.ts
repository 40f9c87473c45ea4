import {
  imagesOf,
  kyvernoMatchesObject,
  kyvernoRuleMatches,
  matchesResource,
  matchImageGlob,
  type PolicyRequirement,
  scopeFor,
} from '@sealwright/cosign-sig/policy';
import type { JsonObject } from '@sealwright/json';
import { formatReference, parseReference } from '@sealwright/oci';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import { createJudge, type Judged, type ImageToJudge, type JudgeFlags } from '../image-policy/judge.js';
import type { Io } from '../io.js';
import { type ImagePolicy, readObjects, readPolicies } from '../policy-files.js';
import { printable } from '../printable.js';
import { registryClient } from '../registry.js';
import { registryFlags } from '../registry-flags.js';

interface PolicyFlags {
  readonly policy?: readonly string[];
  readonly image?: readonly string[];
  readonly json?: boolean;
}

type TestFlags = PolicyFlags & JudgeFlags;

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
    .option(
      '--resource <uri=file>',
      'the file with what a policy names: a URI, k8s://<namespace>/<secret>, configmap/<name>; more than once',
      listed,
    )
    .option(
      '--trusted-root <file>',
      'what logs and authorities to believe (trusted_root.json), for keyless signatures and logs',
    )
    .option(
      '--trust-root <name=file>',
      'what a trustRootRef of a ClusterImagePolicy trusts (trusted_root.json); more than once',
      listed,
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
    const judge = await createJudge(io, registry, policies, options);
    const judged: Judged[] = [];
    for (const image of images) judged.push(...(await judge(image)));
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
      const explained = images.map(({ image, from, object }) => ({
        image,
        from,
        policies: policies.map((policy) => ({ policy: policy.file, asks: explain(policy, image, object) })),
      }));
      const lines = explained.flatMap(({ image, from, policies: each }) => [
        `${image}${from === '' ? '' : ` (${from})`}`,
        ...each.flatMap(({ policy, asks }) => asks.map((ask) => `  ${policy}: ${ask}`)),
      ]);
      print(io, options.json, { explained }, lines.map((line) => `${printable(line)}\n`).join(''));
    });
}

function explain(policy: ImagePolicy, image: string, object?: JsonObject): readonly string[] {
  if (policy.kind === 'trust') return [];
  if (policy.kind === 'containers') {
    const { scope, requirements } = scopeFor(policy.policy, parseReference(image));
    const place = scope === undefined ? 'default' : `scope "${scope}"`;
    return requirements.map(
      (requirement) => `${place} asks for ${requirement.type}${identityOf(requirement)}`,
    );
  }
  if (policy.kind === 'kyverno') {
    const rules = policy.policy.rules.filter(
      (rule) =>
        kyvernoRuleMatches(rule, image) &&
        (object === undefined || kyvernoMatchesObject(rule.match, rule.exclude, object)),
    );
    if (rules.length === 0) return [`no rule of ${policy.policy.name} is about it`];
    return rules.map(
      ({ rule, attestors, attestations, audit }) =>
        `rule ${rule} ${audit ? 'warns without' : 'asks for'} ${attestors.length} sets of attestors and ${attestations.length} attestations`,
    );
  }
  const { globs, name, authorities, warn, match } = policy.policy;
  const glob = globs.find((each) => matchImageGlob(each, image));
  if (glob === undefined || (object !== undefined && !matchesResource(match, object)))
    return [`${name} is not about it`];
  return [
    `${name} by ${glob} ${warn ? 'warns without' : 'asks for'} one of ${authorities.map((each) => each.name).join(', ')}`,
  ];
}

function identityOf(requirement: PolicyRequirement): string {
  const rule = 'signedIdentity' in requirement ? requirement.signedIdentity : undefined;
  return rule === undefined ? '' : ` over a name by ${rule.type}`;
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
      images.push(
        ...found.map(({ image, pointer, object: runs }) => ({
          image,
          from: `${file} ${pointer}`,
          object: runs,
        })),
      );
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
