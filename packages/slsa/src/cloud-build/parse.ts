import { type DsseEnvelope, parseEnvelope } from '@sealwright/in-toto';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  jsonPointer,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { asSlsaError, SlsaError } from '../errors.js';

/** What `gcloud artifacts docker images describe --show-provenance --format json` prints. */
export interface CloudBuildFile {
  /** What it says about the image; nobody signed this. */
  readonly summary: {
    /** `sha256:` and the digest. */
    readonly digest: string;
    /** The image with its digest. */
    readonly fullyQualifiedDigest: string;
  };
  /** Its provenance, in the order of the file. */
  readonly provenance: readonly CloudBuildEntry[];
}

/** One provenance of an image. */
export interface CloudBuildEntry {
  /** The envelope, or why it is none. Its signatures may not be over what DSSE says: see {@link verifyCloudBuild}. */
  readonly envelope: DsseEnvelope | SlsaError;
  /** The statement for people to read; nobody signed this. `undefined` where there is none. */
  readonly readable: JsonObject | undefined;
  /** What kind of note it is: `BUILD`. */
  readonly kind: string;
  /** The image with its digest, as a URL. */
  readonly resourceUri: string;
  /** Where it is in the file. */
  readonly pointer: string;
}

/**
 * Read what Cloud Build describes an image with.
 *
 * @param input - the JSON that the command printed: text, or UTF-8
 * @throws {@link SlsaError} `ERR_SLSA_CLOUD_BUILD`
 */
export function parseCloudBuild(input: string | Uint8Array): CloudBuildFile {
  const file = json(input);
  const summary = member(file, 'image_summary', '');
  const list = member(file, 'provenance_summary', '')['provenance'];
  if (!Array.isArray(list)) throw fault('/provenance_summary/provenance', 'expected a list');
  if (list.length > MAX_ENTRIES)
    throw fault('/provenance_summary/provenance', `at most ${MAX_ENTRIES} entries`);
  return {
    summary: {
      digest: text(summary['digest']),
      fullyQualifiedDigest: text(summary['fully_qualified_digest']),
    },
    provenance: list.map((entry, index) => entryOf(entry, `/provenance_summary/provenance/${index}`)),
  };
}

function entryOf(entry: JsonValue, pointer: string): CloudBuildEntry {
  const build = member(entry, 'build', pointer);
  const readable = [build['inTotoSlsaProvenanceV1'], build['intotoStatement']].find(isJsonObject);
  return {
    envelope: envelopeOf(member(entry, 'envelope', pointer)),
    readable,
    kind: text(optional(entry, 'kind')),
    resourceUri: text(optional(entry, 'resourceUri')),
    pointer,
  };
}

/** One damaged envelope does not spoil the others. */
function envelopeOf(value: JsonObject): DsseEnvelope | SlsaError {
  try {
    return asSlsaError(() => parseEnvelope(JSON.stringify(value), { mode: 'tolerant' }));
  } catch (error) {
    if (error instanceof SlsaError) return error;
    throw error;
  }
}

function json(input: string | Uint8Array): JsonValue {
  try {
    return parseJson(input, { maxBytes: MAX_BYTES });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SlsaError('ERR_SLSA_CLOUD_BUILD', cause.message, { pointer: cause.pointer, cause });
  }
}

function member(value: JsonValue, name: string, pointer: string): JsonObject {
  const found = optional(value, name);
  if (!isJsonObject(found)) throw fault(pointer + jsonPointer(name), 'expected an object');
  return found;
}

function optional(value: JsonValue, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function fault(pointer: string, message: string): SlsaError {
  return new SlsaError('ERR_SLSA_CLOUD_BUILD', message, { pointer });
}

const MAX_BYTES = 16 << 20;
const MAX_ENTRIES = 64;
