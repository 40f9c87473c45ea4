import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import { type Check, check } from './check.js';
import { object, text } from './source.js';
import { isSaid, listOf, type RunSpec } from './tekton-spec.js';

/** Images that a spec names without a digest run whatever the tag pointed to. */
export function imageChecks(
  view: ProvenanceView,
  spec: RunSpec,
  wanted: boolean | undefined,
): readonly Check[] {
  if (wanted !== true) return [check('SLSA_TEKTON_UNPINNED_STEP', undefined, { pointer: spec.pointer })];
  const found =
    view.version === 'v1' ? images(spec.value, spec.pointer, 0) : ranImages(spec.value, spec.pointer);
  const message = 'this image has no digest';
  const checks = found.map(({ image, pointer }) =>
    check('SLSA_TEKTON_UNPINNED_STEP', isPinned(image), { actual: image, pointer, message }),
  );
  return checks.length > 0
    ? checks
    : [check('SLSA_TEKTON_UNPINNED_STEP', undefined, { pointer: spec.pointer })];
}

interface NamedImage {
  readonly image: string;
  readonly pointer: string;
}

/** The images of steps, step templates and sidecars, in a Task and in the tasks of a Pipeline. */
function images(value: JsonValue, pointer: string, depth: number): readonly NamedImage[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value))
    return value.flatMap((each, index) => images(each, `${pointer}/${index}`, depth + 1));
  if (!isJsonObject(value)) return [];
  const own = ['steps', 'sidecars'].flatMap((name) =>
    listOf(value[name]).flatMap((each, index) => {
      const image = object(each)['image'];
      return typeof image === 'string' ? [{ image, pointer: `${pointer}/${name}/${index}/image` }] : [];
    }),
  );
  const template = object(value['stepTemplate'])['image'];
  const inherited =
    typeof template === 'string' ? [{ image: template, pointer: `${pointer}/stepTemplate/image` }] : [];
  const below = ['taskSpec', 'pipelineSpec', 'tasks', 'finally'].flatMap((name) =>
    isSaid(value[name]) ? images(value[name] ?? null, `${pointer}/${name}`, depth + 1) : [],
  );
  return [...own, ...inherited, ...below];
}

/** Version 0.2 tells the image of each step as it ran. */
function ranImages(config: JsonObject, pointer: string): readonly NamedImage[] {
  const steps = (value: JsonValue | undefined, at: string): readonly NamedImage[] =>
    listOf(value).map((step, index) => ({
      image: text(object(object(step)['environment'])['image']),
      pointer: `${at}/${index}/environment/image`,
    }));
  const tasks = listOf(config['tasks']).flatMap((task, index) =>
    steps(object(task)['steps'], `${pointer}/tasks/${index}/steps`),
  );
  return [...steps(config['steps'], `${pointer}/steps`), ...tasks];
}

function isPinned(image: string): boolean {
  const at = image.lastIndexOf('@sha256:');
  return at > 0 && /^[0-9a-f]{64}$/.test(image.slice(at + '@sha256:'.length));
}

const MAX_DEPTH = 16;
