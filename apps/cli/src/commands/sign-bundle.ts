import { encodeUtf8 } from '@sealwright/bytes';
import {
  bundleSigner,
  type BundleSigner,
  createBundleVerifier,
  createRekorClient,
  createRekorTilesClient,
  environmentToken,
  fileToken,
  firstToken,
  githubToken,
  keylessSigner,
  parseSigningConfig,
  parseTrustedRoot,
  requestTimestamp,
  selectServices,
  type ServiceOptions,
  signBlob,
  type SignBundleOptions,
  type SignedBundle,
  signEnvelopeBundle,
  type SigningConfig,
  type TrustedRoot,
} from '@sealwright/cosign-sig';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { withoutEffect } from '../cosign-flags.js';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { privateKeyOf } from '../keys.js';

interface SignFlags {
  readonly bundle?: string;
  readonly key?: string;
  readonly identityToken?: string;
  readonly trustedRoot?: string;
  readonly signingConfig?: string;
  readonly inToto?: boolean;
  readonly tlogUpload: boolean;
  readonly json?: boolean;
}

/** `sign-bundle`: a file into a Sigstore bundle, in the protocol of the client conformance suite. */
export function signBundle(io: Io): Command {
  const flags = signFlags(
    command('sign-bundle <artifact>', 'Sign a file into a Sigstore bundle, without a key of one’s own.', [
      'sealwright sign-bundle --identity-token "$TOKEN" --signing-config signing_config.json --trusted-root trusted_root.json --bundle app.sigstore.json app',
    ]),
  )
    .option('--in-toto', 'the file is a statement: sign it in an envelope')
    .option(
      '--identity-token <token>',
      'who signs; else SIGSTORE_ID_TOKEN, a token of GitHub Actions, or a file of cosign',
    );
  return withoutEffect(flags, ['--staging']).action(async (artifact: string, options: SignFlags) => {
    await signTo(io, artifact, { ...options, tlogUpload: true });
  });
}

/** `sign-blob`: a file into a Sigstore bundle, with a key or without. */
export function signBlobCommand(io: Io): Command {
  const flags = signFlags(
    command('sign-blob <artifact>', 'Sign a file into a Sigstore bundle.', [
      'sealwright sign-blob --key cosign.key --tlog-upload=false --bundle app.sigstore.json app',
    ]),
  )
    .option(
      '--key <key>',
      'private key: a file or env://NAME; without it, a key is made and certified for this once',
    )
    .option('--identity-token <token>', 'who signs, without a key')
    .option('--no-tlog-upload', 'sign with the key alone: no log, no timestamp');
  return withoutEffect(flags, ['-y, --yes', '--new-bundle-format', '--use-signing-config']).action(
    async (artifact: string, options: SignFlags) => signTo(io, artifact, options),
  );
}

function signFlags(to: Command): Command {
  return to
    .option('--bundle <file>', 'where the bundle goes')
    .option('--signing-config <file>', 'signing_config.json: which services to ask')
    .option('--trusted-root <file>', 'trusted_root.json: what their answers are held to');
}

async function signTo(io: Io, artifact: string, options: SignFlags): Promise<void> {
  const path = options.bundle;
  if (path === undefined) throw new CommandError('--bundle is needed: where the bundle goes');
  const bytes = await io.readFile(artifact);
  const services =
    options.tlogUpload || options.key === undefined ? await servicesOf(io, options) : undefined;
  const by =
    options.key === undefined
      ? await certified(io, options, services?.config)
      : bundleSigner(await privateKeyOf(io, options.key));
  const asked: SignBundleOptions = { by, logs: services?.logs ?? [], timestamps: services?.timestamps ?? [] };
  const signed =
    options.inToto === true ? await signEnvelopeBundle(bytes, asked) : await signBlob(bytes, asked);
  await mustHold(signed, bytes, by, services?.root, options.inToto === true);
  await io.writeFiles([{ path, bytes: encodeUtf8(`${signed.json}\n`), mode: 0o644 }]);
  const entry = signed.bundle.logEntries[0];
  const text = entry === undefined ? '' : `tlog entry created with index: ${entry.logIndex}\n`;
  if (options.json !== true) io.err(`${text}Wrote bundle to file ${path}\n`);
  print(io, options.json, { bundle: path, logIndex: entry?.logIndex }, '');
}

