/**
 * Type hints: what results and parameters say about a run's inputs and outputs.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { objectsAt, textAt } from './access.js';
import { digestStringOrNone } from './digest-string.js';
import { parseImageReference, type TektonImage } from './image-reference.js';
import type { Entry } from './merge.js';
import { type ParamValue, paramValue } from './param-value.js';
import { trimSpace } from './white-space.js';

/** A result with its value read. */
export interface Result {
  readonly name: string;
  readonly value: ParamValue;
}

/** Read the results at a place of a run. */
export function resultsOf(holder: JsonObject): readonly Result[] {
  return objectsAt(holder, 'results').map((result) => ({
    name: textAt(result, 'name'),
    value: paramValue(result['value']),
  }));
}

/** The images that results name, each once. What does not parse is dropped, as Chains does. */
export function imagesOf(results: readonly Result[]): readonly TektonImage[] {
  const texts = [
    ...pairsOf(results, 'IMAGE_URL', 'IMAGE_DIGEST').map(([url, digest]) => `${url}@${digest}`),
    ...results
      .filter(({ name }) => name === 'IMAGES')
      .flatMap(({ value }) => text(value).split(/[,\n]/))
      .map(trimSpace)
      .filter((each) => each !== ''),
    ...outputsOf(results, true).map(({ uri, digest }) => `${uri}@${digest}`),
  ];
  const images = new Map<string, TektonImage>();
  for (const reference of texts) {
    const image = imageOrNone(reference);
    if (image !== undefined)
      images.set(
        `${image.repository}@${image.digest}`,
        images.get(`${image.repository}@${image.digest}`) ?? image,
      );
  }
  return [...images.values()];
}

/** Subjects of the images that results name. */
export function imageSubjects(results: readonly Result[]): readonly Entry[] {
  return imagesOf(results).map(({ repository, digest }) => ({
    uri: repository,
    digest: { sha256: digest.slice(7) },
  }));
}

/** Subjects that `*ARTIFACT_URI` and `*ARTIFACT_DIGEST` name. */
export function pairSubjects(results: readonly Result[]): readonly Entry[] {
  return pairsOf(results, 'ARTIFACT_URI', 'ARTIFACT_DIGEST')
    .filter(([, digest]) => digestStringOrNone(digest) !== undefined)
    .map(([uri, digest]) => ({ uri, digest: rawDigest(digest) }));
}

/** Subjects that `*ARTIFACT_OUTPUTS` name. */
export function outputSubjects(results: readonly Result[], onlyBuilds: boolean): readonly Entry[] {
  return outputsOf(results, onlyBuilds).map(({ uri, digest }) => ({ uri, digest: rawDigest(digest) }));
}

/** Dependencies that `*ARTIFACT_INPUTS` name. */
export function inputsOf(results: readonly Result[]): readonly Entry[] {
  return objectHints(results, 'ARTIFACT_INPUTS').flatMap((value) => {
    const digest = digestStringOrNone(value['digest'] ?? '');
    const uri = value['uri'] ?? '';
    return digest === undefined || uri === '' ? [] : [{ uri, digest: { [digest.algorithm]: digest.hex } }];
  });
}

/** Whether a result is told elsewhere in `slsa/v2alpha4`, so that it is no byproduct. */
export function isHint({ name, value }: Result): boolean {
  if (name.endsWith('IMAGE_URL') || name.endsWith('IMAGE_DIGEST') || name === 'IMAGES') return true;
  if (!name.endsWith('ARTIFACT_OUTPUTS')) return false;
  return typeof value === 'string' || Array.isArray(value) || value['isBuildArtifact'] === 'true';
}

/** The git source that hints name; later places override earlier ones. */
export function gitOf(places: readonly (readonly Result[])[], needsUrl: boolean): readonly Entry[] {
  let [url, commit] = ['', ''];
  for (const { name, value } of places.flat()) {
    if (name === 'CHAINS-GIT_URL') url = text(value);
    if (name === 'CHAINS-GIT_COMMIT') commit = text(value);
  }
  if (commit === '' || (needsUrl && url === '')) return [];
  const prefixed = url.startsWith('git+') ? url : `git+${url}`;
  return [{ uri: prefixed.endsWith('.git') ? prefixed : `${prefixed}.git`, digest: { sha1: commit } }];
}

/** Pair results by what stands in front of two suffixes, in the order of first appearance. */
function pairsOf(
  results: readonly Result[],
  urlSuffix: string,
  digestSuffix: string,
): readonly [string, string][] {
  const pairs = new Map<string, { url?: string; digest?: string }>();
  for (const { name, value } of results) {
    const half = name.endsWith(urlSuffix) ? 'url' : name.endsWith(digestSuffix) ? 'digest' : undefined;
    const trimmed = trimSpace(text(value));
    if (half === undefined || trimmed === '') continue;
    const marker = name.slice(0, -(half === 'url' ? urlSuffix : digestSuffix).length);
    pairs.set(marker, { ...pairs.get(marker), [half]: trimmed });
  }
  return [...pairs.values()].flatMap(({ url, digest }): [string, string][] =>
    url === undefined || digest === undefined ? [] : [[url, digest]],
  );
}

function outputsOf(
  results: readonly Result[],
  onlyBuilds: boolean,
): readonly { uri: string; digest: string }[] {
  return objectHints(results, 'ARTIFACT_OUTPUTS').flatMap((value) => {
    const [uri = '', digest = ''] = [value['uri'], value['digest']];
    const valid = uri !== '' && digestStringOrNone(digest) !== undefined;
    return valid && (!onlyBuilds || value['isBuildArtifact'] === 'true') ? [{ uri, digest }] : [];
  });
}

function objectHints(
  results: readonly Result[],
  suffix: string,
): readonly Readonly<Record<string, string>>[] {
  return results
    .filter(({ name }) => name.endsWith(suffix))
    .map(({ value }) => value)
    .filter((value): value is { [name: string]: string } => isJsonObject(value));
}

/** The two halves as they are, letter case and blanks kept. */
function rawDigest(digest: string): Readonly<Record<string, string>> {
  const [algorithm = '', hex = ''] = digest.split(':');
  return { [algorithm]: hex };
}

function text(value: ParamValue): string {
  return typeof value === 'string' ? value : '';
}

function imageOrNone(reference: string): TektonImage | undefined {
  try {
    return parseImageReference(reference);
  } catch (error) {
    if (error instanceof SlsaError) return undefined;
    throw error;
  }
}
