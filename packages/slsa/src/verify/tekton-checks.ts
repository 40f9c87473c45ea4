import { type JsonObject, type JsonValue, jsonPointer } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import { type Check, check, sameJson } from './check.js';
import type { TektonExpectations } from './expectations.js';
import { isTekton, object, text } from './source.js';
import { configChecks } from './tekton-config.js';
import { imageChecks } from './tekton-images.js';
import { isSaid, listOf, type RunSpec, specOf } from './tekton-spec.js';

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
    inlineCheck(view, spec, expect),
    ...configChecks(view, expect.pipeline),
    ...paramChecks(view, spec, expect.params),
    accountCheck(spec, expect.serviceAccounts),
    ...memberChecks(spec, expect.specMembers),
    ...imageChecks(view, spec, expect.requirePinnedStepImages),
  ];
}

/** Version 0.2 does not tell what a run brought along, but what was fetched has a place where it came from. */
function inlineCheck(
  { configSource }: ProvenanceView,
  { value, pointer, whole }: RunSpec,
  { allowInlineSpec }: TektonExpectations,
): Check {
  const code = 'SLSA_TEKTON_INLINE_SPEC';
  if (allowInlineSpec === true) return check(code, undefined, { pointer });
  if (!whole) {
    const message = 'the configuration was brought along, or it is not told where it came from';
    return check(code, configSource?.uri !== undefined, {
      pointer: '/predicate/invocation/configSource',
      message,
    });
  }
  const inline = inlineAt(value, pointer);
  const none = Object.keys(value).length === 0;
  const message = none ? 'the spec of the run is missing' : 'the run brings its configuration along';
  return check(code, inline === undefined && !none, { pointer: inline ?? pointer, message });
}

/** Where a run brings a Task or Pipeline along. A Pipeline that is itself fetched may define its tasks as it likes. */
function inlineAt(spec: JsonObject, pointer: string): string | undefined {
  const name = ['taskSpec', 'pipelineSpec'].find((each) => isSaid(spec[each]));
  return name === undefined ? undefined : `${pointer}/${name}`;
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
