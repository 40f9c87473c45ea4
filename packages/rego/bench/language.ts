/**
 * Parts of the language one by one, against the same compiled to WebAssembly: `pnpm bench rego` with `OPA` and `OPA_WASM`.
 */
import { paired, type Ratio, report } from '../../../tools/bench.ts';
import { preparePolicy, toJson } from '../src/index.js';
import { wasmPolicy, wasmTools } from './wasm/compile.ts';

const list = Array.from({ length: 1000 }, (_item, index) => ({
  id: index,
  name: `item-${index % 97}`,
  tags: ['a', `t${index % 7}`],
  size: (index * 7919) % 1009,
}));
const INPUT = {
  list,
  numbers: list.map(({ size }) => size),
  names: list.map(({ name }) => name),
  others: list.slice(300, 900).map(({ id }) => `item-${id % 61}`),
  user: 'alice',
  path: ['v1', 'pods', 'x'],
  image: `registry.example/team/app@sha256:${'0123456789abcdef'.repeat(4)}`,
  map: Object.fromEntries(list.map(({ id, size }) => [`key-${id}`, size])),
  nested: { a: { b: { c: { d: [1, 2, { e: 'f' }] } } } },
};

const CASES: Readonly<Record<string, string>> = {
  'array comprehension over 1000': 'v := [x.id | some x in input.list; x.size > 500]',
  'set comprehension over 1000': 'v := count({x.name | some x in input.list})',
  'object comprehension over 1000': 'v := {x.id: x.name | some x in input.list}',
  'set of objects': 'v := count({x | some x in input.list})',
  'some with an index': 'v := count([i | input.numbers[i] == 7])',
  'every over 1000': 'v if { every x in input.list { x.size < 2000; x.id >= 0 } }',
  'in, array of 1000': 'v if "item-none" in input.names\nelse := "no"',
  'in, set of 97': 's := {x | some x in input.names}\nv := count([x | some x in input.others; x in s])',
  'join of 1000 with 100':
    'v := count([1 | some x in input.list; some y in array.slice(input.others, 0, 100); x.name == y])',
  'partial set of 1000': 'p contains x.name if some x in input.list\nv := count(p)',
  'partial object of 1000': 'p[x.id] := x.size if some x in input.list\nv := count(p)',
  'function called 1000 times':
    'f(x) := "big" if x > 500\nf(x) := "small" if x <= 500\nv := [f(x) | some x in input.numbers]',
  'union, intersection, difference':
    'a := {x | some x in input.names}\nb := {x | some x in input.others}\nv := [count(a | b), count(a & b), count(a - b)]',
  'regex.match, 1000 texts': 'v := count([x | some x in input.names; regex.match(`^item-[1-3][0-9]*$`, x)])',
  'regex.match, one image': 'v if regex.match(`^[a-z0-9./-]+@sha256:[0-9a-f]{64}$`, input.image)',
  'sprintf, 1000 times':
    'v := [s | some x in input.list; s := sprintf("%s-%d: %s", [x.name, x.id, x.tags[0]])]',
  'concat and split': 'v := concat("/", [upper(p) | some x in input.names; some p in split(x, "-")])',
  'sum, max, sort': 'v := [sum(input.numbers), max(input.numbers), count(sort(input.numbers))]',
  'arithmetic over 1000': 'v := [y | some x in input.numbers; y := ((x * 3) + 7) % 11]',
  'fractions over 1000': 'v := count([y | some x in input.numbers; y := x / 7])',
  'object.get over 1000': 'v := count([x | some x in input.list; object.get(x, "none", 0) == 0])',
  'lookup in a map of 1000':
    'v := sum([input.map[k] | some x in input.list; k := sprintf("key-%d", [x.id])])',
  'object.union of large': 'v := count(object.union(input.map, {"a": 1}))',
  walk: 'v := count([p | walk(input.nested, [p, _])])',
  'json.marshal of 1000': 'v := count(json.marshal(input.list))',
  'json.unmarshal': 'v := count(json.unmarshal(json.marshal(input.list)))',
  'equal of large': 'v if input.list == input.list',
  'input of 60 kB, of which one line is needed': 'v if input.user == "alice"',
  'with input': 'p if input.x > 500\nv := count([x | some x in input.numbers; p with input.x as x])',
  division: 'v := count([y | some x in input.numbers; y := x / 7])',
  'array.concat, slice, reverse':
    'v := count(array.concat(array.reverse(input.numbers), array.slice(input.names, 10, 900)))',
};

const tools = wasmTools();
if (tools === undefined) console.log('without OPA and OPA_WASM: no comparison with WebAssembly');
else {
  const results: Ratio[] = [];
  const only = process.env['ONLY'];
  for (const [name, rules] of Object.entries(CASES)) {
    if (only !== undefined && !name.includes(only)) continue;
    const text = `package policy\n\n${rules}\n`;
    const policy = preparePolicy([{ file: 'policy.rego', text }]);
    const wasm = await wasmPolicy(tools, text, 'policy/v');
    const ours = (): unknown => toJson(policy.value('data.policy.v', { input: INPUT }) ?? null);
    const theirs = (): unknown => wasm.evaluate(INPUT)[0]?.result;
    if (JSON.stringify(sorted(ours())) !== JSON.stringify(sorted(theirs())))
      throw new Error(`${name}: other answers`);
    results.push(
      await paired(
        name,
        () => theirs() !== undefined,
        () => ours() !== undefined,
      ),
    );
  }
  report(results);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
