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

/**
 * The images that a TaskRun's results name, to be signed on their own. A PipelineRun has none of its own.
 *
 * @param run - the run
 */
export function ociArtifacts(run: TektonRun): readonly OciArtifact[] {
  if (run.kind !== 'TaskRun') return [];
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
