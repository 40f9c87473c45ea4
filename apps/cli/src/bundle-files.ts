import { encodeUtf8 } from '@sealwright/bytes';
import {
  bundleHint,
  createRekorClient,
  encodeBundle,
  type LogEntry,
  lookUpEntry,
  parseBundle,
  parseLegacyBundle,
  type RekorClient,
  type SigstoreBundle,
} from '@sealwright/cosign-sig';
import { digest, type PublicKey } from '@sealwright/crypto';
import { parseEnvelope } from '@sealwright/in-toto';
import { print } from './command.js';
import { detachedEvidence } from './detached.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { publicKeyOf } from './keys.js';
import { knownRootOf, trustedLogAt } from './verification.js';

/** The flags of `bundle upgrade`. */
export interface UpgradeBundleFlags {
  readonly rekorUrl?: string;
  readonly trustedRoot?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The flags of `bundle create`. */
export interface CreateBundleFlags extends UpgradeBundleFlags {
  readonly artifact?: string;
  readonly signature?: string;
  readonly attestation?: string;
  readonly bundle?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly rfc3161Timestamp?: string;
  readonly ignoreTlog?: boolean;
}

/**
 * Make a bundle out of what stands in files.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function createBundle(io: Io, flags: CreateBundleFlags): Promise<void> {
  const key = flags.key === undefined ? undefined : await publicKeyOf(io, flags.key);
  const artifact = flags.artifact === undefined ? undefined : await io.readFile(flags.artifact);
  const evidence = withMaterial(await evidenceOf(io, flags, artifact), key);
  const logEntries = flags.ignoreTlog === true ? [] : await entriesOf(io, flags, evidence, artifact, key);
  await write(io, flags, encodeBundle({ ...evidence, logEntries }));
}

/**
 * Write an older bundle in today's version.
 *
 * @param io - the world
 * @param file - its name
 * @param flags - of the command line
 */
export async function upgradeBundle(io: Io, file: string, flags: UpgradeBundleFlags): Promise<void> {
  const bytes = await io.readFile(file);
  const bundle = await about(file, () => parseBundle(bytes));
  const logEntries: LogEntry[] = [];
  for (const entry of bundle.logEntries) logEntries.push(await withProof(io, flags, entry));
  await write(io, flags, await about(file, () => encodeBundle({ ...bundle, logEntries })));
}

async function evidenceOf(
  io: Io,
  flags: CreateBundleFlags,
  artifact: Uint8Array | undefined,
): Promise<SigstoreBundle> {
  const { attestation, bundle, signature } = flags;
  if (flags.key === undefined && flags.certificate === undefined && bundle === undefined)
    throw new CommandError('--key or --certificate is needed: of who signed');
  if ([attestation, bundle, signature].filter((path) => path !== undefined).length !== 1)
    throw new CommandError('give one of --signature, --attestation and --bundle');
  if (attestation !== undefined) {
    const [found] = await detachedEvidence(io, { ...flags, signature: attestation }, 'attestation');
    if (found === undefined)
      throw new CommandError(`${attestation}: it is not signed by anybody`, 'ERR_CLI_UNSIGNED', EXIT_FAILURE);
    return found;
  }
  const found = bundle === undefined ? await detachedSignature(io, flags) : await legacyBundle(io, bundle);
  if (found.content.kind === 'dsse') return found;
  if (artifact === undefined) throw new CommandError('--artifact is needed: what was signed');
  return {
    ...found,
    content: { ...found.content, digest: { algorithm: 'SHA2_256', value: digest('sha256', artifact) } },
  };
}

async function detachedSignature(io: Io, flags: CreateBundleFlags): Promise<SigstoreBundle> {
  const [found] = await detachedEvidence(io, flags, 'signature');
  if (found === undefined) throw new CommandError('--signature is needed');
  return found;
}

/** What cosign 2 calls a signature there may be an envelope. */
async function legacyBundle(io: Io, path: string): Promise<SigstoreBundle> {
  const bytes = await io.readFile(path);
  return about(path, () => {
    const bundle = parseLegacyBundle(bytes);
    const { content } = bundle;
    if (content.kind !== 'message' || content.signature[0] !== 0x7b) return bundle;
    return { ...bundle, content: { kind: 'dsse', envelope: parseEnvelope(content.signature) } };
  });
}

function withMaterial(evidence: SigstoreBundle, key: PublicKey | undefined): SigstoreBundle {
  if (key !== undefined) return { ...evidence, material: { kind: 'publicKey', hint: bundleHint(key) } };
  return evidence;
}

async function entriesOf(
  io: Io,
  flags: CreateBundleFlags,
  evidence: SigstoreBundle,
  payload: Uint8Array | undefined,
  key: PublicKey | undefined,
): Promise<readonly LogEntry[]> {
  if (evidence.logEntries.length > 0) {
    const entries: LogEntry[] = [];
    for (const entry of evidence.logEntries) entries.push(await withProof(io, flags, entry));
    return entries;
  }
  const { logEntries } = await lookUpEntry(evidence, {
    log: await logOf(io, flags, 'give --ignore-tlog, or --rekor-url to ask a log for the entry'),
    ...(payload === undefined ? {} : { payload }),
    ...(key === undefined ? {} : { keys: [key] }),
  });
  if (logEntries.length > 0) return logEntries;
  throw new CommandError(
    `${flags.rekorUrl ?? ''} has no entry of this signature: is --artifact what was signed?`,
    'ERR_CLI_NO_ENTRY',
    EXIT_FAILURE,
  );
}

async function withProof(io: Io, flags: UpgradeBundleFlags, entry: LogEntry): Promise<LogEntry> {
  if ((entry.inclusionProof?.checkpoint ?? '') !== '') return entry;
  const log = await logOf(io, flags, 'its entry has no proof: give --rekor-url to ask the log for one');
  const found = await log.getByIndex(entry.logIndex);
  if (found !== undefined) return found;
  throw new CommandError(
    `${flags.rekorUrl ?? ''} has no entry ${entry.logIndex}`,
    'ERR_CLI_NO_ENTRY',
    EXIT_FAILURE,
  );
}

async function logOf(io: Io, flags: UpgradeBundleFlags, otherwise: string): Promise<RekorClient> {
  const { rekorUrl, trustedRoot } = flags;
  if (rekorUrl === undefined) throw new CommandError(otherwise);
  const root = await knownRootOf(io, trustedRoot === undefined ? {} : { trustedRoot });
  const log = root === undefined ? undefined : trustedLogAt(root, rekorUrl);
  if (log === undefined)
    throw new CommandError(
      `--rekor-url: no trusted root lists ${rekorUrl}: give --trusted-root, or run \`sealwright initialize\``,
    );
  return createRekorClient({ url: rekorUrl.replace(/\/$/, ''), fetch: (request) => io.fetch(request), log });
}

async function write(io: Io, { out, json }: UpgradeBundleFlags, text: string): Promise<void> {
  if (out === undefined) return io.out(`${text}\n`);
  await io.writeFiles([{ path: out, bytes: encodeUtf8(`${text}\n`), mode: 0o644 }]);
  if (json !== true) io.err(`Wrote bundle to file ${out}\n`);
  print(io, json, { bundle: out }, '');
}
