import type { Test } from './characters.js';
import { type Node, RegexSyntaxError } from './syntax.js';

/** A step of a compiled pattern. */
export type Instruction =
  | { readonly op: 'test'; readonly test: Test }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly holds: (before: number, after: number) => boolean }
  | { readonly op: 'match' };

/** The steps of a pattern, the last of which is its match. */
export function programOf(node: Node): readonly Instruction[] {
  const program: Instruction[] = [];
  emit({ kind: 'group', index: 0, node }, program);
  program.push({ op: 'match' });
  if (program.length > MAX_PROGRAM) throw new RegexSyntaxError('the pattern is too large');
  return program;
}

function emit(node: Node, program: Instruction[]): void {
  if (program.length > MAX_PROGRAM) throw new RegexSyntaxError('the pattern is too large');
  switch (node.kind) {
    case 'test':
      program.push({ op: 'test', test: node.test });
      return;
    case 'assert':
      program.push({ op: 'assert', holds: node.holds });
      return;
    case 'group':
      if (node.index !== undefined) program.push({ op: 'save', slot: node.index * 2 });
      emit(node.node, program);
      if (node.index !== undefined) program.push({ op: 'save', slot: node.index * 2 + 1 });
      return;
    case 'sequence':
      for (const each of node.nodes) emit(each, program);
      return;
    case 'choice': {
      const jumps: number[] = [];
      for (const [index, each] of node.nodes.entries()) {
        if (index === node.nodes.length - 1) emit(each, program);
        else {
          const split = program.push({ op: 'match' }) - 1;
          emit(each, program);
          jumps.push(program.push({ op: 'match' }) - 1);
          program[split] = { op: 'split', first: split + 1, second: program.length };
        }
      }
      for (const jump of jumps) program[jump] = { op: 'jump', to: program.length };
      return;
    }
    case 'repeat': {
      for (let index = 0; index < node.min; index += 1) emit(node.node, program);
      if (node.max === Infinity) {
        const split = program.push({ op: 'match' }) - 1;
        emit(node.node, program);
        program.push({ op: 'jump', to: split });
        program[split] = branch(node.greedy, split + 1, program.length);
        return;
      }
      const splits: number[] = [];
      for (let index = node.min; index < node.max; index += 1) {
        splits.push(program.push({ op: 'match' }) - 1);
        emit(node.node, program);
      }
      for (const split of splits) program[split] = branch(node.greedy, split + 1, program.length);
    }
  }
}

function branch(greedy: boolean, into: number, past: number): Instruction {
  return greedy ? { op: 'split', first: into, second: past } : { op: 'split', first: past, second: into };
}

const MAX_PROGRAM = 20_000;
