import { decodeHex, decodeUtf8, encodeHex } from '@sealwright/bytes';
import {
  leafHash,
  parseCheckpoint,
  type ProposedEntry,
  proposeDsse,
  proposeHashedRekord,
  proposeIntoto,
  verifyCheckpoint,
} from '@sealwright/cosign-sig';
import { digest } from '@sealwright/crypto';
import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { entryJson, entryText, inclusionText, logText, shownOf } from '../rekor-text.js';
import { attestationOf, entryOf, rekorFlags, type RekorFlags, rekorOf, verifierPemOf } from '../rekor-log.js';

interface EntryFlags extends RekorFlags {
  readonly logIndex?: string;
  readonly uuid?: string;
  readonly envelope?: string;
}

/** `rekor get`: one entry, verified. */
export function rekorGet(io: Io): Command {
  const flags = command('get', 'Fetch an entry of a transparency log and verify it.', [
    'sealwright rekor get --log-index 232330257 --format json | jq -r .Attestation | jq .',
    'sealwright rekor get --uuid 108e9186e8c5677a… --rekor-server https://rekor.example.com',
  ])
    .option('--log-index <number>', 'index of the entry')
    .option('--uuid <id>', 'identifier of the entry')
    .option(
      '--envelope <file>',
      'the attestation, for logs that keep only its hash: an envelope or its payload',
    );
  return rekorFlags(flags, { formats: ['default', 'json', 'tle'] }).action(async (options: EntryFlags) => {
    const { client } = await rekorOf(io, options);
    const entry = await entryOf(client, options);
    const envelope = options.envelope === undefined ? undefined : await io.readFile(options.envelope);
    const shown = shownOf(entry, attestationOf(entry, envelope));
    if (options.format === 'tle') io.out(`${entryJson(entry)}\n`);
    else if (asJson(options)) io.out(`${JSON.stringify(shown)}\n`);
    else io.out(entryText(shown));
  });
}

interface SearchFlags extends RekorFlags {
  readonly sha?: string;
  readonly artifact?: string;
  readonly email?: string;
  readonly subject?: string;
  readonly publicKey?: string;
  readonly pkiFormat: 'pgp' | 'minisign' | 'x509' | 'ssh' | 'tuf';
  readonly operator?: 'and' | 'or';
}

/** `rekor search`: identifiers of entries. */
export function rekorSearch(io: Io): Command {
  const flags = command('search', 'Find entries of a transparency log.', [
    'sealwright rekor search --sha da4885861a8304abad71fcdd569c92daf33422073d1102013a1fed615dfb285a',
    'sealwright rekor search --email me@example.com --artifact app --operator and',
  ])
    .option('--sha <hash>', 'hash of what was signed: 40, 64 or 128 digits, sha256: in front or not')
    .option('--artifact <file>', 'what was signed')
    .option('--email <address>', 'who signed')
    .option('--subject <text>', 'subject of the certificate')
    .option('--public-key <file>', 'key or certificate')
    .addOption(
      new Option('--pki-format <format>', 'of the key')
        .choices(['pgp', 'minisign', 'x509', 'ssh', 'tuf'])
        .default('x509'),
    )
    .addOption(new Option('--operator <operator>', 'whether all or any must fit').choices(['and', 'or']));
  return rekorFlags(flags).action(async (options: SearchFlags) => {
    const { client } = await rekorOf(io, options);
    const { sha, artifact, email, subject, publicKey, operator } = options;
    if (sha !== undefined && artifact !== undefined)
      throw new CommandError('give --sha or --artifact, not both');
    const hash =
      artifact === undefined
        ? sha?.toLowerCase()
        : `sha256:${encodeHex(digest('sha256', await io.readFile(artifact)))}`;
    if ([hash, email, subject, publicKey].every((value) => value === undefined))
      throw new CommandError('give --sha, --artifact, --email, --subject or --public-key');
    const uuids = await client.search({
      ...(hash === undefined ? {} : { hash }),
      ...(email === undefined ? {} : { email }),
      ...(subject === undefined ? {} : { subject }),
      ...(operator === undefined ? {} : { operator }),
      ...(publicKey === undefined
        ? {}
        : { publicKey: { format: options.pkiFormat, content: await io.readFile(publicKey) } }),
    });
    if (uuids.length === 0)
      throw new CommandError('no matching entries found', 'ERR_CLI_NO_ENTRY', EXIT_FAILURE);
    if (asJson(options)) io.out(`${JSON.stringify({ UUIDs: uuids })}\n`);
    else {
      io.err('Found matching entries (listed by UUID):\n');
      io.out(uuids.map((uuid) => `${uuid}\n`).join(''));
    }
  });
}

interface UploadFlags extends EntryFlags {
  readonly type: 'hashedrekord' | 'dsse' | 'intoto';
  readonly artifact?: string;
  readonly artifactHash?: string;
  readonly signature?: string;
  readonly publicKey?: string;
}

