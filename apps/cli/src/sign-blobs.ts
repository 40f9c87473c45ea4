import { basename } from 'node:path';
import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  attestationStatement,
  encodeLegacyBundle,
  encodeTimestampAnnotation,
  signBlob,
  type SignedBundle,
  signEnvelopeBundle,
} from '@sealwright/cosign-sig';
import { encodePem } from '@sealwright/der';
import { encodeEnvelope } from '@sealwright/in-toto';
import { digestsOf } from './artifact.js';
import { print } from './command.js';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io, NewFile } from './io.js';
import { mustDiffer } from './must-differ.js';
import { attestedOf, type PredicateFlags } from './predicate.js';
import { type Signing, signingOf } from './signing.js';
import type { SigningFlags } from './signing-flags.js';

/** The flags of `sign-blob`. */
export interface SignBlobFlags extends SigningFlags {
  readonly outputSignature?: string;
  readonly output?: string;
  readonly outputCertificate?: string;
  readonly rfc3161Timestamp?: string;
  readonly b64: boolean;
}

/** The flags of `attest-blob`. */
export interface AttestBlobFlags extends SigningFlags, PredicateFlags {
  readonly hash?: string;
  readonly outputSignature?: string;
  readonly outputAttestation?: string;
  readonly outputCertificate?: string;
  readonly rfc3161TimestampBundle?: string;
}

/**
 * Sign a file, or a statement in an envelope, into a bundle.
 *
 * @param io - the world
 * @param artifact - name of the file
 * @param flags - of the command line
 * @param isStatement - whether it is a statement
 */
export async function signToBundle(
  io: Io,
  artifact: string,
  flags: SigningFlags,
  isStatement: boolean,
): Promise<void> {
  if (flags.bundle === undefined) throw new CommandError('--bundle is needed: where the bundle goes');
  mustDiffer([artifact], [['--bundle', flags.bundle]]);
  const bytes = await io.readFile(artifact);
  const signing = await signingOf(io, flags);
  const signed = isStatement ? await signStatement(signing, bytes) : await signFile(signing, bytes);
  await finish(io, flags, signed, [fileOf(flags.bundle, `${signed.json}\n`)]);
}

/**
 * Sign files, one after the other: into a bundle, or as a signature beside it.
 *
 * @param io - the world
 * @param artifacts - names of the files
 * @param flags - of the command line
 */
export async function signBlobs(io: Io, artifacts: readonly string[], flags: SignBlobFlags): Promise<void> {
  if (artifacts.length > 1) mustNameNoFile(flags);
  const signing = once(() => signingOf(io, flags));
  for (const artifact of artifacts) await signOne(io, artifact, flags, signing);
}

/** Several signatures are lines of standard output: in one file, each would replace the one before. */
function mustNameNoFile(flags: SignBlobFlags): void {
  const names = ['bundle', 'outputSignature', 'output', 'outputCertificate', 'rfc3161Timestamp'] as const;
  if (flags.b64 && flags.json !== true && names.every((name) => flags[name] === undefined)) return;
  throw new CommandError('of several files only signatures can be printed: sign them one by one');
}

async function signOne(
  io: Io,
  artifact: string,
  flags: SignBlobFlags,
  signingOnce: () => Promise<Signing>,
): Promise<void> {
  const { bundle: path, outputCertificate, rfc3161Timestamp } = flags;
  const outputSignature = flags.outputSignature ?? flags.output;
  const isOld = flags.newBundleFormat === false;
  mustHaveBundle(flags);
  mustDiffer(
    [artifact, flags.key, flags.certificate],
    [
      ['--bundle', path],
      ['--output-signature', outputSignature],
      ['--output-certificate', outputCertificate],
      ['--rfc3161-timestamp', rfc3161Timestamp],
    ],
  );
  if (((await io.sizeOf(artifact)) ?? 0) > MAX_BYTES)
    throw new CommandError(
      `${artifact}: over 2 GiB: sign-blob holds a file in memory; attest-blob takes any size`,
      'ERR_CLI_TOO_LARGE',
      EXIT_FAILURE,
    );
  const bytes = await io.readFile(artifact);
  const signing = await signingOnce();
  mustHavePromise(signing, isOld && path !== undefined);
  const signed = await signFile(signing, bytes);
  const { content } = signed.bundle;
  const signature = content.kind === 'message' ? content.signature : new Uint8Array(0);
  const text = encodeBase64(signature);
  await finish(io, flags, signed, [
    ...(path === undefined
      ? []
      : [fileOf(path, isOld ? encodeLegacyBundle(signature, signed.bundle) : `${signed.json}\n`)]),
    ...(outputSignature === undefined
      ? []
      : [{ path: outputSignature, bytes: flags.b64 ? encodeUtf8(text) : signature, mode: 0o644 }]),
    ...certificateFile(signing, outputCertificate, flags.b64),
    ...timestampFile(signed, rfc3161Timestamp),
  ]);
  if (!isPrinted(flags, outputSignature)) return;
  if (flags.b64) io.out(`${text}\n`);
  else io.outBytes(signature);
}

/**
 * Attest a file: into a bundle, or as an envelope beside it.
 *
 * @param io - the world
 * @param artifact - name of the file
 * @param flags - of the command line
 */