/** What would not be believed afterwards is not written. */
async function mustHold(
  { bundle }: SignedBundle,
  bytes: Uint8Array,
  by: BundleSigner,
  root: TrustedRoot | undefined,
  isStatement: boolean,
): Promise<void> {
  const trusted = root ?? { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  await createBundleVerifier(trusted).verify(bundle, isStatement ? undefined : { bytes }, {
    ...(by.certificate === undefined
      ? { keys: [by.signer.publicKey] }
      : { dangerouslyAcceptAnyIdentity: true }),
    ...(isStatement ? { dangerouslySkipArtifact: true } : {}),
    logEntries: bundle.logEntries.length === 0 ? 0 : 1,
  });
}

interface Services extends Required<Pick<SignBundleOptions, 'logs' | 'timestamps'>> {
  readonly config: SigningConfig;
  readonly root: TrustedRoot;
}

async function servicesOf(io: Io, options: SignFlags): Promise<Services> {
  if (options.signingConfig === undefined || options.trustedRoot === undefined)
    throw new CommandError(
      '--signing-config and --trusted-root are needed, or --key with --tlog-upload=false',
    );
  const [configPath, rootPath] = [options.signingConfig, options.trustedRoot];
  const [configBytes, rootBytes] = [await io.readFile(configPath), await io.readFile(rootPath)];
  const config = await about(configPath, () => parseSigningConfig(configBytes));
  const root = await about(rootPath, () => parseTrustedRoot(rootBytes));
  const now = new Date(io.now());
  const selectLogs = { now, versions: [1, 2], selection: config.rekorTlogConfig };
  const logs = selectServices(config.rekorTlogUrls, selectLogs).map(({ url, majorApiVersion }) => {
    const log = root.tlogs.find(({ baseUrl }) => baseUrl.replace(/\/$/, '') === url.replace(/\/$/, ''));
    if (log === undefined) throw new CommandError(`${rootPath} does not list the log ${url}`);
    const reach = { ...serviceOf(io, url), log };
    return majorApiVersion === 1 ? createRekorClient(reach) : createRekorTilesClient(reach);
  });
  const stamps =
    config.tsaUrls.length === 0
      ? []
      : selectServices(config.tsaUrls, { now, versions: [1], selection: config.tsaConfig });
  const timestamps = stamps.map(
    ({ url }): NonNullable<SignBundleOptions['timestamps']>[number] =>
      (signature) =>
        requestTimestamp(serviceOf(io, url), signature),
  );
  return { config, root, logs, timestamps };
}

async function certified(
  io: Io,
  options: SignFlags,
  config: SigningConfig | undefined,
): Promise<BundleSigner> {
  const [fulcio] = selectServices(config?.caUrls ?? [], { now: new Date(io.now()), versions: [1, 2] });
  if (fulcio === undefined) throw new CommandError('--signing-config lists no authority');
  const token = options.identityToken ?? (await firstToken(providersOf(io)));
  return keylessSigner(serviceOf(io, fulcio.url), token);
}

function providersOf(io: Io): Parameters<typeof firstToken>[0] {
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    (await io.exists(path)) ? io.readFile(path) : undefined;
  return [
    githubToken(io.env, { fetch: (request) => io.fetch(request) }),
    fileToken(read),
    environmentToken(io.env),
  ];
}

function serviceOf(io: Io, url: string): ServiceOptions {
  return { url, fetch: (request) => io.fetch(request) };
}
