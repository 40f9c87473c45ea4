import type { JsonObject } from '@sealwright/json';
import { maybeObjectAt, objectAt, objectsAt, textAt, textsAt } from './access.js';
import { type ParamValue, paramValue } from './param-value.js';

/** How a run was called: its origin, its parameters with their defaults, what it was labelled with. Chains, `slsa/v1`. */
export function invocation(json: JsonObject, kind: 'TaskRun' | 'PipelineRun'): JsonObject {
  const source = maybeObjectAt(json, 'status', 'provenance', 'refSource');
  const configSource = source === undefined ? {} : originOf(source);
  const environment = environmentOf(json);
  return {
    configSource,
    parameters: parametersOf(json, kind),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
  };
}

function originOf(source: JsonObject): JsonObject {
  const digest = textsAt(source, 'digest');
  const [uri, entryPoint] = [textAt(source, 'uri'), textAt(source, 'entryPoint')];
  return {
    ...(uri === '' ? {} : { uri }),
    ...(Object.keys(digest).length === 0 ? {} : { digest: { ...digest } }),
    ...(entryPoint === '' ? {} : { entryPoint }),
  };
}

function parametersOf(json: JsonObject, kind: 'TaskRun' | 'PipelineRun'): JsonObject {
  const declared = objectsAt(
    json,
    'status',
    kind === 'TaskRun' ? 'taskSpec' : 'pipelineSpec',
    'params',
  ).filter((param) => param['default'] !== undefined && param['default'] !== null);
  const values = new Map<string, ParamValue>();
  for (const param of declared) values.set(textAt(param, 'name'), paramValue(param['default']));
  for (const param of objectsAt(json, 'spec', 'params'))
    values.set(textAt(param, 'name'), paramValue(param['value']));
  return Object.fromEntries(values);
}

function environmentOf(json: JsonObject): JsonObject {
  const annotations = Object.entries(textsAt(json, 'metadata', 'annotations')).filter(
    ([name]) =>
      name !== 'kubectl.kubernetes.io/last-applied-configuration' && !name.startsWith('chains.tekton.dev/'),
  );
  const labels = objectAt(json, 'metadata', 'labels');
  return {
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}
