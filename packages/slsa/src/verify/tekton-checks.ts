import type { DigestSet, ResourceDescriptor } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, type JsonValue, jsonPointer } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import { type Check, check, sameJson } from './check.js';
import type { TektonExpectations } from './expectations.js';
import { isTekton, object, text } from './source.js';

/** Look at how a run of Tekton was configured. */
export function tektonChecks(view: ProvenanceView, expect: TektonExpectations | undefined): readonly Check[] {
  if (expect === undefined) return [];
  const { pointers, buildType } = view;
  if (!isTekton(buildType ?? '')) {
    const message = 'this is no run of Tekton';
    return [check('SLSA_BUILD_TYPE', false, { actual: buildType, pointer: pointers.buildType, message })];
  }
  const spec = specOf(view);
  return [
    inlineCheck(spec, expect),
    ...configChecks(view, expect.pipeline),
    ...paramChecks(view, spec, expect.params),
    accountCheck(spec, expect.serviceAccounts),
    ...memberChecks(spec, expect.specMembers),
    ...imageChecks(view, spec, expect.requirePinnedStepImages),
  ];
}

/** What a run was told: version 1 has it whole, version 0.2 only the steps as they ran. */
interface RunSpec {
  readonly value: JsonObject;
  readonly pointer: string;
  /** Whether it is the spec of the run, and not what is left of it in version 0.2. */
  readonly whole: boolean;
}

function specOf({ version, external, buildConfig, pointers }: ProvenanceView): RunSpec {
  if (version === 'v1')
    return { value: object(external['runSpec']), pointer: `${pointers.external}/runSpec`, whole: true };
  return { value: buildConfig ?? {}, pointer: '/predicate/buildConfig', whole: false };
}

function inlineCheck({ value, pointer, whole }: RunSpec, { allowInlineSpec }: TektonExpectations): Check {
  if (allowInlineSpec === true) return check('SLSA_TEKTON_INLINE_SPEC', undefined, { pointer });
  if (!whole) {
    const message =
      'version 0.2 does not tell whether the run brought its configuration along: expect a pipeline';
    return check('SLSA_TEKTON_INLINE_SPEC', undefined, { pointer, message });
  }
  const inline = inlineAt(value, pointer);
  const none = Object.keys(value).length === 0;
  const message = none ? 'the spec of the run is missing' : 'the run brings its configuration along';
  return check('SLSA_TEKTON_INLINE_SPEC', inline === undefined && !none, {
    pointer: inline ?? pointer,
    message,
  });
}

/** Where a run brings a Task or Pipeline along. A Pipeline that is itself fetched may define its tasks as it likes. */
function inlineAt(spec: JsonObject, pointer: string): string | undefined {
  const name = ['taskSpec', 'pipelineSpec'].find((each) => isSaid(spec[each]));
  return name === undefined ? undefined : `${pointer}/${name}`;
}

function configChecks(view: ProvenanceView, expected: TektonExpectations['pipeline']): readonly Check[] {
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
  return Object.entries(expected).some(
    ([algorithm, value]) => value !== '' && Object.hasOwn(found, algorithm) && found[algorithm] === value,
  );
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

/** A run states its parameters as a list; what it does not state has the default of its Task or Pipeline. */
function paramChecks(
  view: ProvenanceView,
  spec: RunSpec,
  expected: JsonObject | undefined,
): readonly Check[] {
  if (expected === undefined)
    return [check('SLSA_EXTERNAL_PARAMETER', undefined, { pointer: `${spec.pointer}/params` })];
  const stated = statedParams(view, spec);
  const unexpected = [...stated].flatMap(([name, { value, pointer }]) => {
    const wanted = Object.hasOwn(expected, name) ? expected[name] : undefined;
    const message =
      wanted === undefined ? 'this parameter was not expected' : 'this parameter has another value';
    const details = { expected: wanted, actual: value, pointer, message };
    return [check('SLSA_EXTERNAL_PARAMETER', wanted !== undefined && sameJson(value, wanted), details)];
  });
  const missing = Object.entries(expected).flatMap(([name, value]) => {
    const details = {
      expected: value,
      pointer: `${spec.pointer}/params`,
      message: `parameter ${name} is not set`,
    };
    return stated.has(name) ? [] : [check('SLSA_EXTERNAL_PARAMETER', false, details)];
  });
  return [...unexpected, ...missing];
}

function statedParams(
  view: ProvenanceView,
  { value, pointer, whole }: RunSpec,
): ReadonlyMap<string, { value: JsonValue; pointer: string }> {
  const stated = new Map<string, { value: JsonValue; pointer: string }>();
  if (!whole) {
    for (const [name, each] of Object.entries(view.external))
      stated.set(name, { value: each, pointer: view.pointers.external + jsonPointer(name) });
    return stated;
  }
  for (const [index, each] of listOf(value['params']).entries())
    stated.set(text(object(each)['name']), {
      value: object(each)['value'] ?? null,
      pointer: `${pointer}/params/${index}/value`,
    });
  return stated;
}

function accountCheck(spec: RunSpec, expected: readonly string[] | undefined): Check {
  if (expected === undefined) return check('SLSA_TEKTON_CONFIG', undefined, { pointer: spec.pointer });
  const template = object(spec.value['taskRunTemplate']);
  const found = [
    spec.value['serviceAccountName'],
    template['serviceAccountName'],
    ...perTask(spec.value),
  ].map(text);
  const used = [...new Set(found.filter((name) => name !== ''))];
  const good = used.length > 0 && used.every((name) => expected.includes(name));
  return check('SLSA_TEKTON_CONFIG', good, {
    expected: [...expected],
    actual: used,
    pointer: `${spec.pointer}/serviceAccountName`,
    message: used.length === 0 ? 'no service account is told' : 'another service account ran it',
  });
}

function perTask(spec: JsonObject): readonly (JsonValue | undefined)[] {
  return listOf(spec['taskRunSpecs']).map(
    (each) => object(each)['serviceAccountName'] ?? object(each)['taskServiceAccountName'],
  );
}

/** What else influences a run from outside: workspaces, pod templates, specs of single tasks. */
function memberChecks(
  { value, pointer, whole }: RunSpec,
  allowed: readonly string[] | undefined,
): readonly Check[] {
  if (allowed === undefined || !whole) return [check('SLSA_EXTERNAL_PARAMETER', undefined, { pointer })];
  const message = 'this member of the spec was not expected';
  return Object.keys(value)
    .filter((name) => !JUDGED.has(name) && isSet(value[name]))
    .map((name) =>
      check('SLSA_EXTERNAL_PARAMETER', allowed.includes(name), {
        pointer: pointer + jsonPointer(name),
        message,
      }),
    );
}

function isSet(value: JsonValue | undefined): boolean {
  return (
    value !== undefined && value !== null && value !== '' && (typeof value !== 'object' || isSaid(value))
  );
}

/** Images that a spec names without a digest run whatever the tag pointed to. */
function imageChecks(view: ProvenanceView, spec: RunSpec, wanted: boolean | undefined): readonly Check[] {
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

function isSaid(value: JsonValue | undefined): boolean {
  return isJsonObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

const MAX_DEPTH = 16;

/** Members that the other checks look at, and those that influence nothing. */
const JUDGED: ReadonlySet<string> = new Set([
  'params',
  'pipelineRef',
  'taskRef',
  'pipelineSpec',
  'taskSpec',
  'serviceAccountName',
  'timeout',
  'timeouts',
  'status',
  'statusMessage',
  'retries',
]);
