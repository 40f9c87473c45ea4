import { decodeUtf8 } from '@sealwright/bytes';
import {
  type CertificateIdentity,
  createRekorClient,
  logIdOf,
  parseCosignPublicKey,
  parseDetachedSct,
  parseTrustedRoot,
  type RekorClient,
  trustedAuthority,
  type TrustedAuthority,
  trustedLog,
  type TrustedLog,
  type TextMatcher,
  type TrustedRoot,
  type VerificationPolicy,
} from '@sealwright/cosign-sig';
import { decodePem, encodePem } from '@sealwright/der';
import { certificatesIn } from './certificate-files.js';
import { compileRegex, RegexSyntaxError } from '@sealwright/rego/regex';
import { about, CommandError } from './failure.js';
import type { VerificationFlags } from './identity-flags.js';
import type { Io } from './io.js';
import { publicKeyOf } from './keys.js';
import { cachedTarget } from './sigstore-cache.js';

/**
 * The policy that flags say.
 *
 * @param io - the world
 * @param flags - of the command
 */
export async function policyOf(io: Io, flags: VerificationFlags): Promise<VerificationPolicy> {
  const identity = identityOf(io, flags);
  if (flags.key !== undefined && identity !== undefined)
    throw new CommandError('give --key, or who must have signed, not both');
  const shared = {
    ...(flags.insecureIgnoreTlog === true ? { logEntries: 0 } : {}),
    // as cosign: where nobody says when it was signed, it was now
    ...(flags.insecureIgnoreTlog === true && identity !== undefined && flags.useSignedTimestamps !== true
      ? { times: 0, dangerouslyAssumeTime: new Date(io.now()) }
      : {}),
    ...(flags.insecureIgnoreSct === true ? { scts: 0 } : {}),
    ...(await detachedSct(io, flags)),
    ...(flags.useSignedTimestamps === true ? { timestamps: 1 } : {}),
  };
  if (identity !== undefined) return { identities: [identity], ...shared };
  if (flags.key !== undefined) return { keys: [await publicKeyOf(io, flags.key)], ...shared };
  throw new CommandError('--key is needed, or --certificate-identity and --certificate-oidc-issuer');
}

async function detachedSct(io: Io, { sct }: VerificationFlags): Promise<Partial<VerificationPolicy>> {
  if (sct === undefined || sct === '') return {};
  const bytes = await io.readFile(sct);
  return { detachedSct: await about(sct, () => parseDetachedSct(bytes)) };
}

/**
 * What is trusted, and enough of it for what is asked: the file of `--trusted-root`, or the files that variables of cosign name, or what
 * `sealwright initialize` fetched. Without any, only keys can be believed.
 *
 * @param io - the world
 * @param flags - of the command
 */
export async function trustedRootOf(io: Io, flags: VerificationFlags): Promise<TrustedRoot> {
  const root = await knownRootOf(io, flags);
  if (root !== undefined) return root;
  if (flags.key !== undefined && flags.insecureIgnoreTlog === true) return rootOfVariables(io);
  throw new CommandError(
    flags.key === undefined
      ? '--trusted-root is needed: the trusted_root.json of the Sigstore instance; or run `sealwright initialize` first'
      : '--trusted-root is needed for the transparency log: give it, or run `sealwright initialize` first, or --insecure-ignore-tlog to verify without the log',
  );
}

/**
 * What is trusted; `undefined` where nobody says so.
 *
 * @param io - the world
 * @param flags - of the command
 */
export async function knownRootOf(io: Io, flags: RootFlags): Promise<TrustedRoot | undefined> {
  const own = await ownAuthorities(io, flags);
  const path = flags.trustedRoot;
  if (path !== undefined) {
    const bytes = await io.readFile(path);
    return joined(await about(path, () => parseTrustedRoot(bytes)), own);
  }
  const root = joined(await rootOfVariables(io), own);
  if (Object.values(root).some((trusted) => trusted.length > 0)) return root;
  const cached = await cachedTarget(io, 'trusted_root.json');
  return cached === undefined ? undefined : about(cached.name, () => parseTrustedRoot(cached.bytes));
}

/**
 * The log of `--rekor-url`, to be asked for signatures that came without an entry; `undefined` where nobody is to be asked.
 *
 * @param io - the world
 * @param flags - of the command
 * @param root - that must list it
 */
export function askedLog(
  io: Io,
  { rekorUrl, offline, insecureIgnoreTlog }: VerificationFlags,
  root: TrustedRoot,
): RekorClient | undefined {
  if (rekorUrl === undefined || offline === true || insecureIgnoreTlog === true) return undefined;
  const log = trustedLogAt(root, rekorUrl);
  if (log === undefined)
    throw new CommandError(`--rekor-url: the trusted root does not list the log ${rekorUrl}`);
  const url = rekorUrl.replace(/\/$/, '');
  return createRekorClient({ url, fetch: (request) => io.fetch(request), log });
}

/**
 * The log of an address; PEM files do not tell addresses, so that the only log there is has to be it.
 *
 * @param root - that may list it
 * @param url - its address
 */
export function trustedLogAt({ tlogs }: TrustedRoot, url: string): TrustedLog | undefined {
  const bare = (text: string): string => text.replace(/\/$/, '');
  const [only, ...more] = tlogs;
  const named = tlogs.filter(({ baseUrl }) => bare(baseUrl) === bare(url));
  const today = named.find(({ validFor }) => validFor.end === undefined) ?? named[0];
  return today ?? (only?.baseUrl === '' && more.length === 0 ? only : undefined);
}

