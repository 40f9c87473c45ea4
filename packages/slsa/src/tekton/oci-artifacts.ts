import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { objectAt } from './access.js';
import type { FormatOptions } from './format.js';
import { imagesOf, resultsOf } from './hints.js';
import { simpleSigningText, type TektonImage } from './image-reference.js';
import type { TektonRun } from './run.js';
import { subjectsOf } from './subjects.js';

/** An image to sign on its own. */
export interface OciArtifact {
  /** The image. */
  readonly image: TektonImage;
  /** `<repository>@<digest>`. */
  readonly fullKey: string;
  /** The first 12 digits of the digest. */
  readonly shortKey: string;
  /** The exact bytes to sign. */
  readonly payload: Bytes;
}

/** Which images are signed on their own. */
export interface OciArtifactOptions {
  /** Whether the results of a PipelineRun count too, which Chains never looks at. Default `false`. */
  readonly pipelineRuns?: boolean;
}

/**
 * The images that a run's results name, to be signed on their own.
 *
 * @param run - a TaskRun; of a PipelineRun none, unless the options say otherwise
 * @param options - whether PipelineRuns count
 */
export function ociArtifacts(run: TektonRun, options: OciArtifactOptions = {}): readonly OciArtifact[] {
  if (run.kind !== 'TaskRun' && options.pipelineRuns !== true) return [];
  return imagesOf(resultsOf(objectAt(run.json, 'status'))).map((image) => ({
    image,
    fullKey: `${image.repository}@${image.digest}`,
    shortKey: image.digest.slice(7, 19),
    payload: encodeUtf8(simpleSigningText(image)),
  }));
}

/**
 * The subjects of a run as URIs, `<name>@<algorithm>:<hex>`, as the Grafeas storage names notes.
 *
 * @param run - the run
 * @param options - format and configuration
 */
export function artifactUris(run: TektonRun, options: FormatOptions): readonly string[] {
  const settings = { taskRuns: options.taskRuns ?? [], deepInspection: options.deepInspection ?? false };
  return subjectsOf(run, options.format, settings).flatMap(({ uri, digest }) =>
    Object.entries(digest).map(([algorithm, hex]) => `${uri}@${algorithm}:${hex}`),
  );
}
