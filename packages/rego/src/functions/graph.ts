import { isArray, keyOf, type RegoObject, RegoSet, type Value } from '../values.js';
import { type BuiltinContext, type Builtins, items, object, of } from '../builtins/builtin.js';

/** Graphs: objects whose members are the neighbours of their key. */
export const GRAPH: Builtins = {
  'graph.reachable': of(2, (args, { spend }) => {
    const graph = object(args, 0);
    const queue = [...items(args, 1)];
    const reached = new Map<string, Value>();
    for (let at = 0; at < queue.length; at += 1) {
      const node = queue[at] ?? null;
      const edges = graph.get(node);
      if (edges === undefined || reached.has(keyOf(node))) continue;
      spend(1);
      reached.set(keyOf(node), node);
      for (const each of neighbours(edges)) if (!reached.has(keyOf(each))) queue.push(each);
    }
    return new RegoSet(reached.values());
  }),
  'graph.reachable_paths': of(2, (args, context) => {
    const graph = object(args, 0);
    const paths: Value[] = [];
    for (const node of items(args, 1)) {
      const edges = graph.get(node);
      if (edges === undefined) continue;
      const next = neighbours(edges);
      if (next.length === 0) paths.push([node]);
      for (const each of next) follow(graph, each, [node], new RegoSet([node]), paths, context);
    }
    return new RegoSet(paths);
  }),
};

function follow(
  graph: RegoObject,
  node: Value,
  path: readonly Value[],
  reached: RegoSet,
  paths: Value[],
  context: BuiltinContext,
): void {
  context.spend(path.length);
  const edges = graph.get(node);
  if (edges === undefined) {
    paths.push(path);
    return;
  }
  const longer = [...path, node];
  const next = neighbours(edges);
  if (next.length === 0) {
    paths.push(longer);
    return;
  }
  const now = new RegoSet([...reached.items(), node]);
  for (const each of next) {
    if (now.has(each)) paths.push(longer);
    else follow(graph, each, longer, now, paths, context);
  }
}

function neighbours(edges: Value): readonly Value[] {
  if (edges instanceof RegoSet) return edges.items();
  return isArray(edges) ? edges : [];
}