export async function attestBlob(
  io: Io,
  artifact: string | undefined,
  flags: AttestBlobFlags,
): Promise<void> {
  const { bundle: path, outputSignature, outputAttestation } = flags;
  const isOld = flags.newBundleFormat === false;
  mustHaveBundle(flags);
  mustDiffer(
    [artifact, flags.predicate, flags.statement, flags.key, flags.certificate],
    [
      ['--bundle', path],
      ['--output-signature', outputSignature],
      ['--output-attestation', outputAttestation],
      ['--output-certificate', flags.outputCertificate],
      ['--rfc3161-timestamp-bundle', flags.rfc3161TimestampBundle],
    ],
  );
  const { statement: whole, ...attested } = await attestedOf(io, flags);
  const statement =
    whole ??
    attestationStatement({
      ...attested,
      name: basename(artifact ?? '.'), // as in Go, nothing is a dot
      digest: { sha256: await hashOf(io, artifact, flags.hash) },
    });
  const signing = await signingOf(io, flags);
  mustHavePromise(signing, isOld && path !== undefined);
  const signed = await signStatement(signing, statement);
  const { content } = signed.bundle;
  const envelope = content.kind === 'dsse' ? encodeEnvelope(content.envelope) : '';
  await finish(io, flags, signed, [
    ...(path === undefined
      ? []
      : [fileOf(path, isOld ? encodeLegacyBundle(encodeUtf8(envelope), signed.bundle) : `${signed.json}\n`)]),
    ...(outputSignature === undefined ? [] : [fileOf(outputSignature, envelope)]),
    ...(outputAttestation === undefined ? [] : [{ path: outputAttestation, bytes: statement, mode: 0o644 }]),
    ...certificateFile(signing, flags.outputCertificate, false),
    ...timestampFile(signed, flags.rfc3161TimestampBundle),
  ]);
  if (isPrinted(flags, outputSignature)) io.out(`${envelope}\n`);
}

/** What no file takes is printed; as of cosign 2, also beside its bundle. */
function isPrinted(flags: SigningFlags, file: string | undefined): boolean {
  const inBundle = flags.bundle !== undefined && flags.newBundleFormat !== false;
  return file === undefined && !inBundle && flags.json !== true;
}

/** As cosign 3, which makes nothing else with a signing config. */
function mustHaveBundle(flags: SigningFlags): void {
  const isNew = flags.newBundleFormat === true || flags.signingConfig !== undefined;
  if (isNew && flags.bundle === undefined)
    throw new CommandError('--bundle is needed: where the bundle goes');
}

function mustHavePromise({ logs, promisingLog }: Signing, isWanted: boolean): void {
  if (isWanted && logs.length > 0 && promisingLog === undefined)
    throw new CommandError('a bundle of cosign 2 cannot hold what a log of version 2 says');
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function hashOf(io: Io, artifact: string | undefined, hash: string | undefined): Promise<string> {
  if (hash !== undefined) {
    if (/^[0-9a-f]{64}$/i.test(hash)) return hash.toLowerCase();
    throw new CommandError('--hash is a SHA-256 in hexadecimal: 64 digits');
  }
  if (artifact === undefined) throw new CommandError('give the file, or --hash, or --statement');
  const [sha256 = ''] = await digestsOf(io, artifact, ['sha256']);
  return sha256;
}

async function signFile({ by, logs, timestamps, accept }: Signing, bytes: Uint8Array): Promise<SignedBundle> {
  return signBlob(bytes, { by, logs, timestamps, accept: async (bundle) => accept(bundle, { bytes }) });
}

async function signStatement(
  { byEnvelope: by, logs, timestamps, accept }: Signing,
  statement: Uint8Array,
): Promise<SignedBundle> {
  return signEnvelopeBundle(statement, {
    by,
    logs,
    timestamps,
    accept: async (bundle) => accept(bundle, undefined),
  });
}

async function finish(
  io: Io,
  flags: SigningFlags,
  { bundle }: SignedBundle,
  files: readonly NewFile[],
): Promise<void> {
  if (files.length > 0) await io.writeFiles(files);
  const [entry] = bundle.logEntries;
  const text = entry === undefined ? '' : `tlog entry created with index: ${entry.logIndex}\n`;
  const wrote = flags.bundle === undefined ? '' : `Wrote bundle to file ${flags.bundle}\n`;
  if (flags.json !== true) io.err(`${text}${wrote}`);
  const said = { bundle: flags.bundle, files: files.map(({ path }) => path), logIndex: entry?.logIndex };
  print(io, flags.json, said, '');
}

/** As PEM; of `sign-blob` cosign writes base64 of that. */
function certificateFile({ by }: Signing, path: string | undefined, isEncoded: boolean): NewFile[] {
  if (path === undefined || by.certificate === undefined) return [];
  const pem = encodePem('CERTIFICATE', by.certificate);
  return [fileOf(path, isEncoded ? encodeBase64(encodeUtf8(pem)) : pem)];
}

function timestampFile({ bundle }: SignedBundle, path: string | undefined): NewFile[] {
  const [timestamp] = bundle.timestamps;
  return path === undefined || timestamp === undefined
    ? []
    : [fileOf(path, encodeTimestampAnnotation(timestamp))];
}

function fileOf(path: string, text: string): NewFile {
  return { path, bytes: encodeUtf8(text), mode: 0o644 };
}

/** What Node reads at once. */
const MAX_BYTES = 2 ** 31 - 1;
