import { encodeHex, encodeUtf8 } from '@sealwright/bytes';

/** What the runs built. */
export interface RunOptions {
  /** Where the image was pushed, without tag or digest, such as `registry.example.com/shop/checkout`. */
  readonly image: string;
  /** The image's digest: `sha256:` and 64 digits. */
  readonly digest: string;
  /** Name of the run. Default `checkout-7xk2p`, and that of the TaskRun with `-build-image` after it. */
  readonly name?: string;
}

/**
 * A finished TaskRun as a cluster has it: a task from a hub cloned a commit, built an image and reported both as results.
 *
 * @param options - the image
 */
export function taskRun(options: RunOptions): object {
  const pipeline = options.name ?? 'checkout-7xk2p';
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: `${pipeline}-build-image`,
      namespace: 'shop',
      uid: uidOf(`${pipeline}-build-image`),
      labels: {
        'app.kubernetes.io/name': 'checkout',
        'tekton.dev/pipeline': 'checkout',
        'tekton.dev/pipelineRun': pipeline,
        'tekton.dev/pipelineTask': 'build-image',
      },
      annotations: { 'shop.example.com/requested-by': 'release-team' },
    },
    spec: {
      serviceAccountName: 'builder',
      params: [
        { name: 'url', value: SOURCE },
        { name: 'revision', value: 'main' },
        { name: 'image', value: options.image },
      ],
      taskRef: {
        resolver: 'hub',
        params: [
          { name: 'kind', value: 'task' },
          { name: 'name', value: 'build-image' },
          { name: 'version', value: '0.3' },
        ],
      },
      timeout: '30m0s',
      workspaces: [{ name: 'source', emptyDir: {} }],
    },
    status: {
      podName: `${pipeline}-build-image-pod`,
      startTime: '2026-11-20T09:00:00Z',
      completionTime: '2026-11-20T09:03:30Z',
      conditions: [succeeded('2026-11-20T09:03:30Z')],
      provenance: { refSource: HUB_TASK },
      results: [
        { name: 'IMAGE_URL', type: 'string', value: options.image },
        { name: 'IMAGE_DIGEST', type: 'string', value: options.digest },
        { name: 'CHAINS-GIT_URL', type: 'string', value: SOURCE },
        { name: 'CHAINS-GIT_COMMIT', type: 'string', value: COMMIT },
      ],
      steps: [
        {
          name: 'build',
          container: 'step-build',
          imageID: `registry.example.com/tools/builder@sha256:${'5a'.repeat(32)}`,
          terminated: {
            exitCode: 0,
            reason: 'Completed',
            startedAt: '2026-11-20T09:00:10Z',
            finishedAt: '2026-11-20T09:03:29Z',
            containerID: `containerd://${'c1'.repeat(32)}`,
          },
        },
      ],
      taskSpec: {
        params: [
          { name: 'url', type: 'string' },
          { name: 'revision', type: 'string', default: 'main' },
          { name: 'image', type: 'string' },
        ],
        results: ['IMAGE_URL', 'IMAGE_DIGEST', 'CHAINS-GIT_URL', 'CHAINS-GIT_COMMIT'].map((name) => ({
          name,
          type: 'string',
        })),
        steps: [
          {
            name: 'build',
            image: 'registry.example.com/tools/builder:1.4',
            computeResources: {},
            script: '#!/bin/sh\nset -eu\nbuild --push "$(params.image)"\n',
          },
        ],
      },
    },
  };
}

/**
 * The PipelineRun of {@link taskRun}, which reports the image as an object.
 *
 * @param options - the image
 */
export function pipelineRun(options: RunOptions): object {
  const name = options.name ?? 'checkout-7xk2p';
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name,
      namespace: 'shop',
      uid: uidOf(name),
      labels: { 'tekton.dev/pipeline': 'checkout' },
      annotations: {},
    },
    spec: {
      pipelineRef: { name: 'checkout' },
      params: [{ name: 'image', value: options.image }],
      taskRunTemplate: { serviceAccountName: 'builder' },
      timeouts: { pipeline: '1h0m0s' },
    },
    status: {
      startTime: '2026-11-20T08:59:58Z',
      completionTime: '2026-11-20T09:03:31Z',
      conditions: [succeeded('2026-11-20T09:03:31Z')],
      childReferences: [
        {
          apiVersion: 'tekton.dev/v1',
          kind: 'TaskRun',
          name: `${name}-build-image`,
          pipelineTaskName: 'build-image',
        },
      ],
      results: [
        {
          name: 'checkout_ARTIFACT_OUTPUTS',
          value: { uri: options.image, digest: options.digest, isBuildArtifact: 'true' },
        },
      ],
      pipelineSpec: {
        params: [{ name: 'image', type: 'string' }],
        tasks: [
          {
            name: 'build-image',
            params: [{ name: 'image', value: '$(params.image)' }],
            taskRef: { resolver: 'hub', params: [{ name: 'name', value: 'build-image' }] },
          },
        ],
        results: [
          {
            name: 'checkout_ARTIFACT_OUTPUTS',
            type: 'object',
            description: 'the image',
            value: {
              uri: '$(tasks.build-image.results.IMAGE_URL)',
              digest: '$(tasks.build-image.results.IMAGE_DIGEST)',
              isBuildArtifact: 'true',
            },
          },
        ],
      },
    },
  };
}

function succeeded(lastTransitionTime: string): object {
  const message = 'All Steps have completed executing';
  return { type: 'Succeeded', status: 'True', reason: 'Succeeded', message, lastTransitionTime };
}

/** The same name has the same uid: 32 digits from its characters. */
function uidOf(name: string): string {
  const hex = encodeHex(encodeUtf8(name.padEnd(16, '.')).slice(-16));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const SOURCE = 'https://git.example.com/shop/checkout';
const COMMIT = '4f8c1d2e9a7b6035d1c2f3e4a5968778695a4b3c';
const HUB_TASK = {
  uri: 'https://hub.example.com/v1/resource/tasks/task/build-image/0.3/yaml',
  digest: { sha256: '7e'.repeat(32) },
  entryPoint: 'build-image.yaml',
};
