import {
  createRekorClient,
  logIdOf,
  type NamedLogEntry,
  parseCosignPublicKey,
  parseEntryBody,
  type RekorClient,
  trustedLog,
  type TrustedLog,
} from '@sealwright/cosign-sig';
import { decodeUtf8, encodeHex, equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { parseEnvelope } from '@sealwright/in-toto';
import { type Command, Option } from 'commander';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { publicKeyOf } from './keys.js';

/** Flags that commands about a log share. */
export interface RekorFlags {
  readonly rekorServer?: string;
  readonly rekor_server?: string;
  readonly rekorServerPublicKey?: string;
  readonly format: 'default' | 'json' | 'tle';
  readonly json?: boolean;
}

/**
 * Add the flags of rekor-cli that say which log, and how results are printed.
 *
 * @param to - the command
 * @param options - how they can be
 */
export function rekorFlags(to: Command, { formats = ['default', 'json'] }: FormatChoice = {}): Command {
  return to
    .option(
      '--rekor-server <url>',
      'the log; also --rekor_server (default: REKOR_REKOR_SERVER, else https://rekor.sigstore.dev)',
    )
    .addOption(new Option('--rekor_server <url>').hideHelp())
    .option(
      '--rekor-server-public-key <key>',
      'its key: a file, env://NAME or https://…; else the log is asked for it',
    )
    .addOption(new Option('--format <format>', 'how results are printed').choices(formats).default('default'))
    .addOption(new Option('--store_tree_state [boolean]').hideHelp())
    .addOption(new Option('--retry <times>').hideHelp());
}

interface FormatChoice {
  readonly formats?: readonly RekorFlags['format'][];
}

/**
 * The log, and a client of it that believes nothing that its key did not sign. As rekor-cli, it asks the log for a key that was not
 * given.
 *
 * @param io - the world
 * @param flags - of the command
 */
export async function rekorOf(
  io: Io,
  flags: RekorFlags,
): Promise<{ client: RekorClient; log: TrustedLog; url: string }> {
  const given = flags.rekor_server ?? flags.rekorServer ?? io.env['REKOR_REKOR_SERVER'] ?? '';
  const url = (given === '' ? 'https://rekor.sigstore.dev' : given).replace(/\/$/, '');
  if (!URL.canParse(url)) throw new CommandError(`--rekor-server: ${url} is no URL`);
  const service = { url, fetch: (request: Request) => io.fetch(request) };
  const known = flags.rekorServerPublicKey;
  const key =
    known === undefined ? await createRekorClient(service).publicKey() : await publicKeyOf(io, known);
  const log = trustedLog(key, logIdOf(key), { baseUrl: url });
  return { client: createRekorClient({ ...service, log }), log, url };
}

/**
 * The attestation beside an entry, which nobody signed: it counts only where the entry has the hash of it. Logs that keep none may
 * be helped out with the envelope from elsewhere.
 *
 * @param entry - verified
 * @param envelope - the DSSE envelope or its payload, from a registry or an annotation
 */
export function attestationOf(entry: NamedLogEntry, envelope: Uint8Array | undefined): string {
  const { payload } = parseEntryBody(entry);
  const candidates = [entry.attestation, envelope, envelope === undefined ? undefined : payloadIn(envelope)];
  const found = candidates.find(
    (bytes) =>
      bytes !== undefined &&
      payload !== undefined &&
      equalBytes(digest(payload.algorithm, bytes), payload.value),
  );
  if (found === undefined && (entry.attestation !== undefined || envelope !== undefined)) {
    const hash = payload === undefined ? 'none' : encodeHex(payload.value);
    throw new CommandError(
      `the attestation is not the one of the entry, whose hash is ${hash}`,
      'ERR_CLI_ATTESTATION',
      EXIT_FAILURE,
    );
  }
  return found === undefined ? '' : decodeUtf8(found);
}

function payloadIn(envelope: Uint8Array): Uint8Array | undefined {
  try {
    return parseEnvelope(envelope, { mode: 'tolerant' }).payload;
  } catch {
    return undefined; // then it is the payload itself, or nothing
  }
}

/**
 * The one entry that flags name.
 *
 * @param client - of the log
 * @param flags - index or identifier
 */
export async function entryOf(
  client: RekorClient,
  flags: { readonly logIndex?: string; readonly uuid?: string },
): Promise<NamedLogEntry> {
  if ((flags.logIndex === undefined) === (flags.uuid === undefined))
    throw new CommandError('give --log-index or --uuid');
  if (flags.logIndex !== undefined && !/^\d{1,15}$/.test(flags.logIndex))
    throw new CommandError('--log-index is a number');
  const entry =
    flags.uuid === undefined
      ? await client.getByIndex(Number(flags.logIndex))
      : await client.getById(flags.uuid.toLowerCase());
  if (entry === undefined)
    throw new CommandError('the log has no such entry', 'ERR_CLI_NO_ENTRY', EXIT_FAILURE);
  return entry;
}

/**
 * The key or certificate of a signature, as its file is.
 *
 * @param io - the world
 * @param path - of the file
 */
export async function verifierPemOf(io: Io, path: string): Promise<string> {
  const text = decodeUtf8(await io.readFile(path));
  if (!text.includes('-----BEGIN CERTIFICATE-----')) parseCosignPublicKey(text);
  return text;
}
