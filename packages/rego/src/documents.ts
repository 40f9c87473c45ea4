import type { Rule } from './ast.js';
import type { ResolvedModule } from './scope.js';

/** A place in `data` that rules give a value to, or that has such places below it. */
export interface DocumentNode {
  readonly path: readonly string[];
  readonly children: Map<string, DocumentNode>;
  readonly rules: Rule[];
}

/** The tree of everything that rules define below `data`. */
export function documentsOf(modules: readonly ResolvedModule[]): DocumentNode {
  const root: DocumentNode = { path: [], children: new Map(), rules: [] };
  for (const module of modules) {
    nodeAt(root, module.package);
    for (const rule of module.rules) nodeAt(root, [...module.package, ...rule.path]).rules.push(rule);
  }
  return root;
}

/** The node at a path; `undefined` where no rule is. */
export function findNode(root: DocumentNode, path: readonly string[]): DocumentNode | undefined {
  let node: DocumentNode | undefined = root;
  for (const name of path) node = node?.children.get(name);
  return node;
}

function nodeAt(root: DocumentNode, path: readonly string[]): DocumentNode {
  let node = root;
  for (const name of path) {
    const found: DocumentNode = node.children.get(name) ?? {
      path: [...node.path, name],
      children: new Map(),
      rules: [],
    };
    node.children.set(name, found);
    node = found;
  }
  return node;
}
