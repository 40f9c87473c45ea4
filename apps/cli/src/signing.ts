import { equalBytes } from '@sealwright/bytes';
import {
  bundleSigner,
  type BundleSigner,
  createBundleVerifier,
  createRekorClient,
  createRekorTilesClient,
  keylessSigner,
  parseSigningConfig,
  type RekorClient,
  type RekorTilesClient,
  requestTimestamp,
  selectServices,
  type ServiceOptions,
  type SignBundleOptions,
  type SigstoreBundle,
  type TrustedRoot,
  type VerificationPolicy,
} from '@sealwright/cosign-sig';
import { generateKeyPair, keySigner, type PrivateKey, type PublicKey } from '@sealwright/crypto';
import { parseCertificate } from '@sealwright/der';
import { certificatesIn } from './certificate-files.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import { identityTokenOf } from './identity-token.js';
import type { Io } from './io.js';
import { privateKeyOf } from './keys.js';
import { namesServices, SIGNING_ALGORITHMS, type SigningFlags } from './signing-flags.js';
import { signingConfigOf } from './sigstore-cache.js';
import { knownRootOf, trustedLogAt } from './verification.js';

/** Everything that a signature is made with. */
export interface Signing {
  /** What signs files. */
  readonly by: BundleSigner;
  /** What signs envelopes. */
  readonly byEnvelope: BundleSigner;
  /** The key that was given; `undefined` when one was made and certified for this once. */
  readonly key: PrivateKey | undefined;
  /** Logs that are to have it. */
  readonly logs: readonly (RekorClient | RekorTilesClient)[];
  /** The first of them that tags can hold an entry of. */
  readonly promisingLog: RekorClient | undefined;
  /** Authorities that are to stamp it. */
  readonly timestamps: NonNullable<SignBundleOptions['timestamps']>;
  /** Looks at what was made, as a verifier would. */
  accept(evidence: SigstoreBundle, artifact: { bytes: Uint8Array } | undefined): Promise<void>;
}

/**
 * Who signs and who vouches for it, by the flags of the command line.
 *
 * @param io - the world
 * @param flags - of the command line
 * @throws {@link CommandError}
 */
export async function signingOf(io: Io, flags: SigningFlags): Promise<Signing> {
  mustAgree(flags);
  const services = await servicesOf(io, flags);
  if (isCertified(flags) && services.logs.length + services.timestamps.length === 0)
    throw new CommandError(
      'a signature with a certificate made for this once needs a log or a timestamp: nobody could verify it',
    );
  const key = flags.key === undefined ? undefined : await privateKeyOf(io, flags.key);
  if (key !== undefined) mustBeOfAlgorithm(key.publicKey, flags);
  const by =
    key === undefined || flags.issueCertificate === true
      ? await certified(io, flags, services, key)
      : await withCertificate(io, flags, key);
  const { logs, timestamps, root } = services;
  return {
    by,
    byEnvelope: envelopeSigner(
      by,
      key,
      logs.some(({ version }) => version === 2),
    ),
    key,
    logs: logs.map(({ client }) => client),
    promisingLog: logs.find((log) => log.version === 1)?.client,
    timestamps,
    accept: async (evidence, artifact) => {
      if (flags.insecureSkipVerify === true || flags.certificate !== undefined) return;
      await mustHold(evidence, artifact, { by, root, isLogged: logs.length > 0 });
    },
  };
}

/** What would not be believed afterwards is not written. */
async function mustHold(
  evidence: SigstoreBundle,
  artifact: { readonly bytes: Uint8Array } | undefined,
  { by, root, isLogged }: { by: BundleSigner; root: TrustedRoot; isLogged: boolean },
): Promise<void> {
  const policy: VerificationPolicy = {
    ...(by.certificate === undefined
      ? { keys: [by.signer.publicKey] }
      : { dangerouslyAcceptAnyIdentity: true }),
    ...(artifact === undefined ? { dangerouslySkipArtifact: true } : {}),
    logEntries: isLogged ? 1 : 0,
  };
  try {
    await createBundleVerifier(root).verify(evidence, artifact, policy);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const message = `what was made would not be believed, so nothing was written: ${error.message}`;
    throw new CommandError(message, String(error.code), EXIT_FAILURE);
  }
}

