import type { Rule } from './ast.js';
import type { ResolvedModule } from './scope.js';
import { RegoObject, type Value } from './values.js';

/** A place in `data` that rules give a value to, or that has such places below it. */
export interface DocumentNode {
  /** Position among all nodes. */
  readonly id: number;
  readonly path: readonly string[];
  readonly children: Map<string, DocumentNode>;
  readonly rules: Rule[];
}

/** The tree of everything that rules define below `data`. */
export function documentsOf(modules: readonly ResolvedModule[]): DocumentNode {
  let count = 0;
  const made = (path: readonly string[]): DocumentNode => {
    count += 1;
    return { id: count - 1, path, children: new Map(), rules: [] };
  };
  const root = made([]);
  const nodeAt = (path: readonly string[]): DocumentNode => {
    let node = root;
    for (const name of path) {
      const found = node.children.get(name) ?? made([...node.path, name]);
      node.children.set(name, found);
      node = found;
    }
    return node;
  };
  for (const module of modules) {
    nodeAt(module.package);
    for (const rule of module.rules) nodeAt([...module.package, ...rule.path]).rules.push(rule);
  }
  return root;
}

/** The node at a path; `undefined` where no rule is. */
export function findNode(root: DocumentNode, path: readonly string[]): DocumentNode | undefined {
  let node: DocumentNode | undefined = root;
  for (const name of path) node = node?.children.get(name);
  return node;
}

/** Whether given data has something where a rule is. */
export function isOverlaid(node: DocumentNode, data: Value | undefined): boolean {
  if (data === undefined) return false;
  if (node.rules.length > 0 || !(data instanceof RegoObject)) return true;
  return [...node.children].some(([name, child]) => isOverlaid(child, data.get(name)));
}
