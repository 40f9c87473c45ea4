import { BytesError, decodeBase64, decodeUtf8 } from '@sealwright/bytes';
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
  const beside = await annotationsOf(io, flags);
  const withKey = flags.key !== undefined;
  if (kind === 'attestation')
    return attestationEvidence({ layer: { annotations: beside }, blob: await io.readFile(name) }, withKey);
  const text = (await io.exists(name)) || name === '-' ? decodeUtf8(await io.readFile(name)) : name;
  const signature = text.replaceAll(/[\r\n]/g, '').trim();
  if (!isBase64(signature))
    throw new CommandError(`--signature ${name}: neither a file nor base64`, 'ERR_CLI_FILE', EXIT_FAILURE);
  const annotations = { ...beside, 'dev.cosignproject.cosign/signature': signature };
  return [signatureEvidence({ layer: { annotations }, blob: new Uint8Array(0) }, withKey)];
}

async function annotationsOf(io: Io, flags: DetachedFlags): Promise<Record<string, string>> {
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
