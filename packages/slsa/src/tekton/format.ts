import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import type { JsonObject, JsonValue } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { PROVENANCE_V02, PROVENANCE_V1 } from '../predicate-types.js';
import { missingImageIds, type TektonDefect } from './compat.js';
import type { Entry } from './merge.js';
import { predicateV02 } from './provenance-v02.js';
import { predicateV1 } from './provenance-v1.js';
import type { TektonRun } from './run.js';
import { sortedJson } from './sorted-json.js';
import { subjectsOf } from './subjects.js';

/** The formats of Chains. `in-toto` is the old name of `slsa/v1`, which is provenance 0.2. */
export type TektonFormat = 'in-toto' | 'slsa/v1' | 'slsa/v2alpha3' | 'slsa/v2alpha4';

/** How to format a run; the names are those of the configuration of Chains. */
export interface FormatOptions {
  /** Which format. */
  readonly format: TektonFormat;
  /** `builder.id`. Default `https://tekton.dev/chains/v2`. */
  readonly builderId?: string;
  /** `builddefinition.buildtype`, for provenance 1. Default `https://tekton.dev/chains/v2/slsa`. */
  readonly buildType?: string;
  /** The TaskRuns of a PipelineRun, in the order of its child references. */
  readonly taskRuns?: readonly TektonRun[];
  /** `artifacts.pipelinerun.enable-deep-inspection`. Default `false`. */
  readonly deepInspection?: boolean;
  /** Defects of Chains to reproduce. Default none; `TEKTON_DEFECTS` gives its bytes to the last. */
  readonly compat?: readonly TektonDefect[];
}

/** What is signed for a run. */
export interface TektonProvenance {
  /** The statement; `subject` is missing when it is empty, as Chains has it. */
  readonly statement: JsonObject;
  /** The exact bytes to sign. */
  readonly payload: Bytes;
  /** Places of image ids that are empty, because the step never started: its image is not told. For the log. */
  readonly missingImageIds: readonly string[];
}

/**
 * Make the provenance of a finished run.
 *
 * @param run - the run
 * @param options - format and configuration
 * @throws {@link SlsaError} `ERR_SLSA_FORMAT`, `ERR_SLSA_IMAGE_ID`, `ERR_SLSA_RUN` or `ERR_SLSA_SCALAR`.
 */
export function formatRun(run: TektonRun, options: FormatOptions): TektonProvenance {
  if (!FORMATS.includes(options.format)) {
    throw new SlsaError('ERR_SLSA_FORMAT', `a format is one of ${FORMATS.join(', ')}`);
  }
  const settings = {
    format: options.format,
    builderId: options.builderId ?? 'https://tekton.dev/chains/v2',
    buildType: options.buildType ?? 'https://tekton.dev/chains/v2/slsa',
    taskRuns: options.taskRuns ?? [],
    deepInspection: options.deepInspection ?? false,
    compat: new Set(options.compat),
  };
  const old = options.format === 'slsa/v1' || options.format === 'in-toto';
  const predicate = old ? predicateV02(run, settings) : predicateV1(run, settings);
  const subject = subjectsOf(run, options.format, settings).map(({ uri, digest }: Entry): JsonValue => ({
    name: uri,
    digest: { ...digest },
  }));
  const head = { _type: old ? 'https://in-toto.io/Statement/v0.1' : 'https://in-toto.io/Statement/v1' };
  const predicateType = old ? PROVENANCE_V02 : PROVENANCE_V1;
  const statement: JsonObject = {
    ...head,
    ...(subject.length === 0 ? {} : { subject }),
    predicateType,
    predicate,
  };
  const missing = missingImageIds([run, ...(run.kind === 'PipelineRun' ? settings.taskRuns : [])]);
  return { statement, payload: encodeUtf8(written(statement)), missingImageIds: missing };
}

/** Members of the statement and of a subject in their own order, all below them sorted. */
function written(statement: JsonObject): string {
  const subject = statement['subject'];
  const subjects = Array.isArray(subject)
    ? `"subject":[${subject.map((each) => `{"name":${sortedJson(member(each, 'name'))},"digest":${sortedJson(member(each, 'digest'))}}`).join(',')}],`
    : '';
  return `{"_type":${sortedJson(statement['_type'] ?? '')},${subjects}"predicateType":${sortedJson(statement['predicateType'] ?? '')},"predicate":${sortedJson(statement['predicate'] ?? {})}}`;
}

function member(value: JsonValue, name: string): JsonValue {
  return (value as JsonObject)[name] ?? null; // made just above
}

const FORMATS: readonly TektonFormat[] = ['in-toto', 'slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'];
