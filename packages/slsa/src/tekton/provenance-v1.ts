import type { JsonObject, JsonValue } from '@sealwright/json';
import { maybeObjectAt, objectAt, textAt, textsAt } from './access.js';
import { byproductsOf } from './byproducts.js';
import { refSourceOf } from './children.js';
import { dependenciesOf, resourceDescriptor, SLSA_TEKTON_BUILD_TYPE } from './dependencies.js';
import { normalise } from './normalise.js';
import type { TektonRun } from './run.js';
import type { Settings } from './settings.js';
import { utcTime } from './utc-time.js';

/** The predicate of provenance 1 for a run: the formats that Chains calls `slsa/v2alpha3` and `slsa/v2alpha4`. */
export function predicateV1(run: TektonRun, settings: Settings): JsonObject {
  const resolvedDependencies = dependenciesOf(run, settings);
  const byproducts = byproductsOf(run, settings);
  return {
    buildDefinition: {
      buildType: settings.buildType,
      externalParameters: externalParameters(run),
      internalParameters: internalParameters(run, settings),
      ...(resolvedDependencies.length === 0 ? {} : { resolvedDependencies: [...resolvedDependencies] }),
    },
    runDetails: {
      builder: { id: settings.builderId },
      metadata: metadataOf(run),
      ...(byproducts.length === 0 ? {} : { byproducts: [...byproducts] }),
    },
  };
}

function externalParameters(run: TektonRun): JsonObject {
  const runSpec = normalise(
    run.json['spec'],
    run.kind === 'TaskRun' ? 'tekton.TaskRunSpec' : 'tekton.PipelineRunSpec',
  );
  const source = refSourceOf(objectAt(run.json, 'status'));
  const resolver = textAt(run.json, 'spec', run.kind === 'TaskRun' ? 'taskRef' : 'pipelineRef', 'resolver');
  // The resolver is called `cluster`; Chains compares with `Cluster`, so that what comes from the cluster counts as remote.
  if (source === undefined || resolver === '' || resolver === 'Cluster') return { runSpec };
  const [first] = Object.entries(textsAt(source, 'digest')).sort(([a], [b]) => (a < b ? -1 : 1));
  const ref = first === undefined ? '' : `${first[0]}:${first[1]}`;
  return {
    runSpec,
    buildConfigSource: { ref, repository: textAt(source, 'uri'), path: textAt(source, 'entryPoint') },
  };
}

function internalParameters(run: TektonRun, settings: Settings): JsonObject {
  const flags = maybeObjectAt(run.json, 'status', 'provenance', 'featureFlags');
  return {
    ...(flags === undefined
      ? {}
      : { 'tekton-pipelines-feature-flags': normalise(flags, 'config.FeatureFlags') }),
    ...(settings.buildType === SLSA_TEKTON_BUILD_TYPE
      ? { labels: metadataMap(run, 'labels'), annotations: metadataMap(run, 'annotations') }
      : {}),
  };
}

function metadataMap(run: TektonRun, name: string): JsonValue {
  return maybeObjectAt(run.json, 'metadata', name) ?? null;
}

function metadataOf(run: TektonRun): JsonObject {
  const [startedOn, finishedOn] = ['startTime', 'completionTime'].map((name) =>
    utcTime(textAt(run.json, 'status', name), 3),
  );
  return resourceDescriptor({
    invocationId: run.uid,
    startedOn: startedOn ?? '',
    finishedOn: finishedOn ?? '',
  });
}
