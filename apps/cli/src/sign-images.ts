import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  attestImage,
  cosignSigner,
  imagesIn,
  type LogEntry,
  type ReferrersRegistry,
  signImage,
  signImageBundle,
  type SigstoreBundle,
} from '@sealwright/cosign-sig';
import { exportPublicPem, type Signer } from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import type { ImageReference } from '@sealwright/oci';
import { printDone } from './command.js';
import { aboutImage, CommandError } from './failure.js';
import type { Io, NewFile } from './io.js';
import { attestedOf, type PredicateFlags } from './predicate.js';
import { imageOf, placeOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';
import { savedImage } from './saved-folder.js';
import { type Signing, signingOf } from './signing.js';
import { type SigningFlags, wantsBundle } from './signing-flags.js';

/** The flags of `sign`. */
export interface SignImagesFlags extends RegistryFlags, SigningFlags {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly recursive?: boolean;
  readonly signContainerIdentity?: readonly string[];
  readonly outputSignature?: string;
  readonly outputPayload?: string;
  readonly outputCertificate?: string;
  readonly upload?: boolean;
  readonly localImage?: boolean;
}

/** The flags of `attest`. */
export interface AttestImagesFlags extends RegistryFlags, SigningFlags, PredicateFlags {
  readonly replace?: boolean;
  readonly upload?: boolean;
  readonly localImage?: boolean;
}

/**
 * Sign images and tell where the signatures are.
 *
 * @param io - the world
 * @param names - of the images
 * @param flags - of the command line
 */
export async function signImages(io: Io, names: readonly string[], flags: SignImagesFlags): Promise<void> {
  const inBundles = wantsBundle(flags);
  const onlyTags: readonly (readonly [string, unknown])[] = [
    ['--sign-container-identity', flags.signContainerIdentity],
    ['--output-signature', flags.outputSignature],
    ['--output-payload', flags.outputPayload],
  ];
  if (inBundles) mustBeAbsent(onlyTags);
  else mustHaveNoBundle(flags);
  const identities = flags.signContainerIdentity ?? [undefined];
  const isMany = names.length > 1 || flags.recursive === true || identities.length > 1;
  mustBeOne(isMany, [
    ['--bundle', flags.bundle],
    ['--output-signature', flags.outputSignature],
    ['--output-payload', flags.outputPayload],
    ['--output-certificate', flags.outputCertificate],
  ]);
  if (flags.localImage === true && !inBundles && flags.signContainerIdentity === undefined)
    throw new CommandError(
      '--sign-container-identity is needed with --local-image: a folder is no name of an image',
    );
  const sources = await sourcesOf(io, names, flags);
  const { repository, tagPrefix } = elsewhereOf(io, flags);
  const signing = await signingOf(io, flags);
  const shared = {
    attach: flags.upload !== false,
    ...(repository === undefined ? {} : { signatureRepository: repository }),
    ...(flags.annotations === undefined ? {} : { annotations: flags.annotations }),
  };
  const made: Made[] = [];
  const files: NewFile[] = [];
  for (const { name, registry, image } of sources) {
    const digests =
      flags.recursive === true ? await aboutImage(name, () => imagesIn(registry, image)) : [undefined];
    for (const digest of digests) {
      const one: ImageReference = digest === undefined ? image : { ...image, digest };
      if (inBundles) {
        const options = { ...shared, ...bundleOptions(io, signing) };
        const signed = await aboutImage(name, () => signImageBundle(registry, one, options));
        files.push(...bundleFile(flags, signed.json));
        made.push(report(io, flags, signed));
        continue;
      }
      for (const identity of identities) {
        const noted: Partial<Noted> = {};
        const { signer, ...vouchers } = tagSigning(signing, noted);
        const options = {
          ...shared,
          ...vouchers,
          signer,
          ...(identity === undefined ? {} : { identity }),
          ...(tagPrefix === undefined ? {} : { tagPrefix }),
        };
        const { digest: of, tag, written } = await aboutImage(name, () => signImage(registry, one, options));
        files.push(...signatureFiles(flags, noted));
        made.push(report(io, flags, { digest: of, tag, written, ...entriesOf(noted) }));
      }
    }
  }
  const vouching = vouchingPem(signing, inBundles);
  if (flags.outputCertificate !== undefined && vouching !== undefined)
    files.push(fileOf(flags.outputCertificate, vouching));
  if (files.length > 0) await io.writeFiles(files);
  tell(io, flags, made);
}

/**
 * Attest images and tell where the attestations are.
 *
 * @param io - the world
 * @param names - of the images
 * @param flags - of the command line
 */
export async function attestImages(
  io: Io,
  names: readonly string[],
  flags: AttestImagesFlags,
): Promise<void> {
  const inBundles = wantsBundle(flags);
  if (inBundles) mustBeAbsent([['--replace', flags.replace]]);
  else mustHaveNoBundle(flags);
  mustBeOne(names.length > 1, [['--bundle', flags.bundle]]);
  const sources = await sourcesOf(io, names, flags);
  const attested = await attestedOf(io, flags);
  const { repository, tagPrefix } = elsewhereOf(io, flags);
  const signing = await signingOf(io, flags);
  const attach = flags.upload !== false;
  const made: Made[] = [];
  for (const { name, registry, image } of sources) {
    if (inBundles) {
      const options = {
        ...bundleOptions(io, signing),
        attach,
        attest: attested,
        ...(repository === undefined ? {} : { signatureRepository: repository }),
      };
      const signed = await aboutImage(name, () => signImageBundle(registry, image, options));
      const files = bundleFile(flags, signed.json);
      if (files.length > 0) await io.writeFiles(files);
      if (!attach) io.out(`${signed.json}\n`);
      made.push(report(io, flags, signed));
      continue;
    }
    const noted: Partial<Noted> = {};
    const options = {
      ...attested,
      ...tagSigning(signing, noted),
      attach,
      replace: flags.replace === true,
      ...(repository === undefined ? {} : { attestationRepository: repository }),
      ...(tagPrefix === undefined ? {} : { tagPrefix }),
    };
    const { digest, tag, written, envelope } = await aboutImage(name, () =>
      attestImage(registry, image, options),
    );
    if (!attach) io.out(`${decodeUtf8(envelope)}\n`);
    made.push(report(io, flags, { digest, tag, written, ...entriesOf(noted) }));
  }
  if (attach) tell(io, flags, made);
}

interface Source {
  readonly name: string;
  readonly registry: ReferrersRegistry;
  readonly image: ImageReference;
}

/** Images in registries, or saved in folders. */
async function sourcesOf(
  io: Io,
  names: readonly string[],
  flags: SignImagesFlags,
): Promise<readonly Source[]> {
  if (flags.localImage !== true) {
    const images = await Promise.all(names.map(async (name) => ({ name, image: await imageOf(name) })));
    const registry = registryClient(io, flags);
    return images.map(({ name, image }) => ({ name, registry, image }));
  }
  const sources: Source[] = [];
  for (const name of names) sources.push({ name, ...(await savedImage(io, name)) });
  return sources;
}

/** Where signatures go if not beside the image; what is said about a folder stays in it. */
function elsewhereOf(io: Io, flags: SignImagesFlags): ReturnType<typeof placeOf> {
  const { repository, ...rest } = placeOf(io, flags);
  return flags.localImage === true || repository === undefined ? rest : { ...rest, repository };
}

/** What became of one signature. */
interface Made {
  readonly digest: string;
  readonly tag?: string;
  readonly referrer?: string | undefined;
  readonly written: boolean;
  readonly logIndex?: number;
}

interface Noted {
  readonly evidence: SigstoreBundle;
  readonly payload: Uint8Array;
}

function bundleOptions(
  io: Io,
  { byEnvelope: by, logs, timestamps, accept }: Signing,
): Pick<Parameters<typeof signImageBundle>[2], 'by' | 'logs' | 'timestamps' | 'accept' | 'now'> {
  return {
    by,
    logs,
    timestamps,
    accept: async (bundle) => accept(bundle, undefined),
    now: new Date(io.now()),
  };
}

type TagSigning = Omit<Parameters<typeof signImage>[2], 'annotations' | 'identity' | 'tagPrefix'>;

/** What signs under tags, where signatures have the hash that cosign 2 expects, and no more than one log and one stamp. */
function tagSigning(signing: Signing, noted: Partial<Noted>): TagSigning {
  const { by, key, logs, promisingLog: log, timestamps, accept } = signing;
  if (logs.length > 0 && log === undefined)
    throw new CommandError(
      'tags cannot hold what a log of version 2 says: sign into a bundle, or with a log of version 1',
    );
  if (log !== undefined && key?.kind === 'ed25519')
    throw new CommandError(
      'an Ed25519 signature under a tag cannot be logged: sign into a bundle, or with --tlog-upload=false',
    );
  const signer: Signer = key === undefined ? by.signer : cosignSigner(key);
  const [timestamp] = timestamps;
  return {
    signer,
    ...(by.certificate === undefined ? {} : { certificate: by.certificate }),
    ...(by.chain === undefined ? {} : { chain: by.chain }),
    ...(log === undefined ? {} : { log }),
    ...(timestamp === undefined ? {} : { timestamp }),
    accept: async (evidence, payload) => {
      Object.assign(noted, { evidence, payload });
      await accept(evidence, evidence.content.kind === 'dsse' ? undefined : { bytes: payload });
    },
  };
}

function entriesOf({ evidence }: Partial<Noted>): { bundle: { logEntries: readonly LogEntry[] } } {
  return { bundle: { logEntries: evidence?.logEntries ?? [] } };
}

function bundleFile({ bundle }: SigningFlags, json: string): NewFile[] {
  return bundle === undefined ? [] : [fileOf(bundle, `${json}\n`)];
}

function signatureFiles(flags: SignImagesFlags, { evidence, payload }: Partial<Noted>): NewFile[] {
  const { outputSignature, outputPayload } = flags;
  const content = evidence?.content;
  const signature = content?.kind === 'message' ? encodeBase64(content.signature) : undefined;
  return [
    ...(outputSignature === undefined || signature === undefined ? [] : [fileOf(outputSignature, signature)]),
    ...(outputPayload === undefined || payload === undefined
      ? []
      : [{ path: outputPayload, bytes: payload, mode: 0o644 }]),
  ];
}

/** The certificate; under tags also the key where there is none, as cosign writes it. */
function vouchingPem({ by, key }: Signing, inBundles: boolean): string | undefined {
  if (by.certificate !== undefined) return encodePem('CERTIFICATE', by.certificate);
  return inBundles || key === undefined ? undefined : exportPublicPem(key.publicKey);
}

function fileOf(path: string, text: string): NewFile {
  return { path, bytes: encodeUtf8(text), mode: 0o644 };
}

function mustBeAbsent(flags: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of flags)
    if (value !== undefined)
      throw new CommandError(`${name} is about the tags of cosign 2: give --new-bundle-format=false`);
}