/** `rekor upload`: log a signature. */
export function rekorUpload(io: Io): Command {
  const flags = command('upload', 'Log a signature, and verify that the log has it.', [
    'sealwright rekor upload --artifact app --signature app.sig --public-key cosign.pub',
    'sealwright rekor upload --type intoto --artifact provenance.dsse.json --public-key cosign.pub',
  ]);
  return rekorFlags(materialFlags(flags)).action(async (options: UploadFlags) => {
    const proposed = await proposedOf(io, options);
    const { client, url } = await rekorOf(io, options);
    const { entry, existed } = await client.upload(proposed);
    const location = `/api/v1/log/entries/${entry.entryId}`;
    const text = existed
      ? `Entry already exists; available at: ${url}${location}\n`
      : `Created entry at index ${entry.logIndex}, available at: ${url}${location}\n`;
    const said = { AlreadyExists: existed, Location: location, Index: entry.logIndex, UUID: entry.entryId };
    io.out(asJson(options) ? `${JSON.stringify(said)}\n` : text);
  });
}

/** `rekor verify`: that a log has an entry. */
export function rekorVerify(io: Io): Command {
  const flags = command('verify', 'Verify that a transparency log has an entry.', [
    'sealwright rekor verify --log-index 232330257',
    'sealwright rekor verify --artifact app --signature app.sig --public-key cosign.pub',
  ])
    .option('--log-index <number>', 'index of the entry')
    .option('--uuid <id>', 'identifier of the entry');
  return rekorFlags(materialFlags(flags)).action(async (options: UploadFlags) => {
    const byPlace = options.logIndex !== undefined || options.uuid !== undefined;
    const { client } = await rekorOf(io, options);
    const [entry] = byPlace
      ? [await entryOf(client, options)]
      : await client.retrieve({ entries: [await proposedOf(io, options)] });
    if (entry === undefined)
      throw new CommandError('the log has no such entry', 'ERR_CLI_NO_ENTRY', EXIT_FAILURE);
    const { inclusionProof } = entry;
    if (inclusionProof === undefined)
      throw new CommandError('the log gave no proof', 'ERR_CLI_NO_ENTRY', EXIT_FAILURE);
    const shown = {
      EntryUUID: entry.entryId,
      EntryHash: encodeHex(leafHash(entry.body)),
      Index: inclusionProof.logIndex,
      LogIndex: entry.logIndex,
      RootHash: encodeHex(inclusionProof.rootHash),
      Size: inclusionProof.treeSize,
      Hashes: inclusionProof.hashes.map(encodeHex),
      Checkpoint: inclusionProof.checkpoint,
    };
    io.out(asJson(options) ? `${JSON.stringify(shown)}\n` : inclusionText(shown));
  });
}

interface InfoFlags extends RekorFlags {
  readonly state?: string;
}

/** `rekor loginfo`: what a log says about itself, and that it only grew. */
export function rekorLogInfo(io: Io): Command {
  const flags = command('loginfo', 'Verify what a transparency log says about itself.', [
    'sealwright rekor loginfo --state rekor-state.json',
  ]).option('--state <file>', 'remembers the tree, so that the log can be held to it the next time');
  return rekorFlags(flags).action(async (options: InfoFlags) => {
    const { client, log } = await rekorOf(io, options);
    const info = await client.logInfo();
    const logId = encodeHex(log.logId);
    if (options.state !== undefined) {
      const seen = await seenTrees(io, options.state);
      const before = seen[logId];
      if (before !== undefined) {
        const old = await about(options.state, () => parseCheckpoint(before));
        await verifyCheckpoint(old, log);
        if (old.origin === info.checkpoint.origin)
          await client.proveConsistency(old, info.checkpoint, info.treeId);
      }
      const text = JSON.stringify({ ...seen, [logId]: noteOf(info.checkpoint) }, null, 2);
      await io.writeFiles([
        { path: options.state, bytes: new TextEncoder().encode(`${text}\n`), mode: 0o644 },
      ]);
    }
    const total = info.inactiveShards.reduce((sum, { treeSize }) => sum + treeSize, info.treeSize);
    const shown = {
      ActiveTreeSize: info.treeSize,
      TotalTreeSize: total,
      RootHash: info.rootHash,
      TreeID: info.treeId,
    };
    io.out(asJson(options) ? `${JSON.stringify(shown)}\n` : logText(shown));
  });
}

interface ProofFlags extends RekorFlags {
  readonly firstSize: string;
  readonly lastSize: string;
  readonly treeId?: string;
}

