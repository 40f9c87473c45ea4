import { BytesError, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  attestationEvidence,
  CERTIFICATE_ANNOTATION,
  CHAIN_ANNOTATION,
  signatureEvidence,
  type SigstoreBundle,
  TIMESTAMP_ANNOTATION,
} from '@sealwright/cosign-sig';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/** Flags of cosign that name what stands beside a signature, each a file. */
export interface DetachedFlags {
  readonly key?: string;
  readonly signature?: string;
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly rfc3161Timestamp?: string;
}

/**
 * The signature of `--signature` and what stands beside it, as the verifier takes it.
 *
 * @param io - the world
 * @param flags - of the command line
 * @param kind - a signature of a file, or an envelope
 * @returns one, or of an envelope one for each of its signatures
 * @throws {@link CommandError}
 */
export async function detachedEvidence(
  io: Io,
  flags: DetachedFlags,
  kind: 'signature' | 'attestation',
): Promise<readonly SigstoreBundle[]> {
  const { signature: name = '' } = flags;
  const beside = await annotationsBeside(io, flags);
  const withKey = flags.key !== undefined;
  if (kind === 'attestation')
    return attestationEvidence({ layer: { annotations: beside }, blob: await io.readFile(name) }, withKey);
  const signature = encodeBase64(await givenSignature(io, name));
  const annotations = { ...beside, 'dev.cosignproject.cosign/signature': signature };
  return [signatureEvidence({ layer: { annotations }, blob: new Uint8Array(0) }, withKey)];
}

/**
 * The signature that `--signature` gives: a file, as bytes or as base64 of them, or the base64 itself.
 *
 * @param io - the world
 * @param given - the value of the flag
 * @throws {@link CommandError}
 */
export async function givenSignature(io: Io, given: string): Promise<Uint8Array> {
  const isFile = given === '-' || (given !== '' && (await io.exists(given)));
  const bytes = isFile ? await io.readFile(given) : encodeUtf8(given);
  const text = new TextDecoder('latin1')
    .decode(bytes)
    .replaceAll(/[\r\n]/g, '')
    .trim();
  if (isBase64(text)) return decodeBase64(text);
  if (isFile && bytes.byteLength > 0) return bytes; // as --b64=false writes it
  throw new CommandError(`--signature ${given}: neither a file nor base64`, 'ERR_CLI_FILE', EXIT_FAILURE);
}

/**
 * What stands beside a signature, as annotations of a layer.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function annotationsBeside(
  io: Io,
  flags: Pick<DetachedFlags, 'certificate' | 'certificateChain' | 'rfc3161Timestamp'>,
): Promise<Record<string, string>> {
  const files = [
    [CERTIFICATE_ANNOTATION, flags.certificate],
    [CHAIN_ANNOTATION, flags.certificateChain],
    [TIMESTAMP_ANNOTATION, flags.rfc3161Timestamp],
  ] as const;
  const annotations: Record<string, string> = {};
  for (const [annotation, path] of files) {
    if (path === undefined) continue;
    const text = decodeUtf8(await io.readFile(path));
    // cosign writes certificates of files as base64 of PEM
    annotations[annotation] =
      annotation !== TIMESTAMP_ANNOTATION && isBase64(text.trim())
        ? decodeUtf8(decodeBase64(text.trim()))
        : text;
  }
  return annotations;
}

function isBase64(text: string): boolean {
  try {
    return decodeBase64(text).byteLength > 0;
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
    return false;
  }
}
