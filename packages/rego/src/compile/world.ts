import type { Expression } from '../ast.js';
import type { Frame, FunctionReplacement, World } from '../runtime.js';
import { RegoObject, type Value } from '../values.js';
import type { Bound, Code, Compiler } from './code.js';

/** Code of a line with `with`: it runs in a world with replacements, and what `leave` makes in the world before. */
export function withWorld(
  compiler: Compiler,
  line: Expression,
  bound: Bound,
  make: (leave: (bound: Bound, then: (bound: Bound) => Code) => Code) => Code,
): Code {
  const slot = compiler.fresh();
  const inner = make((known, then) => {
    const next = then(known);
    return (frame) => {
      const within = frame.run.world;
      frame.run.world = worldIn(frame, slot);
      try {
        return next(frame);
      } finally {
        frame.run.world = within;
      }
    };
  });
  const replacements = line.withs;
  const values = replacements
    .filter(({ functionPath }) => functionPath === undefined)
    .map(({ value }) => value);
  return compiler.terms(values, bound, (gets) => (frame) => {
    const { run } = frame;
    const outer = run.world;
    let world: World = { ...outer, known: [], isPlain: false };
    let index = 0;
    for (const { target, functionPath } of replacements) {
      if (functionPath !== undefined) world = mocked(world, target, { path: functionPath });
      else {
        const value = gets[index]?.(frame);
        if (value === undefined) return false;
        index += 1;
        world = replacedIn(world, target, value);
      }
    }
    const before = frame.slots[slot];
    frame.slots[slot] = outer;
    run.world = world.replaced.length === 0 && outer.isPlain ? { ...world, isPlain: true } : world;
    try {
      return inner(frame);
    } finally {
      run.world = outer;
      frame.slots[slot] = before;
    }
  });
}

function worldIn(frame: Frame, slot: number): World {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the code around it
  return frame.slots[slot] as World;
}

function mocked(world: World, target: readonly string[], by: FunctionReplacement): World {
  return { ...world, functions: new Map([...world.functions, [target.join('.'), by]]) };
}

function replacedIn(world: World, target: readonly string[], value: Value): World {
  const [root, ...path] = target;
  if (root === 'input') return { ...world, input: setIn(world.input, path, value) };
  const made = mocked(world, target, { value });
  return root === 'data' ? { ...made, replaced: [{ path, value }, ...world.replaced] } : made;
}

function setIn(value: Value | undefined, path: readonly string[], replacement: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return replacement;
  const members = value instanceof RegoObject ? value.entries() : [];
  const before = value instanceof RegoObject ? value.get(first) : undefined;
  return new RegoObject([...members, [first, setIn(before, rest, replacement)]]);
}
