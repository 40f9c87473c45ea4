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
  /** The object that runs it. */
  readonly object: JsonObject;
}

/**
 * The images of a manifest: of the containers of all kinds of a Pod, Deployment, ReplicaSet, ReplicationController, DaemonSet, StatefulSet,
 * Job, CronJob or PodTemplate, alone or in a list, and of image volumes.
 *
 * @param manifest - the object, as JSON
 * @returns none for objects of other kinds
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` for an image that is no text.
 */
export function imagesOf(manifest: JsonValue): readonly WorkloadImage[] {
  return imagesOfObject(manifest, undefined, 0);
}

function imagesOfObject(
  manifest: JsonValue,
  listed: string | undefined,
  depth: number,
): readonly WorkloadImage[] {
  if (!isJsonObject(manifest)) throw policyFault('expected an object', '');
  if (depth > MAX_DEPTH) throw policyFault(`lists are nested more than ${MAX_DEPTH} deep`, '');
  const kind = String(manifest['kind'] ?? listed);
  const [, kindOfItems] = LISTS.exec(kind) ?? [];
  if (kindOfItems !== undefined) {
    const { items } = manifest;
    if (!Array.isArray(items)) return [];
    return items.flatMap((item, index) =>
      imagesOfObject(item, kindOfItems, depth + 1).map((each) => ({
        ...each,
        pointer: `/items/${index}${each.pointer}`,
      })),
    );
  }
  const path = SPECS.get(kind);
  if (path === undefined) return [];
  const spec = path.reduce<JsonValue | undefined>(
    (at, name) => (isJsonObject(at) ? at[name] : undefined),
    manifest,
  );
  const images = isJsonObject(spec) ? imagesOfSpec(spec, `/${path.join('/')}`) : [];
  return images.map((each) => ({ ...each, object: manifest }));
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

type FoundImage = Omit<WorkloadImage, 'object'>;

function imagesOfSpec(spec: JsonObject, pointer: string): readonly FoundImage[] {
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

function image(holder: JsonObject, pointer: string, member: string): readonly FoundImage[] {
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

/** `List`, and those of a kind, such as `PodList`. */
const LISTS =
  /^(|Pod|Deployment|ReplicaSet|ReplicationController|DaemonSet|StatefulSet|Job|CronJob|PodTemplate)List$/;
const MAX_DEPTH = 8;
const TEMPLATE = ['spec', 'template', 'spec'];
const SPECS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', ['spec']],
  ['PodTemplate', ['template', 'spec']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
  ...['Deployment', 'ReplicaSet', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Job'].map(
    (kind): [string, readonly string[]] => [kind, TEMPLATE],
  ),
]);
