/** Expressions by chance, the same ones for the same seed. Leaves are of the input, so that no type is known beforehand. */

/** What is used in expressions: JSON of every kind, odd ones among them. */
export const RANDOM_INPUT = {
  n: [0, 1, -1, 2, 3, 7, 10, 255, 0.5, -2.5, 0.1, 1e21, 123456789, 9007199254740991, 1e-7],
  s: [
    '',
    'a',
    'b',
    'abc',
    'a,b,,c',
    ' pad ',
    'ÄÖ',
    '日本語',
    '1',
    '-3.5',
    '2021-02-03T04:05:06Z',
    'aGk=',
    '%7B"a"%7D',
    'x.y.z',
    '{"k": [1, 2]}',
  ],
  a: [[], [1], [1, 2, 3], ['b', 'a'], [[1], [2]], [null, true, 'x', 1.5], [3, 3, 1], [{ k: 1 }, { k: 2 }]],
  o: [{}, { a: 1 }, { a: { b: [1, 2] }, c: 'd' }, { x: null, y: false }, { '1': 'one', k: { k: { k: 1 } } }],
  m: [null, true, false, 0, '', [], {}],
};

type Kind = 'num' | 'str' | 'bool' | 'arr' | 'set' | 'obj' | 'any';

/** Numbers from 0 to below 1: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A rule's value, and the lines that its body has. */
export function randomRule(random: () => number): string {
  const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
  const leaf = (kind: Kind): string => {
    const group = {
      num: 'n',
      str: 's',
      bool: 'm',
      arr: 'a',
      set: 'a',
      obj: 'o',
      any: pick(['n', 's', 'a', 'o', 'm']),
    }[kind];
    const at = `input.${group}[${Math.floor(random() * (RANDOM_INPUT[group as keyof typeof RANDOM_INPUT].length + 0.3))}]`;
    if (kind === 'set') return named(random, (x) => `{${x} | some ${x} in ${at}}`);
    return random() < 0.06 ? `input.${pick(['n', 's', 'a', 'o', 'm'])}[${Math.floor(random() * 5)}]` : at;
  };
  const make = (kind: Kind, depth: number): string => {
    if (depth <= 0 || random() < 0.2) return leaf(kind);
    const next = (of: Kind): string => make(of, depth - 1);
    const { num, str, bool, arr, set, obj } = FORMS;
    if (kind === 'any') return `id(${make(pick(['num', 'str', 'bool', 'arr', 'set', 'obj']), depth)})`; // so that its type is not known
    return pick({ num, str, bool, arr, set, obj }[kind])(next, random);
  };
  const kind = pick(['num', 'str', 'bool', 'arr', 'set', 'obj', 'any'] as const);
  const value = make(kind, 3);
  const shape = random();
  if (shape < 0.6) return `:= ${value}`;
  if (shape < 0.7)
    return named(
      random,
      (x) =>
        `contains [${x}, y${x}] if { some ${x}, y${x} in ${make('any', 2)}; ${make('any', 1)} != y${x} }`,
    );
  if (shape < 0.8) return `if { ${make('bool', 2)}; not ${make('bool', 2)} }`;
  if (shape < 0.9)
    return `:= ${value} if { ${make('bool', 1)} } else := ${make(kind, 1)} if { ${make('bool', 1)} } else := "other"`;
  return named(
    random,
    (x) => `if every ${x} in ${make('arr', 2)} { ${x} ${pick(['==', '!=', '<', '>='])} ${make('any', 1)} }`,
  );
}

/** With a variable that nothing else has. */
function named(random: () => number, make: (name: string) => string): string {
  return make(`x${Math.floor(random() * 1e9)}`);
}

type Form = (next: (kind: Kind) => string, random: () => number) => string;
type Forms = readonly [Form, ...Form[]];

/** A call with arguments of kinds. */
function call(name: string, ...kinds: readonly Kind[]): Form {
  return (next) => `${name}(${kinds.map(next).join(', ')})`;
}

function infix(sign: string, left: Kind, right: Kind): Form {
  return (next) => `(${next(left)} ${sign} ${next(right)})`;
}

