import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import {
  attachAttestation,
  attachBundle,
  attachSignature,
  BUNDLE_ANNOTATION,
  CERTIFICATE_ANNOTATION,
  CHAIN_ANNOTATION,
  encodeRekorBundle,
  encodeTimestampAnnotation,
  parseBundle,
  parseLogEntryResponse,
  parseRekorBundle,
  TIMESTAMP_ANNOTATION,
} from '@sealwright/cosign-sig';
import { parseStatement } from '@sealwright/in-toto';
import { isJsonObject, parseJson } from '@sealwright/json';
import { statementsIn } from './attestations.js';
import { printDone } from './command.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import { givenSignature } from './detached.js';
import { findImage } from './found-image.js';
import type { Io } from './io.js';
import { pushDocument } from './push-document.js';
import { imageOf, placeOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';

/** The flags of `attach`. */
export interface AttachFlags extends RegistryFlags {
  readonly payload?: string;
  readonly bundle?: string;
  readonly signature?: string;
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly rekorResponse?: string;
  readonly tsr?: string;
  readonly attestation?: readonly string[];
  readonly sbom?: string;
  readonly type?: 'spdx' | 'cyclonedx' | 'syft';
  readonly inputFormat?: 'json' | 'xml' | 'text';
  readonly json?: boolean;
}

/**
 * Attach a signature that was made elsewhere.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function attachSignatureTo(io: Io, name: string, flags: AttachFlags): Promise<void> {
  const path = flags.payload ?? flags.bundle;
  if (flags.signature === undefined)
    throw new CommandError('--signature is needed: a file, or the signature');
  const signature = await givenSignature(io, flags.signature);
  const payload = path === undefined ? undefined : await io.readFile(path);
  const annotations = await besideSignature(io, flags);
  const image = await imageOf(name);
  const { repository, tagPrefix } = placeOf(io, flags);
  const attached = await attachSignature(registryClient(io, flags), image, {
    signature,
    annotations,
    ...(payload === undefined ? {} : { payload }),
    ...(repository === undefined ? {} : { signatureRepository: repository }),
    ...(tagPrefix === undefined ? {} : { tagPrefix }),
  });
  const { digest, tag, written } = attached;
  printDone(
    io,
    flags.json,
    { digest, tag, written },
    written ? `pushed to the tag ${tag}\n` : `${tag} says the same already\n`,
  );
}

/**
 * Attach attestations that were made elsewhere.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function attachAttestations(io: Io, name: string, flags: AttachFlags): Promise<void> {
  const documents = [];
  for (const path of flags.attestation ?? []) {
    const bytes = await io.readFile(path);
    documents.push(...(await about(path, () => statementsIn(bytes).map((each) => ({ path, ...each })))));
  }
  const bare = documents.find(({ form }) => form === 'statement');
  if (bare !== undefined)
    throw new CommandError(
      `${bare.path}: a bare statement is not signed by anybody`,
      'ERR_CLI_UNSIGNED',
      EXIT_FAILURE,
    );
  const found = await findImage(io, name, flags);
  const { tagPrefix } = placeOf(io, flags);
  const attached: string[] = [];
  for (const { path, form, source, bytes } of documents) {
    const { predicateType } = await about(path, () =>
      parseStatement(bytes, { mode: 'tolerant', allowStringPredicate: true }),
    );
    if (form === 'bundle') {
      await about(path, () => parseBundle(source));
      const created = new Date(io.now());
      attached.push(
        await attachBundle(found.registry, found.place, found.image.digest, {
          bundle: source.trim(),
          content: 'dsse-envelope',
          predicateType,
          created,
          imageRepository: found.image,
        }),
      );
      continue;
    }
    const { tag } = await attachAttestation(found.registry, found.image, encodeUtf8(source.trim()), {
      predicateType,
      attestationRepository: found.place,
      ...(tagPrefix === undefined ? {} : { tagPrefix }),
    });
    attached.push(tag);
  }
  printDone(
    io,
    flags.json,
    { digest: found.image.digest, attached },
    attached.map((each) => `pushed ${each}\n`).join(''),
  );
}

/**
 * Attach a bill of materials.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function attachSbomTo(io: Io, name: string, flags: AttachFlags): Promise<void> {
  const bytes = await io.readFile(flags.sbom ?? '');
  const mediaType = sbomType(flags, bytes);
  const found = await findImage(io, name, flags);
  const tag = found.tag('sbom');
  await pushDocument(found.registry, { ...found.place, tag }, { bytes, mediaType });
  printDone(io, flags.json, { digest: found.image.digest, tag, mediaType }, `pushed to the tag ${tag}\n`);
}

async function besideSignature(io: Io, flags: AttachFlags): Promise<Record<string, string>> {
  const annotations: Record<string, string> = {};
  const text = async (path: string): Promise<string> => decodeUtf8(await io.readFile(path));
  const { certificate, certificateChain, rekorResponse, tsr } = flags;
  if (certificate !== undefined) annotations[CERTIFICATE_ANNOTATION] = await text(certificate);
  if (certificateChain !== undefined) annotations[CHAIN_ANNOTATION] = await text(certificateChain);
  if (rekorResponse !== undefined) {
    const bytes = await io.readFile(rekorResponse);
    annotations[BUNDLE_ANNOTATION] = await about(rekorResponse, () => {
      const json = parseJson(bytes);
      const isBundle = isJsonObject(json) && json['SignedEntryTimestamp'] !== undefined;
      return encodeRekorBundle(isBundle ? parseRekorBundle(bytes) : parseLogEntryResponse(bytes));
    });
  }
  if (tsr !== undefined) {
    const bytes = await io.readFile(tsr);
    annotations[TIMESTAMP_ANNOTATION] =
      bytes[0] === 0x7b ? decodeUtf8(bytes) : encodeTimestampAnnotation(bytes);
  }
  return annotations;
}

function sbomType({ type = 'spdx', inputFormat }: AttachFlags, bytes: Uint8Array): string {
  const first = decodeUtf8(bytes).trimStart().charAt(0);
  const looks = first === '{' ? 'json' : first === '<' ? 'xml' : 'text';
  const format = inputFormat ?? looks;
  const known = SBOM_TYPES[type][format];
  if (known !== undefined) return known;
  throw new CommandError(`a document of the type ${type} is not written as ${format}`);
}

const SBOM_TYPES: Record<'spdx' | 'cyclonedx' | 'syft', Partial<Record<'json' | 'xml' | 'text', string>>> = {
  spdx: { text: 'text/spdx', xml: 'text/spdx+xml', json: 'text/spdx+json' },
  cyclonedx: { xml: 'application/vnd.cyclonedx+xml', json: 'application/vnd.cyclonedx+json' },
  syft: { json: 'application/vnd.syft+json' },
};
