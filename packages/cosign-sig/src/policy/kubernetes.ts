/**
 * Kubernetes objects, as far as policies about images need them.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { Fields } from './fields.js';
import { policyFault } from './members.js';

/** An image that a workload runs. */
export interface WorkloadImage {
  /** JSON pointer of the image in the manifest. */
  readonly pointer: string;
  /** The name of the container, or of the volume. */
  readonly container: string;
  /** The image as written. */
  readonly image: string;
}

/**
 * The images of a manifest: of the containers of all kinds of a Pod, Deployment, ReplicaSet, ReplicationController, DaemonSet, StatefulSet,
 * Job or CronJob, and of image volumes.
 *
 * @param manifest - the object, as JSON
 * @returns none for objects of other kinds
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` for an image that is no text.
 */
export function imagesOf(manifest: JsonValue): readonly WorkloadImage[] {
  if (!isJsonObject(manifest)) throw policyFault('expected an object', '');
  if (manifest['kind'] === 'List') {
    const { items } = manifest;
    if (!Array.isArray(items)) return [];
    return items.flatMap((item, index) =>
      imagesOf(item).map((each) => ({ ...each, pointer: `/items/${index}${each.pointer}` })),
    );
  }
  const path = SPECS.get(String(manifest['kind']));
  if (path === undefined) return [];
  const spec = path.reduce<JsonValue | undefined>(
    (at, name) => (isJsonObject(at) ? at[name] : undefined),
    manifest,
  );
  return isJsonObject(spec) ? imagesOfSpec(spec, `/${path.join('/')}`) : [];
}

/** Kind, name and `spec` of an object. */
export function readKubernetes(value: JsonValue): {
  kind: string;
  name: string;
  apiVersion: string;
  spec: Fields;
} {
  if (!isJsonObject(value)) throw policyFault('expected an object', '');
  const { kind, metadata, spec, apiVersion } = value;
  if (typeof kind !== 'string') throw policyFault('expected a kind', '/kind');
  const name = isJsonObject(metadata) ? metadata['name'] : undefined;
  return {
    kind,
    name: typeof name === 'string' ? name : '',
    apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
    spec: new Fields(spec, '/spec'),
  };
}

function imagesOfSpec(spec: JsonObject, pointer: string): readonly WorkloadImage[] {
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    items(spec, list).flatMap((container, index) => image(container, `${pointer}/${list}/${index}`, 'image')),
  );
  const volumes = items(spec, 'volumes').flatMap((volume, index) => {
    const source = volume['image'];
    if (!isJsonObject(source)) return [];
    const name = volume['name'] ?? '';
    return image({ ...source, name }, `${pointer}/volumes/${index}/image`, 'reference');
  });
  return [...containers, ...volumes];
}

function image(holder: JsonObject, pointer: string, member: string): readonly WorkloadImage[] {
  const value = holder[member];
  if (value === undefined || value === null) return [];
  if (typeof value !== 'string') throw policyFault('expected an image', `${pointer}/${member}`);
  const { name } = holder;
  return [{ pointer: `${pointer}/${member}`, container: typeof name === 'string' ? name : '', image: value }];
}

function items(spec: JsonObject, name: string): readonly JsonObject[] {
  const list = spec[name];
  return Array.isArray(list) ? list.filter((item) => isJsonObject(item)) : [];
}

const TEMPLATE = ['spec', 'template', 'spec'];
const SPECS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', ['spec']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
  ...['Deployment', 'ReplicaSet', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Job'].map(
    (kind): [string, readonly string[]] => [kind, TEMPLATE],
  ),
]);