const FORMS: Readonly<Record<'num' | 'str' | 'bool' | 'arr' | 'set' | 'obj', Forms>> = {
  num: [
    infix('+', 'num', 'num'),
    infix('-', 'num', 'num'),
    infix('*', 'num', 'num'),
    infix('/', 'num', 'num'),
    infix('%', 'num', 'num'),
    call('abs', 'num'),
    call('round', 'num'),
    call('ceil', 'num'),
    call('floor', 'num'),
    call('count', 'any'),
    call('sum', 'any'),
    call('product', 'any'),
    call('to_number', 'any'),
    call('indexof', 'str', 'str'),
    call('strings.count', 'str', 'str'),
    call('bits.and', 'num', 'num'),
    call('bits.or', 'num', 'num'),
    call('bits.xor', 'num', 'num'),
    call('bits.negate', 'num'),
    call('time.parse_rfc3339_ns', 'str'),
  ],
  str: [
    (next) => `concat(${next('str')}, ${next('any')})`,
    call('upper', 'str'),
    call('lower', 'str'),
    call('trim', 'str', 'str'),
    call('trim_left', 'str', 'str'),
    call('trim_right', 'str', 'str'),
    call('trim_prefix', 'str', 'str'),
    call('trim_suffix', 'str', 'str'),
    call('trim_space', 'str'),
    call('replace', 'str', 'str', 'str'),
    call('substring', 'str', 'num', 'num'),
    call('strings.reverse', 'str'),
    call('base64.encode', 'str'),
    call('base64.decode', 'str'),
    call('base64url.encode', 'str'),
    call('hex.encode', 'str'),
    call('urlquery.encode', 'str'),
    call('json.marshal', 'any'),
    call('crypto.sha256', 'str'),
    call('type_name', 'any'),
    (next, random) => `format_int(${next('num')}, ${[2, 8, 10, 16][Math.floor(random() * 4)]})`,
    (next, random) =>
      `sprintf(${JSON.stringify(VERBS[Math.floor(random() * VERBS.length)])}, [${next('any')}])`,
    (next) => `sprintf("%v %s", [${next('any')}, ${next('str')}])`,
  ],
  bool: [
    infix('==', 'any', 'any'),
    infix('!=', 'any', 'any'),
    infix('<', 'any', 'any'),
    infix('<=', 'num', 'num'),
    infix('>', 'any', 'any'),
    infix('>=', 'str', 'str'),
    infix('in', 'any', 'any'),
    call('startswith', 'str', 'str'),
    call('endswith', 'str', 'str'),
    call('contains', 'str', 'str'),
    call('is_number', 'any'),
    call('is_string', 'any'),
    call('is_array', 'any'),
    call('is_object', 'any'),
    call('is_set', 'any'),
    call('is_null', 'any'),
    call('json.is_valid', 'str'),
    call('base64.is_valid', 'str'),
    call('regex.match', 'str', 'str'),
    call('semver.is_valid', 'str'),
    call('object.subset', 'any', 'any'),
    call('strings.any_prefix_match', 'any', 'any'),
    (next) => `glob.match(${next('str')}, ["."], ${next('str')})`,
  ],
  arr: [
    (next) => `[${next('any')}, ${next('any')}]`,
    (next, random) => named(random, (x) => `[${x} | some ${x} in ${next('any')}; ${x} != ${next('any')}]`),
    call('array.concat', 'arr', 'arr'),
    call('array.slice', 'arr', 'num', 'num'),
    call('array.reverse', 'arr'),
    call('sort', 'any'),
    call('split', 'str', 'str'),
    call('indexof_n', 'str', 'str'),
    (next, random) => `numbers.range(${next('num')} % 20, ${Math.floor(random() * 9)})`,
    call('regex.split', 'str', 'str'),
    (next) => `regex.find_n(${next('str')}, ${next('str')}, -1)`,
  ],
  set: [
    (next) => `{${next('any')}, ${next('any')}}`,
    (next, random) => named(random, (x) => `{${x} | some ${x} in ${next('any')}}`),
    infix('|', 'set', 'set'),
    infix('&', 'set', 'set'),
    infix('-', 'set', 'set'),
    call('object.keys', 'obj'),
    (next, random) => named(random, (x) => `{${x} | walk(${next('any')}, [${x}, _])}`),
  ],
  obj: [
    (next) => `{"a": ${next('any')}, "b": ${next('any')}}`,
    (next, random) => named(random, (x) => `{${x}: v${x} | some ${x}, v${x} in ${next('any')}}`),
    call('object.union', 'obj', 'obj'),
    call('object.remove', 'obj', 'any'),
    call('object.filter', 'obj', 'any'),
    (next) => `json.patch(${next('obj')}, [{"op": "add", "path": "/z", "value": ${next('any')}}])`,
    call('urlquery.decode_object', 'str'),
  ],
};
const VERBS = [
  '%v',
  '%s',
  '%d',
  '%q',
  '%x',
  '%5v|',
  '%-5s|',
  '%05d',
  '%.2f',
  '%e',
  '%g',
  '%t',
  '%+d',
  '%T',
  '%o',
  '%b',
  '%U',
  '%c',
  '%%',
  '%6.2f',
];
