/**
 * Which part of a policy file is about an image.
 *
 * @module
 */
import { formatReference, type ImageReference, referenceScopes } from '@sealwright/oci';
import type { ContainersPolicy, PolicyRequirement } from './policy-file.js';

/** The list of requirements that holds for an image. Nothing else in the policy matters for it. */
export interface PolicyScope {
  /** The key under which the list stands; empty for all of a transport, `undefined` for the default. */
  readonly scope: string | undefined;
  /** All of them must hold. */
  readonly requirements: readonly PolicyRequirement[];
}

/**
 * Find the scope for an image in a registry: the reference (one with tag and digest: both, then by digest, then by tag), its repository, each
 * path above, the registry, wildcards over the host, `""`, then the default.
 *
 * @param policy - the policy
 * @param image - as the user named it
 */
export function scopeFor(policy: ContainersPolicy, image: ImageReference): PolicyScope {
  return scopeAmong(policy, 'docker', namesOf(image));
}

/** The scopes that an image of a registry falls into, in the order in which they are looked for. */
export function namesOf(image: ImageReference): readonly string[] {
  return [formatReference(image), ...scopesOf(image)];
}

/** The scopes that an image falls into: by digest, by tag, its repository and all above, the narrowest first. */
export function scopesOf(image: ImageReference): readonly string[] {
  const { registry, repository, tag, digest } = image;
  const name = `${registry}/${repository}`;
  return [
    ...(digest === undefined ? [] : [`${name}@${digest}`]),
    ...(tag === undefined ? [] : [`${name}:${tag}`]),
    ...referenceScopes(image),
  ];
}

/**
 * Find the scope for an image of any transport: `dir`, `oci` and others.
 *
 * @param policy - the policy
 * @param transport - which
 * @param scopes - those that the image falls into, the narrowest first
 */
export function scopeAmong(
  policy: ContainersPolicy,
  transport: string,
  scopes: readonly string[],
): PolicyScope {
  const entries = policy.transports.get(transport);
  for (const scope of [...scopes, '']) {
    const requirements = entries?.get(scope);
    if (requirements !== undefined) return { scope, requirements };
  }
  return { scope: undefined, requirements: policy.default };
}
