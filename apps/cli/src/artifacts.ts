import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  BUNDLE_ANNOTATION,
  CERTIFICATE_ANNOTATION,
  CHAIN_ANNOTATION,
  predicateTypeOf,
  SIGN_PREDICATE_TYPE,
  type SignatureLayer,
  TIMESTAMP_ANNOTATION,
} from '@sealwright/cosign-sig';
import { decodePem } from '@sealwright/der';
import { parseStatement } from '@sealwright/in-toto';
import { type Descriptor, formatReference, OciError, parseManifest, referrersTag } from '@sealwright/oci';
import { statementsIn } from './attestations.js';
import { print, printDone } from './command.js';
import { confirmed } from './confirm.js';
import { CommandError, EXIT_FAILURE } from './failure.js';
import { findImage, type FoundImage, layersOf, present } from './found-image.js';
import type { Io } from './io.js';
import { imageOf } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';

/** The flags of `tree` and `download`. */
export interface DownloadFlags extends RegistryFlags {
  readonly predicateType?: string;
  readonly json?: boolean;
}

/** The flags of `triangulate`. */
export interface TriangulateFlags extends RegistryFlags {
  readonly type: 'signature' | 'attestation' | 'sbom' | 'digest';
  readonly json?: boolean;
}

/** The flags of `clean`. */
export interface CleanFlags extends RegistryFlags {
  readonly type: 'signature' | 'attestation' | 'sbom' | 'referrer' | 'all';
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * Show what is kept beside an image.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function showTree(io: Io, name: string, flags: DownloadFlags): Promise<void> {
  const found = await findImage(io, name, flags);
  const asked = formatReference(await imageOf(name));
  const tagged = [];
  for (const [kind, what] of [
    ['att', '💾 Attestations'],
    ['sig', '🔐 Signatures'],
    ['sbom', '📦 SBOMs'],
  ] as const) {
    const layers = await layersOf(found, found.tag(kind));
    if (layers.length > 0) tagged.push({ kind, what, tag: found.tag(kind), layers });
  }
  const referrers = [];
  for (const each of await found.registry.listReferrers(found.place, found.image.digest))
    referrers.push(await readReferrer(found, each));
  const nameOf = (tag: string): string => formatReference({ ...found.place, tag });
  const text = [
    `📦 Supply Chain Security Related artifacts for an image: ${asked}\n`,
    ...tagged.map(({ what, tag, layers }) => branch(`${what} for an image tag: ${nameOf(tag)}`, layers)),
    ...referrers.map(({ digest, type, layers }) =>
      branch(`🔗 ${type} artifacts via OCI referrer: ${formatReference({ ...found.place, digest })}`, layers),
    ),
    ...(tagged.length + referrers.length === 0
      ? [`No Supply Chain Security Related Artifacts found for image ${asked}\n`]
      : []),
  ].join('');
  const said = tagged.map(({ kind, tag, layers }) => ({
    kind,
    tag,
    layers: layers.map(({ digest }) => digest),
  }));
  const refer = referrers.map(({ digest, type, layers }) => ({
    digest,
    type,
    layers: layers.map((each) => each.digest),
  }));
  print(io, flags.json, { digest: found.image.digest, tags: said, referrers: refer }, text);
}

/**
 * Tell under which tag something is.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function tellTag(io: Io, name: string, flags: TriangulateFlags): Promise<void> {
  const found = await findImage(io, name, flags);
  const { digest } = found.image;
  if (flags.type === 'digest') {
    print(io, flags.json, { digest }, `${formatReference({ ...found.place, digest })}\n`);
    return;
  }
  const tag = found.tag(KINDS[flags.type]);
  const reference = formatReference({ ...found.place, tag });
  print(io, flags.json, { digest, tag, reference }, `${reference}\n`);
}

/**
 * Delete what is kept beside an image.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function cleanImage(io: Io, name: string, flags: CleanFlags): Promise<void> {
  const found = await findImage(io, name, flags);
  await mustBeWanted(io, name, flags);
  const removed: string[] = [];
  const kinds = (['signature', 'attestation', 'sbom'] as const).filter(
    (kind) => flags.type === kind || flags.type === 'all',
  );
  for (const kind of kinds) {
    const tag = found.tag(KINDS[kind]);
    if (await removeTag(found, tag)) removed.push(tag);
  }
  if (flags.type === 'referrer' || flags.type === 'all') removed.push(...(await removeReferrers(found)));
  const reference = formatReference(found.image);
  printDone(
    io,
    flags.json,
    { digest: found.image.digest, removed },
    removed.map((each) => `Removed ${each} from ${reference}\n`).join(''),
  );
}

/**
 * Print signatures or attestations.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 * @param kind - which
 */
export async function download(
  io: Io,
  name: string,
  flags: DownloadFlags,
  kind: 'signature' | 'attestation',
): Promise<void> {
  const wanted = flags.predicateType === undefined ? undefined : predicateTypeOf(flags.predicateType);
  const found = await findImage(io, name, flags);
  const documents: string[] = [];
  for (const text of await bundlesOf(found)) {
    const type = predicateTypeIn(text);
    const isSignature = type === SIGN_PREDICATE_TYPE;
    const fits = kind === 'signature' ? isSignature : !isSignature && (wanted ?? type) === type;
    if (fits) documents.push(text);
  }
  for (const layer of await layersOf(found, found.tag(KINDS[kind]))) {
    const blob = await found.registry.getBlob(found.place, layer.digest, { maxBytes: MAX_BLOB });
    if (kind === 'signature') documents.push(JSON.stringify(signatureJson(layer, blob)));
    else if (wanted === undefined || predicateTypeIn(decodeUtf8(blob)) === wanted)
      documents.push(decodeUtf8(blob).trim());
  }
  if (documents.length === 0)
    throw new CommandError(`${name}: there is no such ${kind}`, 'ERR_CLI_NOTHING', EXIT_FAILURE);
  if (flags.json === true)
    print(
      io,
      true,
      { digest: found.image.digest, found: documents.map((text): unknown => JSON.parse(text)) },
      '',
    );
  else io.out(documents.map((text) => `${text}\n`).join(''));
}

/**
 * Print what `attach sbom` attached.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function downloadSboms(io: Io, name: string, flags: DownloadFlags): Promise<void> {
  const found = await findImage(io, name, flags);
  const layers = await layersOf(found, found.tag('sbom'));
  if (layers.length === 0)
    throw new CommandError(`${name}: there is no such document`, 'ERR_CLI_NOTHING', EXIT_FAILURE);
  const documents = [];
  for (const { digest, mediaType } of layers) {
    const blob = await found.registry.getBlob(found.place, digest, { maxBytes: MAX_BLOB });
    documents.push({ mediaType, text: decodeUtf8(blob) });
  }
  print(
    io,
    flags.json,
    { digest: found.image.digest, found: documents },
    documents.map(({ text }) => text).join('\n'),
  );
}

interface Referrer {
  readonly digest: string;
  readonly type: string;
  readonly layers: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[];
}

async function readReferrer(
  { registry, place }: FoundImage,
  { digest, artifactType }: Descriptor,
): Promise<Referrer> {
  const { bytes } = await registry.getManifest({ ...place, digest });
  const { layers, annotations, artifactType: own } = parseManifest(bytes);
  const type = annotations?.['dev.sigstore.bundle.predicateType'] ?? own ?? artifactType ?? 'unknown';
  return { digest, type, layers };
}

async function bundlesOf(found: FoundImage): Promise<readonly string[]> {
  const { registry, place, image } = found;
  const texts: string[] = [];
  for (const each of await registry.listReferrers(place, image.digest)) {
    const { layers } = await readReferrer(found, each);
    const [layer] = layers;
    if (layers.length !== 1 || layer?.mediaType.startsWith('application/vnd.dev.sigstore.bundle') !== true)
      continue;
    texts.push(decodeUtf8(await registry.getBlob(place, layer.digest, { maxBytes: MAX_BLOB })).trim());
  }
  return texts;
}

function predicateTypeIn(text: string): string | undefined {
  const [found] = statementsIn(encodeUtf8(text));
  if (found === undefined) return undefined;
  return parseStatement(found.bytes, { mode: 'tolerant', allowStringPredicate: true }).predicateType;
}

/** As cosign prints it, certificates as DER only. */
function signatureJson({ annotations }: SignatureLayer, payload: Uint8Array): object {
  const certificates = (name: string): { Raw: string }[] =>
    decodePem(annotations[name] ?? '').map(({ bytes }) => ({ Raw: encodeBase64(bytes) }));
  const json = (name: string): unknown => {
    const text = annotations[name];
    return text === undefined ? null : (JSON.parse(text) as unknown);
  };
  const chain = certificates(CHAIN_ANNOTATION);
  return {
    Base64Signature: annotations['dev.cosignproject.cosign/signature'] ?? '',
    Payload: encodeBase64(payload),
    Cert: certificates(CERTIFICATE_ANNOTATION)[0] ?? null,
    Chain: chain.length === 0 ? null : chain,
    Bundle: json(BUNDLE_ANNOTATION),
    RFC3161Timestamp: json(TIMESTAMP_ANNOTATION),
  };
}

async function mustBeWanted(io: Io, name: string, { force, yes, type, json }: CleanFlags): Promise<void> {
  if (force === true || yes === true) return;
  const what = type === 'all' ? 'everything that is said about it' : `each ${type}`;
  if (await confirmed(io, `this will delete ${what} from ${name}`, json)) return;
  throw new CommandError(
    'nothing was deleted: give --force to delete without being asked',
    'ERR_CLI_DECLINED',
    EXIT_FAILURE,
  );
}

/** Registries that do not delete tags delete what they stand for. */
async function removeTag({ registry, place }: FoundImage, tag: string): Promise<boolean> {
  const manifest = await present(registry.getManifest({ ...place, tag }));
  if (manifest === undefined) return false;
  try {
    await registry.deleteManifest({ ...place, tag });
  } catch (error) {
    if (!(error instanceof OciError) || error.code === 'ERR_OCI_DENIED') throw error;
    await registry.deleteManifest({ ...place, digest: manifest.digest });
  }
  return true;
}

async function removeReferrers(found: FoundImage): Promise<readonly string[]> {
  const { registry, place, image } = found;
  const removed: string[] = [];
  for (const { digest } of await registry.listReferrers(place, image.digest)) {
    await present(registry.deleteManifest({ ...place, digest }));
    removed.push(digest);
  }
  if (removed.length > 0) await removeTag(found, referrersTag(image.digest));
  return removed;
}

function branch(title: string, layers: readonly { readonly digest: string }[]): string {
  const last = layers.length - 1;
  const lines = layers.map(({ digest }, index) => `   ${index < last ? '├' : '└'}── 🍒 ${digest}\n`);
  return [`└── ${title}\n`, ...lines].join('');
}

const KINDS = { signature: 'sig', attestation: 'att', sbom: 'sbom' } as const;
const MAX_BLOB = 128 << 20;
