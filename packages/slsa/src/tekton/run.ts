import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { textAt } from './access.js';

/** A run as the cluster has it. */
export interface TektonRun {
  /** Which of the two it is. */
  readonly kind: 'TaskRun' | 'PipelineRun';
  /** Such as `tekton.dev/v1`. */
  readonly apiVersion: string;
  /** `metadata.name`. */
  readonly name: string;
  /** `metadata.uid`. */
  readonly uid: string;
  /** The whole object. */
  readonly json: JsonObject;
}

/**
 * Read a run.
 *
 * @param input - the JSON of a TaskRun or PipelineRun: text, UTF-8, or already parsed; at most 16 MiB of text
 * @throws {@link SlsaError} `ERR_SLSA_RUN`.
 */
export function parseRun(input: string | Uint8Array | JsonObject): TektonRun {
  const json = typeof input === 'string' || input instanceof Uint8Array ? parsed(input) : input;
  if (!isJsonObject(json)) throw new SlsaError('ERR_SLSA_RUN', 'a run is an object', { pointer: '' });
  const kind = textAt(json, 'kind');
  if (kind !== 'TaskRun' && kind !== 'PipelineRun') {
    throw new SlsaError('ERR_SLSA_RUN', 'a run is a TaskRun or a PipelineRun', { pointer: '/kind' });
  }
  const [name, uid] = [textAt(json, 'metadata', 'name'), textAt(json, 'metadata', 'uid')];
  return { kind, apiVersion: textAt(json, 'apiVersion'), name, uid, json };
}

/** What storages know the payload of a run by. */
export interface RunKeys {
  /** Such as `taskrun-<uid>`. */
  readonly shortKey: string;
  /** Such as `tekton.dev-v1-TaskRun-<uid>`. */
  readonly fullKey: string;
}

/**
 * What storages know the payload of a run by.
 *
 * @param run - the run
 */
export function runKeys(run: TektonRun): RunKeys {
  return {
    shortKey: `${run.kind.toLowerCase()}-${run.uid}`,
    fullKey: `${(run.apiVersion || 'tekton.dev/v1').replaceAll('/', '-')}-${run.kind}-${run.uid}`,
  };
}

function parsed(input: string | Uint8Array): JsonValue {
  try {
    return parseJson(input, { maxBytes: 16 << 20, maxDepth: 128 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SlsaError('ERR_SLSA_RUN', cause.message, { pointer: cause.pointer, cause });
  }
}
