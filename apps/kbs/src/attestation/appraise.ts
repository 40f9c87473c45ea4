/**
 * Trust claims of the sample TEE, as the original's default attestation policy gives them: good only where reference values say
 * so. Without any, a sample guest is contraindicated.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import type { TrustVector } from '@sealwright/kbs-protocol';

/**
 * Appraise one device.
 *
 * @param evidence - its annotated evidence
 * @param reference - reference values by name
 */
export function appraise(evidence: JsonObject, reference: JsonObject): TrustVector {
  const sample = memberOf(evidence, 'sample');
  const platform = memberOf(sample, 'platform_version');
  const [major, minor, least] = [
    memberOf(platform, 'major'),
    memberOf(platform, 'minor'),
    memberOf(reference, 'minimum_minor_version'),
  ];
  const isCurrent =
    isListed(memberOf(sample, 'svn'), memberOf(reference, 'svn')) &&
    major !== undefined &&
    major === memberOf(reference, 'major_version') &&
    // A minimum that nobody registered is not met; the original's policy takes any version for greater than null.
    typeof minor === 'number' &&
    typeof least === 'number' &&
    minor >= least;
  return {
    'instance-identity': 0,
    configuration: memberOf(sample, 'debug') === false ? 2 : 36,
    executables: isListed(memberOf(sample, 'launch_digest'), memberOf(reference, 'launch_digest')) ? 3 : 33,
    'file-system': 0,
    hardware: isCurrent ? 2 : 97,
    'runtime-opaque': 0,
    'storage-opaque': 0,
    'sourced-data': 0,
  };
}

/**
 * The extension that the default policy adds to a CPU: images and users of the agent policy in the init-data.
 *
 * @param evidence - the annotated evidence of the CPU
 */
export function identifiers(evidence: JsonObject): JsonObject {
  const claims = memberOf(memberOf(evidence, 'init_data_claims'), 'agent_policy_claims');
  const containers = memberOf(claims, 'containers');
  const each = (...path: string[]): JsonValue[] =>
    (Array.isArray(containers) ? containers : []).flatMap((container) => {
      const value = path.reduce<JsonValue | undefined>(memberOf, container);
      return value === undefined ? [] : [value];
    });
  const images = each('OCI', 'Annotations', 'io.kubernetes.cri.image-name');
  const users = each('OCI', 'Process', 'User', 'UID');
  return {
    validated: {
      ...(images.length > 0 ? { container_images: images } : {}),
      ...(users.length > 0 ? { container_uids: users } : {}),
    },
  };
}

function isListed(value: JsonValue | undefined, list: JsonValue | undefined): boolean {
  return value !== undefined && Array.isArray(list) && list.includes(value);
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
