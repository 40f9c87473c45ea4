import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';

/** What a resource policy decides about. */
export interface PolicyInput {
  /** The plugin that would answer. */
  readonly plugin: string;
  /** The segments of the resource's path. */
  readonly path: readonly string[];
  /** The query of the request, one value for each name. */
  readonly query: Readonly<Record<string, string>>;
  /** The claims of the verified token. */
  readonly claims: JsonObject;
}

/** What it decided, and why, as a short code for the log. */
export interface PolicyDecision {
  readonly allow: boolean;
  readonly reason: string;
}

/** Decides whether attested claims may have a resource. A throw means that it could not decide, which refuses. */
export interface ResourcePolicy {
  /** What it is, for the log. */
  readonly name: string;
  /** Decide. */
  decide(input: PolicyInput): Promise<PolicyDecision> | PolicyDecision;
}

/** The policies that are there by name. */
export const BUILT_IN_POLICIES: ReadonlyMap<string, ResourcePolicy> = new Map(
  [
    // The original's default looks at no status: any TEE but the sample.
    builtIn('default', ({ claims }) => cpuEvidence(claims, 'sample') === undefined),
    builtIn('affirming', ({ claims }) => isAffirming(claims)),
    builtIn('allow_all', () => true),
    builtIn('deny_all', () => false),
  ].map((policy) => [policy.name, policy]),
);

function builtIn(name: string, grants: (input: PolicyInput) => boolean): ResourcePolicy {
  return {
    name,
    decide(input) {
      const allow = input.plugin === 'resource' && grants(input);
      return { allow, reason: `${allow ? 'allowed' : 'denied'}_by_${name}` };
    },
  };
}

/**
 * A member of what the CPU's evidence says.
 *
 * @param claims - the claims of a token
 * @param name - a kind of TEE, or `init_data` and its like
 */
export function cpuEvidence(claims: JsonObject, name: string): JsonValue | undefined {
  return memberOf(
    memberOf(memberOf(memberOf(claims, 'submods'), 'cpu0'), 'ear.veraison.annotated-evidence'),
    name,
  );
}

/**
 * Whether every device is affirming, and there is one. A device without a status is not; the original's policy of this name
 * lets it pass.
 *
 * @param claims - the claims of a token
 */
export function isAffirming(claims: JsonObject): boolean {
  const submods = memberOf(claims, 'submods');
  const devices = isJsonObject(submods) ? Object.values(submods) : [];
  return devices.length > 0 && devices.every((device) => memberOf(device, 'ear.status') === 'affirming');
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