/** What flags add to what is trusted. */
async function ownAuthorities(io: Io, flags: RootFlags): Promise<OwnAuthorities> {
  const { caRoots, caIntermediates, certificateChain, timestampCertificateChain } = flags;
  if (caIntermediates !== undefined && caRoots === undefined)
    throw new CommandError('--ca-intermediates goes with --ca-roots');
  if (certificateChain !== undefined && caRoots !== undefined)
    throw new CommandError('give --certificate-chain or --ca-roots, not both');
  const between = caIntermediates === undefined ? [] : await certificatesIn(io, caIntermediates);
  const own = caRoots === undefined ? [] : await certificatesIn(io, caRoots);
  const roots = own.map((der) => trustedAuthority([...between, der]));
  const authority = async (path: string | undefined): Promise<readonly TrustedAuthority[]> => {
    if (path === undefined) return [];
    const chain = await certificatesIn(io, path);
    return [await about(path, () => trustedAuthority(chain))];
  };
  return {
    certificateAuthorities: [...roots, ...(await authority(certificateChain))],
    timestampAuthorities: await authority(timestampCertificateChain),
  };
}

function joined(root: TrustedRoot, own: OwnAuthorities): TrustedRoot {
  return {
    ...root,
    certificateAuthorities: [...root.certificateAuthorities, ...own.certificateAuthorities],
    timestampAuthorities: [...root.timestampAuthorities, ...own.timestampAuthorities],
  };
}

type OwnAuthorities = Pick<TrustedRoot, 'certificateAuthorities' | 'timestampAuthorities'>;

type RootFlags = Pick<
  VerificationFlags,
  'trustedRoot' | 'caRoots' | 'caIntermediates' | 'certificateChain' | 'timestampCertificateChain'
>;

/** PEM files of a Sigstore instance of one's own, by the variables that cosign has for them. */
async function rootOfVariables(io: Io): Promise<TrustedRoot> {
  const logs = async (variable: string): Promise<readonly TrustedLog[]> =>
    blocksOf(io, variable, (pem) => {
      const key = parseCosignPublicKey(pem);
      return trustedLog(key, logIdOf(key));
    });
  const authorities = async (variable: string): Promise<readonly TrustedAuthority[]> => {
    const chain = await blocksOf(io, variable, (pem) => decodePem(pem).map(({ bytes }) => bytes));
    return chain.length === 0 ? [] : [trustedAuthority(chain.flat())];
  };
  return {
    tlogs: await logs('SIGSTORE_REKOR_PUBLIC_KEY'),
    certificateAuthorities: await authorities('SIGSTORE_ROOT_FILE'),
    ctlogs: await logs('SIGSTORE_CT_LOG_PUBLIC_KEY_FILE'),
    timestampAuthorities: await authorities('SIGSTORE_TSA_CERTIFICATE_FILE'),
  };
}

/** Each block of the PEM file that a variable names, read. */
async function blocksOf<T>(io: Io, variable: string, read: (pem: string) => T): Promise<readonly T[]> {
  const path = io.env[variable] ?? '';
  if (path === '') return [];
  const bytes = await io.readFile(path);
  return about(`${variable}: ${path}`, () =>
    decodePem(decodeUtf8(bytes)).map(({ label, bytes: der }) => read(encodePem(label, der))),
  );
}

function identityOf(io: Io, flags: VerificationFlags): CertificateIdentity | undefined {
  const subject = ruleOf(io, flags.certificateIdentity, flags.certificateIdentityRegexp, 'identity');
  const issuer = ruleOf(io, flags.certificateOidcIssuer, flags.certificateOidcIssuerRegexp, 'oidc-issuer');
  if (subject === undefined && issuer === undefined) return undefined;
  if (subject === undefined || issuer === undefined)
    throw new CommandError('--certificate-identity and --certificate-oidc-issuer are needed together');
  const extensions = Object.fromEntries(
    (
      [
        ['githubWorkflowTrigger', flags.certificateGithubWorkflowTrigger],
        ['githubWorkflowSha', flags.certificateGithubWorkflowSha],
        ['githubWorkflowName', flags.certificateGithubWorkflowName],
        ['githubWorkflowRepository', flags.certificateGithubWorkflowRepository],
        ['githubWorkflowRef', flags.certificateGithubWorkflowRef],
      ] as const
    ).filter(([, value]) => value !== undefined),
  );
  return { issuer, subject, extensions };
}

/** As cosign has it, a pattern wins over a text, and fits anywhere. */
function ruleOf(
  io: Io,
  text: string | undefined,
  pattern: string | undefined,
  name: string,
): string | TextMatcher | undefined {
  if (pattern === undefined) return text;
  const flag = `--certificate-${name}-regexp`;
  if (!pattern.startsWith('^') || !pattern.endsWith('$'))
    io.err(`Warning: ${flag} fits anywhere in the text; begin it with ^ and end it with $\n`);
  try {
    const regex = compileRegex(pattern);
    return { pattern, test: (candidate) => regex.match(candidate, 0) !== undefined };
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new CommandError(`${flag}: ${error.message}`);
  }
}
