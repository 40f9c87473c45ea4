/**
 * One image, judged by every policy that is given.
 *
 * @module
 */
import {
  appraiseClusterImagePolicies,
  appraiseContainersPolicy,
  appraiseKyvernoPolicy,
  type ClusterImagePolicy,
  openPgpVerifier,
  type PolicyCheck,
} from '@sealwright/cosign-sig/policy';
import type { JsonObject } from '@sealwright/json';
import { parseReference, type RegistryClient } from '@sealwright/oci';
import { about } from '../failure.js';
import type { Io } from '../io.js';
import { type ImagePolicy, regExps } from '../policy-files.js';
import type { RegistryFlags } from '../registry-flags.js';
import { authorityOf, evaluatorOf, resource, type TrustFlags } from './authority.js';
import { evidenceFor } from './evidence.js';
import { configOf, resolve, type ResolvedImage } from './resolve.js';

/** One image under one policy. */
export interface Judged {
  readonly image: string;
  readonly from: string;
  readonly policy: string;
  readonly allowed: boolean;
  readonly decidedBy: string;
  readonly checks: readonly PolicyCheck[];
  readonly warnings: readonly string[];
}

/** An image, and where it stands. */
export interface ImageToJudge {
  readonly image: string;
  /** Where it stands; empty for images of the command line. */
  readonly from: string;
  /** The object that runs it. */
  readonly object?: JsonObject;
}

/** What the command line says about judging. */
export interface JudgeFlags extends RegistryFlags, TrustFlags {
  readonly platform: string;
  readonly lookaside?: readonly string[];
  readonly noMatch: string;
  readonly identity?: string;
  readonly allowSha1?: boolean;
}

/** Judges images, one after the other. */
export async function createJudge(
  io: Io,
  registry: RegistryClient,
  policies: readonly ImagePolicy[],
  flags: JudgeFlags,
): Promise<(image: ImageToJudge) => Promise<readonly Judged[]>> {
  const regExp = await regExps();
  const named = policies.flatMap((policy) => (policy.kind === 'trust' ? [policy.trust] : []));
  const authority = await authorityOf(io, registry, flags, { regExp, named });
  const given = flags.resource ?? [];

  const byFile = async (
    { policy }: Extract<ImagePolicy, { kind: 'containers' }>,
    { image }: ImageToJudge,
    resolved: ResolvedImage,
  ) => {
    const evidence = await evidenceFor(io, registry, image, resolved, flags.lookaside ?? []);
    const verdict = await appraiseContainersPolicy(policy, parseReference(image), evidence, {
      resource: (path) => resource(io, path, given),
      now: io.now(),
      openPgp: openPgpVerifier({ dangerouslyAllowSha1: flags.allowSha1 === true }),
      sigstoreIdentity: flags.identity === 'matchRepoDigestOrExact' ? 'matchRepoDigestOrExact' : 'none',
    });
    return { ...verdict, warnings: [] };
  };

  const byCluster = async (
    clusters: readonly ClusterImagePolicy[],
    { image, object }: ImageToJudge,
    resolved: ResolvedImage,
  ) => {
    const pinned = `${image.split('@', 1)[0]}@${resolved.indexDigest ?? resolved.digest}`;
    const asksContent = clusters.some(
      ({ policy, authorities }) =>
        policy !== undefined || authorities.some(({ attestations }) => attestations.length > 0),
    );
    return appraiseClusterImagePolicies(clusters, pinned, authority, {
      noMatch: flags.noMatch === 'allow' || flags.noMatch === 'warn' ? flags.noMatch : 'deny',
      configs: () => configOf(registry, image, resolved, flags.platform),
      ...(object === undefined ? {} : { object }),
      ...(asksContent ? { evaluate: await evaluatorOf(io, given) } : {}),
    });
  };

  return async (each) => {
    const { image, from } = each;
    const judged: Judged[] = [];
    const resolved = await about(image, () => resolve(registry, image, flags.platform));
    for (const policy of policies) {
      if (policy.kind === 'containers')
        judged.push({ image, from, policy: policy.file, ...(await byFile(policy, each, resolved)) });
      if (policy.kind !== 'kyverno') continue;
      const digest = resolved.indexDigest ?? resolved.digest;
      const about = each.object === undefined ? {} : { object: each.object };
      const options = { digest, now: io.now(), regExp, ...about };
      const verdict = await appraiseKyvernoPolicy(policy.policy, image, authority, options);
      judged.push({ image, from, policy: policy.file, ...verdict });
    }
    const clusters = policies.filter((policy) => policy.kind === 'cluster');
    if (clusters.length === 0) return judged;
    const verdict = await byCluster(
      clusters.map(({ policy }) => policy),
      each,
      resolved,
    );
    const files = [...new Set(clusters.map(({ file }) => file))].join(', ');
    return [...judged, { image, from, policy: files, ...verdict }];
  };
}
