import type { JsonObject, JsonValue } from '@sealwright/json';
import { listAt, maybeObjectAt, objectsAt, textAt } from './access.js';
import { paramValue } from './param-value.js';

/**
 * The pipeline tasks that a pipeline task runs after: those it names, then those whose results it refers to.
 *
 * @param task - a task of a pipeline's specification
 */
export function runAfter(task: JsonObject): readonly string[] {
  const named = (listAt(task, 'runAfter') ?? []).map((name) => (typeof name === 'string' ? name : ''));
  const referred = new Set(expressionsOf(task).flatMap(referredTasks));
  return [...named, ...[...referred].filter((name) => !named.includes(name))];
}

/** Every text of a pipeline task that may refer to a result, in the order in which Tekton looks at them. */
function expressionsOf(task: JsonObject): readonly string[] {
  const params = [
    ...objectsAt(task, 'params'),
    ...objectsAt(task, 'matrix', 'params'),
    ...objectsAt(task, 'matrix', 'include').flatMap((include) => objectsAt(include, 'params')),
  ];
  const conditions = objectsAt(task, 'when');
  const containers = ['steps', 'sidecars'].flatMap((place) => objectsAt(task, 'taskSpec', place));
  return [
    ...params.flatMap((param) => valuesOf(param['value'])),
    ...conditions.flatMap((when) => [
      textAt(when, 'input'),
      textAt(when, 'cel'),
      ...texts(listAt(when, 'values')),
    ]),
    ...containers.flatMap(ofContainer),
  ];
}

function ofContainer(container: JsonObject): readonly string[] {
  return [
    ...['name', 'image', 'imagePullPolicy', 'script', 'workingDir'].map((name) => textAt(container, name)),
    ...['command', 'args'].flatMap((name) => texts(listAt(container, name))),
    ...objectsAt(container, 'env').flatMap((variable) => [
      textAt(variable, 'value'),
      ...['secretKeyRef', 'configMapKeyRef'].flatMap((kind) => {
        const reference = maybeObjectAt(variable, 'valueFrom', kind);
        return [textAt(reference, 'key'), textAt(reference, 'name')];
      }),
    ]),
  ];
}

function referredTasks(text: string): readonly string[] {
  const expressions = text.match(EXPRESSION) ?? [];
  return expressions.flatMap((expression) => {
    const [root, name, member, ...rest] = expression.slice(2, -1).split('.');
    const isResult =
      (root === 'tasks' || root === 'finally') && member === 'results' && [1, 2].includes(rest.length);
    return isResult && name !== undefined ? [name] : [];
  });
}

function valuesOf(value: JsonValue | undefined): readonly string[] {
  const read = paramValue(value);
  return typeof read === 'string' ? [read] : Array.isArray(read) ? read : Object.values(read);
}

function texts(list: readonly JsonValue[] | undefined): readonly string[] {
  return (list ?? []).filter((item) => typeof item === 'string');
}

/** A variable: `$(`, dotted names, an optional index, `)`. */
const EXPRESSION = /\$\([_a-zA-Z0-9.-]+(?:\[(?:[0-9]+|\*)\])?\)/g;