function mustHaveNoBundle({ bundle }: SigningFlags): void {
  if (bundle !== undefined)
    throw new CommandError('--bundle is about bundles, not the tags of cosign 2: give --new-bundle-format');
}

function mustBeOne(isMany: boolean, flags: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of flags)
    if (isMany && value !== undefined)
      throw new CommandError(`${name} goes with one image: sign them one by one`);
}

function report(
  io: Io,
  flags: SigningFlags,
  made: {
    readonly digest: string;
    readonly tag?: string;
    readonly referrer?: string | undefined;
    readonly written?: boolean;
    readonly bundle: { readonly logEntries: readonly LogEntry[] };
  },
): Made {
  const { digest, tag, referrer, written = referrer !== undefined, bundle } = made;
  const [entry] = bundle.logEntries;
  if (entry !== undefined && flags.json !== true)
    io.err(`tlog entry created with index: ${entry.logIndex}\n`);
  return {
    digest,
    ...(tag === undefined ? {} : { tag }),
    ...(referrer === undefined ? {} : { referrer }),
    written,
    ...(entry === undefined ? {} : { logIndex: entry.logIndex }),
  };
}

function tell(io: Io, flags: SigningFlags & { readonly upload?: boolean }, made: readonly Made[]): void {
  const [only, ...more] = made;
  const lines = made.map(({ digest, tag, referrer, written }) => {
    if (flags.upload === false) return `signed ${digest}\n`;
    if (tag === undefined) return `pushed ${referrer ?? ''}, which refers to ${digest}\n`;
    return written ? `pushed to the tag ${tag}\n` : `${tag} says the same already\n`;
  });
  const value = only !== undefined && more.length === 0 ? only : { signed: made };
  printDone(io, flags.json, value, lines.join(''));
}
