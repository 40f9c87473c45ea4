/**
 * Who can open a layer: what wraps its key and what unwraps it.
 *
 * @module
 */
import { type Bytes, encodeBase64 } from '@sealwright/bytes';
import { OciError } from '../errors.js';
import { bytesOf, KEYS_ANNOTATION, parsePrivateOptions, type PrivateLayerOptions } from './options.js';

/** Unwraps the keys of layers. */
export interface LayerKeyOpener {
  /**
   * Whether this opener can read what an annotation holds.
   *
   * @param scheme - what follows `org.opencontainers.image.enc.keys.` in the name: `jwe`, `provider.attestation-agent`
   */
  handles(scheme: string): boolean;
  /**
   * Unwrap one packet. A rejection with an `OciError` lets the next packet be tried.
   *
   * @param packet - as the annotation holds it, base64 taken off
   * @param scheme - as in {@link LayerKeyOpener.handles}
   * @returns the private options, JSON
   */
  open(packet: Bytes, scheme: string): Promise<Uint8Array>;
}

/** Wraps the keys of layers for one recipient. */
export interface LayerKeySealer {
  /** What follows `org.opencontainers.image.enc.keys.` in the name of the annotation. */
  readonly scheme: string;
  /**
   * Wrap the private options.
   *
   * @param privateOptions - JSON; secret
   * @returns the packet
   */
  seal(privateOptions: Bytes): Promise<Uint8Array>;
}

/** The first packet that one of the openers can open, in the order of the annotations and then of the openers. */
export async function openLayerKey(
  annotations: Readonly<Record<string, string>>,
  openers: readonly LayerKeyOpener[],
): Promise<PrivateLayerOptions> {
  const reasons: string[] = [];
  for (const [scheme, text] of packetsOf(annotations)) {
    for (const opener of openers.filter((each) => each.handles(scheme))) {
      try {
        return parsePrivateOptions(await opener.open(bytesOf(text, 'ERR_OCI_UNWRAP'), scheme));
      } catch (cause) {
        // wrong parameters in what did unwrap are not another recipient's matter
        if (!(cause instanceof OciError) || cause.code === 'ERR_OCI_CIPHER') throw cause;
        reasons.push(`${scheme}: ${cause.message}`);
      }
    }
  }
  const why = reasons.length === 0 ? 'it names no recipient that can be tried here' : reasons.join('; ');
  throw new OciError('ERR_OCI_UNWRAP', `the key of the layer cannot be had: ${why}`);
}

/** Wrap for each recipient; recipients of one scheme share an annotation. */
export async function sealLayerKey(
  privateOptions: Bytes,
  sealers: readonly LayerKeySealer[],
): Promise<Record<string, string>> {
  const annotations: Record<string, string> = {};
  for (const sealer of sealers) {
    const name = KEYS_ANNOTATION + sealer.scheme;
    const packet = encodeBase64(await sealer.seal(privateOptions));
    annotations[name] = annotations[name] === undefined ? packet : `${annotations[name]},${packet}`;
  }
  return annotations;
}

function packetsOf(annotations: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  const packets = Object.entries(annotations)
    .filter(([name]) => name.startsWith(KEYS_ANNOTATION))
    .flatMap(([name, value]) => {
      if (value.length > MAX_ANNOTATION) {
        throw new OciError('ERR_OCI_SIZE', `an annotation has at most ${MAX_ANNOTATION} characters`);
      }
      const scheme = name.slice(KEYS_ANNOTATION.length);
      return value.split(',', MAX_PACKETS + 1).map((text): readonly [string, string] => [scheme, text]);
    });
  if (packets.length <= MAX_PACKETS) return packets;
  throw new OciError('ERR_OCI_SIZE', `a layer has at most ${MAX_PACKETS} recipients`);
}

const MAX_ANNOTATION = 1 << 20;
const MAX_PACKETS = 100;