interface Services {
  readonly root: TrustedRoot;
  readonly fulcio: ServiceOptions | undefined;
  /** Where to log in, as the signing config has it. */
  readonly issuer: string | undefined;
  readonly logs: readonly (
    | { readonly version: 1; readonly client: RekorClient }
    | { readonly version: 2; readonly client: RekorTilesClient }
  )[];
  readonly timestamps: Signing['timestamps'];
}

function mustAgree(flags: SigningFlags): void {
  if (flags.signingConfig !== undefined && flags.useSigningConfig === false)
    throw new CommandError('give --signing-config or --use-signing-config=false, not both');
  const isConfigured = flags.signingConfig !== undefined || flags.useSigningConfig === true;
  if (isConfigured && namesServices(flags))
    throw new CommandError('a signing config says which services to ask: leave out the --…-url flags');
  if (isConfigured && flags.tlogUpload === false)
    throw new CommandError(
      '--tlog-upload=false goes with --use-signing-config=false: else the signing config says whether there is a log',
    );
  if (flags.key !== undefined && flags.identityToken !== undefined && flags.issueCertificate !== true)
    throw new CommandError(
      'give --key or --identity-token, not both, unless --issue-certificate is there too',
    );
  if (flags.issueCertificate === true && flags.certificate !== undefined)
    throw new CommandError('give --certificate or --issue-certificate, not both');
  if (flags.certificate !== undefined && flags.key === undefined)
    throw new CommandError('--certificate goes with --key: it is the certificate of that key');
  if (flags.certificateChain !== undefined && flags.certificate === undefined)
    throw new CommandError('--certificate-chain goes with --certificate');
}

async function servicesOf(io: Io, flags: SigningFlags): Promise<Services> {
  const isNamed = flags.useSigningConfig === false || flags.tlogUpload === false || namesServices(flags);
  const services = isNamed ? namedServices(io, flags) : await configured(io, flags);
  const isAsked = services.logs.length + services.timestamps.length > 0 || isCertified(flags);
  const root = isAsked ? await rootOf(io, flags) : NOBODY;
  return {
    root,
    fulcio: services.fulcio,
    issuer: services.issuer,
    logs: services.logs.map(({ url, version }) => logClient(io, url, version, root, flags)),
    timestamps: services.timestamps.map(
      (url) => (signature) => requestTimestamp(serviceOf(io, url), signature),
    ),
  };
}

interface NamedServices {
  readonly fulcio: ServiceOptions | undefined;
  readonly issuer: string | undefined;
  readonly logs: readonly { readonly url: string; readonly version: number }[];
  readonly timestamps: readonly string[];
}

function namedServices(io: Io, flags: SigningFlags): NamedServices {
  for (const url of [flags.fulcioUrl, flags.rekorUrl, flags.timestampServerUrl])
    if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
      throw new CommandError(`${JSON.stringify(url)} is no URL of a service`);
  const rekor = flags.rekorUrl ?? 'https://rekor.sigstore.dev';
  const fulcio = flags.fulcioUrl ?? 'https://fulcio.sigstore.dev';
  return {
    fulcio: isCertified(flags) ? serviceOf(io, fulcio) : undefined,
    issuer: undefined,
    logs: flags.tlogUpload === false ? [] : [{ url: rekor.replace(/\/$/, ''), version: 1 }],
    timestamps: flags.timestampServerUrl === undefined ? [] : [flags.timestampServerUrl],
  };
}

async function configured(io: Io, flags: SigningFlags): Promise<NamedServices> {
  const { name, bytes } = await signingConfigOf(io, flags.signingConfig);
  return about(name, () => {
    const config = parseSigningConfig(bytes);
    const now = new Date(io.now());
    const rekor =
      config.rekorTlogUrls.length === 0
        ? []
        : selectServices(config.rekorTlogUrls, { now, versions: [1, 2], selection: config.rekorTlogConfig });
    const tsa =
      config.tsaUrls.length === 0
        ? []
        : selectServices(config.tsaUrls, { now, versions: [1], selection: config.tsaConfig });
    const [fulcio] = isCertified(flags) ? selectServices(config.caUrls, { now, versions: [1, 2] }) : [];
    const [issuer] =
      config.oidcUrls.length === 0 ? [] : selectServices(config.oidcUrls, { now, versions: [1] });
    return {
      fulcio: fulcio === undefined ? undefined : serviceOf(io, fulcio.url),
      issuer: issuer?.url,
      logs: rekor.map(({ url, majorApiVersion }) => ({ url, version: majorApiVersion })),
      timestamps: tsa.map(({ url }) => url),
    };
  });
}

