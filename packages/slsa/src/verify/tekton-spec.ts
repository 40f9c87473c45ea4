import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import { object } from './source.js';

/** What a run was told: version 1 has it whole, version 0.2 only the steps as they ran. */
export interface RunSpec {
  readonly value: JsonObject;
  readonly pointer: string;
  /** Whether it is the spec of the run, and not what is left of it in version 0.2. */
  readonly whole: boolean;
}

/** The spec of the run that provenance is about. */
export function specOf({ version, external, buildConfig, pointers }: ProvenanceView): RunSpec {
  if (version === 'v1')
    return { value: object(external['runSpec']), pointer: `${pointers.external}/runSpec`, whole: true };
  return { value: buildConfig ?? {}, pointer: '/predicate/buildConfig', whole: false };
}

/** Whether an object or list holds something. */
export function isSaid(value: JsonValue | undefined): boolean {
  return isJsonObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0;
}

/** A list, empty where there is none. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
