/**
 * Who answers whether images are signed, and what evaluates policies over content.
 *
 * @module
 */
import { decodeUtf8 } from '@sealwright/bytes';
import { parseTrustedRoot, type TextMatcher, type TrustedRoot } from '@sealwright/cosign-sig';
import {
  type Authority,
  contentEvaluator,
  type ContentEvaluator,
  type CueEngine,
  keyAuthority,
  type NamedTrustRoot,
  type RegoEngine,
  sigstoreAuthority,
} from '@sealwright/cosign-sig/policy';
import type { RegistryClient } from '@sealwright/oci';
import type { CueJudge } from '../cue/cue-judge.js';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';

/** Where what is trusted is. */
export interface TrustFlags {
  readonly trustedRoot?: string;
  readonly trustRoot?: readonly string[];
  readonly resource?: readonly string[];
}

/** Keys need nobody's trust but the policy's own; logs and certificates do. */
export async function authorityOf(
  io: Io,
  registry: RegistryClient,
  flags: TrustFlags,
  { regExp, named }: { regExp: (pattern: string) => TextMatcher; named: readonly NamedTrustRoot[] },
): Promise<Authority> {
  const read = async (file: string): Promise<TrustedRoot> =>
    about(file, async () => parseTrustedRoot(await io.readFile(file)));
  const trustedRoot = flags.trustedRoot === undefined ? NOBODY : await read(flags.trustedRoot);
  const secret = async (name: string, namespace: string): Promise<string> =>
    decodeUtf8(await resource(io, `k8s://${namespace}/${name}`, flags.resource ?? []));
  const kms = async (uri: string) => {
    const { parseCosignPublicKey } = await import('@sealwright/cosign-sig');
    return parseCosignPublicKey(decodeUtf8(await resource(io, uri, flags.resource ?? [])));
  };
  const bySigstore = sigstoreAuthority(registry, {
    trustedRoot,
    regExp,
    now: () => io.now(),
    secret,
    kms,
    trustRoots: async (name) => {
      const entry = (flags.trustRoot ?? []).find((each) => each.startsWith(`${name}=`));
      const own = named.find((each) => each.name === name);
      if (entry === undefined && own !== undefined) return own.root;
      if (entry === undefined)
        throw new CommandError(`what ${name} trusts has to be given: --trust-root ${name}=<file>`);
      return read(entry.slice(name.length + 1));
    },
  });
  if (flags.trustedRoot !== undefined) return bySigstore;
  const byKey = keyAuthority(registry, { secret, kms });
  return async (request) => {
    const { subject, log } = request;
    const named = log.rekorKey ?? log.timestampChain ?? log.rekorTrustRoot ?? log.timestampTrustRoot;
    return subject.kind === 'key' && named === undefined ? byKey(request) : bySigstore(request);
  };
}

/**
 * Evaluates policies of a `ClusterImagePolicy` over content as policy-controller does: Rego before version 1, where faults make a line
 * undefined; CUE by the program `cue`, which is looked for when the first of them asks.
 */
export async function evaluatorOf(io: Io, given: readonly string[]): Promise<ContentEvaluator> {
  const [{ preparePolicy, toJson }, { FUNCTIONS }] = await Promise.all([
    import('@sealwright/rego'),
    import('@sealwright/rego/functions'),
  ]);
  const rego: RegoEngine = (text, query, input) => {
    const policy = preparePolicy([{ file: 'policy.rego', text }], { version: 'v0', functions: FUNCTIONS });
    const value = policy.value(query, { input, now: io.now(), strict: false });
    return value === undefined ? undefined : toJson(value);
  };
  let judge: Promise<CueJudge> | undefined;
  const cue: CueEngine = async (text, content) => {
    const { cueJudge } = await import('../cue/cue-judge.js');
    judge ??= cueJudge(io);
    return (await judge)([{ file: 'policy.cue', text }], JSON.stringify(content));
  };
  return contentEvaluator({
    rego,
    cue,
    fetchPolicy: async ({ configMap, remote }) =>
      resource(io, remote?.url ?? `configmap/${configMap?.name ?? ''}`, given),
  });
}

/** What a policy names: a file of its own, or the file that the command line gives for it. */
export async function resource(io: Io, path: string, given: readonly string[]): Promise<Uint8Array> {
  const entry = given.find((each) => each.startsWith(`${path}=`));
  if (entry !== undefined) return io.readFile(entry.slice(path.length + 1));
  if (path.startsWith('file://')) return io.readFile(path.slice(7));
  if (path.includes('://')) throw new CommandError(`${path} has to be given: --resource ${path}=<file>`);
  return io.readFile(path);
}

const NOBODY: TrustedRoot = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