async function rootOf(io: Io, flags: SigningFlags): Promise<TrustedRoot> {
  const { trustedRoot } = flags;
  const root = await knownRootOf(io, trustedRoot === undefined ? {} : { trustedRoot });
  if (root !== undefined) return root;
  if (flags.insecureSkipVerify === true) return NOBODY;
  throw new CommandError(
    '--trusted-root is needed, to verify what the services answer; or run `sealwright initialize` first',
  );
}

function logClient(
  io: Io,
  url: string,
  version: number,
  root: TrustedRoot,
  flags: SigningFlags,
): Services['logs'][number] {
  const log = trustedLogAt(root, url);
  const service = serviceOf(io, url);
  if (log === undefined && (version !== 1 || flags.insecureSkipVerify !== true))
    throw new CommandError(
      `the trusted root does not list the log ${url}`,
      'ERR_CLI_UNTRUSTED',
      EXIT_FAILURE,
    );
  if (version === 1 || log === undefined)
    return { version: 1, client: createRekorClient(log === undefined ? service : { ...service, log }) };
  return { version: 2, client: createRekorTilesClient({ ...service, log }) };
}

/** Envelopes are signed with plain Ed25519; only logs of version 2, which see no more than a hash, need the prehashed one. */
function envelopeSigner(by: BundleSigner, key: PrivateKey | undefined, isHashed: boolean): BundleSigner {
  if (key?.kind !== 'ed25519' || isHashed) return by;
  return { ...by, signer: keySigner(key), scheme: 'ed25519' };
}

async function withCertificate(io: Io, flags: SigningFlags, key: PrivateKey): Promise<BundleSigner> {
  const by = bundleSigner(key);
  if (flags.certificate === undefined) return by;
  const [certificate, ...rest] = await certificatesIn(io, flags.certificate);
  const { spki } = parseCertificate(certificate);
  if (!equalBytes(spki, key.publicKey.spki))
    throw new CommandError(`${flags.certificate}: it is of another key`, 'ERR_CLI_KEY', EXIT_FAILURE);
  const chain =
    flags.certificateChain === undefined ? rest : await certificatesIn(io, flags.certificateChain);
  return { ...by, certificate, chain };
}

async function certified(
  io: Io,
  flags: SigningFlags,
  { fulcio, issuer }: Pick<Services, 'fulcio' | 'issuer'>,
  key: PrivateKey | undefined,
): Promise<BundleSigner> {
  if (fulcio === undefined) throw new CommandError('the signing config lists no authority that certifies');
  const { signingAlgorithm } = flags;
  const wanted = signingAlgorithm === undefined ? undefined : SIGNING_ALGORITHMS[signingAlgorithm];
  const made = key ?? (wanted === undefined ? undefined : await generateKeyPair(wanted.kind, wanted));
  return keylessSigner(fulcio, await identityTokenOf(io, flags, issuer), made);
}

/** Whether an authority is asked for a certificate. */
function isCertified(flags: SigningFlags): boolean {
  return flags.key === undefined || flags.issueCertificate === true;
}

function mustBeOfAlgorithm({ kind, bits }: PublicKey, { signingAlgorithm: name }: SigningFlags): void {
  const wanted = name === undefined ? undefined : SIGNING_ALGORITHMS[name];
  if (wanted === undefined || (wanted.kind === kind && (wanted.bits ?? bits) === bits)) return;
  throw new CommandError(
    `--signing-algorithm is ${name ?? ''}, but --key is of the kind ${kind}`,
    'ERR_CLI_KEY',
    EXIT_FAILURE,
  );
}

function serviceOf(io: Io, url: string): ServiceOptions {
  return { url: url.replace(/\/$/, ''), fetch: (request) => io.fetch(request) };
}

const NOBODY: TrustedRoot = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
