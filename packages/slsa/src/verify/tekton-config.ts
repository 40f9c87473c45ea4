import { type DigestSet, matchDigests, type ResourceDescriptor } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import { type Check, check } from './check.js';
import type { TektonExpectations } from './expectations.js';
import { object, text } from './source.js';
import { isSaid } from './tekton-spec.js';

/** Look at where the Pipeline or Task of a run came from. */
export function configChecks(
  view: ProvenanceView,
  expected: TektonExpectations['pipeline'],
): readonly Check[] {
  if (expected === undefined) return [check('SLSA_TEKTON_CONFIG', undefined)];
  const found = configOf(view);
  const fits = found.find(
    ({ uri, digest, path }) =>
      uri === expected.uri &&
      (expected.path === undefined || path === expected.path) &&
      (expected.digest === undefined || shareDigest(digest, expected.digest)),
  );
  const [best] = found;
  const actual = best === undefined ? undefined : described(fits ?? best);
  const wanted = described(expected);
  const message =
    best === undefined
      ? 'provenance does not tell where the configuration came from'
      : 'the configuration came from elsewhere';
  const pointer = (fits ?? best)?.pointer ?? view.pointers.source;
  return [check('SLSA_TEKTON_CONFIG', fits !== undefined, { expected: wanted, actual, pointer, message })];
}

interface Config {
  readonly uri: string;
  readonly digest: DigestSet;
  readonly path: string | undefined;
  readonly pointer: string;
}

/** Where a run was told to take its configuration from, or, where that is not told, the one config among the dependencies. */
function configOf(view: ProvenanceView): readonly Config[] {
  const { external, configSource, pointers, dependencies } = view;
  if (view.version !== 'v1') {
    if (configSource === undefined) return [];
    const { uri = '', digest = {}, entryPoint: path } = configSource;
    return [{ uri, digest, path, pointer: pointers.source }];
  }
  const source = object(external['buildConfigSource']);
  if (Object.keys(source).length > 0) {
    const [algorithm = '', ...value] = text(source['ref']).split(':');
    const [uri, path] = [text(source['repository']), text(source['path'])];
    return [
      {
        uri,
        digest: { [algorithm]: value.join(':') },
        path,
        pointer: `${pointers.external}/buildConfigSource`,
      },
    ];
  }
  const top = isSaid(object(external['runSpec'])['pipelineRef']) ? 'pipeline' : 'task';
  return dependencies.flatMap(({ name, uri = '', digest = {} }: ResourceDescriptor, index) =>
    name === top ? [{ uri, digest, path: undefined, pointer: `${pointers.dependencies}/${index}` }] : [],
  );
}

function shareDigest(found: DigestSet, expected: DigestSet): boolean {
  const accept = Object.keys(expected);
  return matchDigests(found, expected, { accept, conflictPolicy: 'reject' }) !== undefined;
}

function described({
  uri,
  digest = {},
  path,
}: {
  uri: string;
  digest?: DigestSet;
  path?: string | undefined;
}): JsonObject {
  return { uri, digest: { ...digest }, ...(path === undefined ? {} : { path }) };
}