/** `rekor logproof`: what shows that a log only grew. */
export function rekorLogProof(io: Io): Command {
  const flags = command(
    'logproof',
    'Print what shows that a transparency log only grew, as the log says it: `loginfo --state` verifies that.',
    ['sealwright rekor logproof --first-size 1 --last-size 232330257'],
  )
    .option('--first-size <entries>', 'size of the log before', '1')
    .requiredOption('--last-size <entries>', 'size of the log after')
    .option('--tree-id <id>', 'the shard (default: the active one)');
  return rekorFlags(flags).action(async (options: ProofFlags) => {
    const [first, last] = [
      sizeOf('--first-size', options.firstSize),
      sizeOf('--last-size', options.lastSize),
    ];
    if (first > last) throw new CommandError('--last-size is not less than --first-size');
    const { client } = await rekorOf(io, options);
    const { rootHash, hashes } = await client.consistencyProof(first, last, options.treeId);
    const text = `Current Root Hash: ${printable(rootHash)}\nHashes: [${hashes.map(printable).join(',')}]\n`;
    io.out(asJson(options) ? `${JSON.stringify({ RootHash: rootHash, Hashes: hashes })}\n` : text);
  });
}

function sizeOf(flag: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CommandError(`${flag} is a number of entries, at least 1`);
}

function materialFlags(to: Command): Command {
  return to
    .option('--artifact <file>', 'what was signed; for dsse and intoto the envelope')
    .option('--artifact-hash <hash>', 'SHA-256 of what was signed; does instead of the file')
    .option('--signature <file>', 'the signature, as bytes or base64')
    .option('--public-key <file>', 'key or certificate')
    .option('--type <kind>', 'kind of the entry: hashedrekord, dsse or intoto', kindOf, 'hashedrekord')
    .addOption(new Option('--pki-format <format>').choices(['x509']).hideHelp());
}

/** As rekor-cli, with its version or without. */
function kindOf(text: string): UploadFlags['type'] {
  const [kind = '', version] = text.split(':');
  const [known, made] = KINDS.find(([name]) => name === kind) ?? [];
  if (known === undefined)
    throw new CommandError(`--type is hashedrekord, dsse or intoto, not ${JSON.stringify(text)}`);
  if (version === undefined || version === made) return known;
  throw new CommandError(`--type: entries of the kind ${kind} are made in version ${made}`);
}

async function proposedOf(io: Io, flags: UploadFlags): Promise<ProposedEntry> {
  const { artifact, publicKey } = flags;
  if (publicKey === undefined) throw new CommandError('--public-key is needed');
  const pem = await verifierPemOf(io, publicKey);
  if (flags.type !== 'hashedrekord') {
    if (artifact === undefined) throw new CommandError('--artifact is needed: the envelope');
    const envelope = decodeUtf8(await io.readFile(artifact));
    return flags.type === 'dsse' ? proposeDsse(envelope, [pem]) : proposeIntoto(envelope, pem);
  }
  if (flags.signature === undefined) throw new CommandError('--signature is needed');
  const given = flags.artifactHash?.toLowerCase().replace(/^sha256:/, '');
  if (artifact === undefined && given === undefined)
    throw new CommandError('give --artifact or --artifact-hash');
  if (given !== undefined && !/^[0-9a-f]{64}$/.test(given))
    throw new CommandError('--artifact-hash is 64 digits');
  const hash = artifact === undefined ? given : encodeHex(digest('sha256', await io.readFile(artifact)));
  if (given !== undefined && hash !== given)
    throw new CommandError(
      `the SHA-256 of ${artifact} is ${hash}, not ${given}`,
      'ERR_CLI_ARTIFACT',
      EXIT_FAILURE,
    );
  const value = decodeHex(hash ?? '');
  return proposeHashedRekord(await signatureIn(io, flags.signature), { algorithm: 'sha256', value }, pem);
}

async function signatureIn(io: Io, path: string): Promise<Uint8Array> {
  const bytes = await io.readFile(path);
  const text = new TextDecoder('latin1').decode(bytes).trim();
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0
    ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    : bytes;
}

async function seenTrees(io: Io, path: string): Promise<Readonly<Record<string, string>>> {
  if (!(await io.exists(path))) return {};
  const bytes = await io.readFile(path);
  return about(path, () => {
    const seen: unknown = JSON.parse(decodeUtf8(bytes));
    if (typeof seen !== 'object' || seen === null) throw new CommandError('this is no state of logs');
    return Object.fromEntries(
      Object.entries(seen).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    );
  });
}

function noteOf({ signed, signatures }: ReturnType<typeof parseCheckpoint>): string {
  const lines = signatures.map(({ name, hint, signature }) => {
    const bytes = String.fromCharCode(...hint, ...signature);
    return `\u2014 ${name} ${btoa(bytes)}\n`;
  });
  return `${decodeUtf8(signed)}\n${lines.join('')}`;
}

function asJson({ format, json }: RekorFlags): boolean {
  return format === 'json' || json === true;
}

const KINDS: readonly (readonly [UploadFlags['type'], version: string])[] = [
  ['hashedrekord', '0.0.1'],
  ['dsse', '0.0.1'],
  ['intoto', '0.0.2'],
];
