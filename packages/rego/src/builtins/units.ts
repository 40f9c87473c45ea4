import { integer, RegoObject, type Value } from '../values.js';
import { type Builtins, BuiltinFault, of, text } from './builtin.js';

/** Numbers with units, versions, UUIDs. */
export const UNITS: Builtins = {
  'units.parse': of(1, (args) => {
    return scaled(text(args, 0), PREFIXES);
  }),
  'units.parse_bytes': of(1, (args) => {
    const value = scaled(text(args, 0).toLowerCase().replace(/b$/, ''), BYTE_PREFIXES);
    return typeof value === 'number' ? Math.floor(value) : value;
  }),
  'semver.is_valid': of(1, (args) => SEMVER.test(text(args, 0))),
  'semver.compare': of(2, (args) => compareVersions(text(args, 0), text(args, 1))),
  'uuid.parse': of(1, (args) => uuid(text(args, 0))),
};

function uuid(given: string): Value | undefined {
  const [, hex] =
    UUID.exec(
      given
        .toLowerCase()
        .replace(/^urn:uuid:/, '')
        .replace(/^\{(.{1,60})\}$/, '$1')
        .replaceAll('-', ''),
    ) ?? [];
  if (hex === undefined) return undefined;
  const at = (from: number, to: number): bigint => BigInt(`0x${hex.slice(from, to)}`);
  const version = Number(at(12, 13));
  const top = Number(at(16, 17));
  const variant = top < 8 ? 'Reserved' : top < 12 ? 'RFC4122' : top < 14 ? 'Microsoft' : 'Future';
  const members: [Value, Value][] = [
    ['version', version],
    ['variant', variant],
  ];
  const ticks = {
    1: (at(13, 16) << 48n) | (at(8, 12) << 32n) | at(0, 8),
    2: (at(13, 16) << 48n) | (at(8, 12) << 32n) | at(0, 8),
    6: (at(0, 12) << 12n) | at(13, 16),
  }[version];
  if (ticks !== undefined) members.push(['time', integer((ticks - GREGORIAN) * 100n)]);
  if (version === 7) members.push(['time', integer(at(0, 12) * 1_000_000n)]);
  if (version === 1 || version === 2) {
    const first = Number(at(20, 22));
    const node = (hex.slice(20).match(/../g) ?? []).join('-');
    const clock = version === 1 ? at(16, 20) & 0x3fffn : at(16, 18) & 0x3fn;
    members.push(
      ['nodeid', node],
      [
        'macvariables',
        `${(first & 2) === 0 ? 'global' : 'local'}:${(first & 1) === 0 ? 'unicast' : 'multicast'}`,
      ],
    );
    members.push(['clocksequence', version === 1 ? Number(clock) : Number(clock << 8n)]);
  }
  if (version === 2)
    members.push(
      ['id', Number(at(0, 8))],
      ['domain', ['Person', 'Group', 'Org'][Number(at(18, 20))] ?? `Domain${at(18, 20)}`],
    );
  return new RegoObject(members);
}

function scaled(given: string, prefixes: ReadonlyMap<string, number>): Value | undefined {
  const plain = given.replaceAll('"', '');
  const [all, amount = '', unit = ''] =
    /^([+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?)([A-Za-z\u03bc]{0,2})$/.exec(
      plain,
    ) ?? [];
  const scale = prefixes.get(unit) ?? prefixes.get(unit.toLowerCase());
  if (all === undefined) throw new BuiltinFault('the text is a number with a unit');
  if (scale === undefined) return undefined;
  const value = Number((Number(amount) * scale).toPrecision(15));
  if (Number.isInteger(Number(amount)) && Number.isInteger(scale))
    return integer(BigInt(Number(amount)) * exactly(unit, scale));
  return value;
}

/** Powers beyond 2^53 are not exact as numbers. */
function exactly(unit: string, scale: number): bigint {
  const order = 'kmgtpezyrq'.indexOf(unit.charAt(0).toLowerCase()) + 1;
  if (unit.length === 2 && unit.charAt(1).toLowerCase() === 'i') return 1024n ** BigInt(order);
  return scale >= 1000 ? 1000n ** BigInt(order) : BigInt(scale);
}

function compareVersions(a: string, b: string): number {
  const [first, second] = [SEMVER.exec(a), SEMVER.exec(b)];
  if (first === null || second === null) throw new BuiltinFault('the text is no semantic version');
  for (const index of [1, 2, 3]) {
    const difference = Number(first[index]) - Number(second[index]);
    if (difference !== 0) return Math.sign(difference);
  }
  const [left, right] = [first[4] ?? '', second[4] ?? ''];
  if (left === right) return 0;
  if (left === '') return 1;
  if (right === '') return -1;
  return comparePrereleases(left.split('.'), right.split('.'));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [left, right] = [a[index], b[index]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const [x, y] = [/^[0-9]+$/.test(left), /^[0-9]+$/.test(right)];
    if (x && y && Number(left) !== Number(right)) return Math.sign(Number(left) - Number(right));
    if (x !== y) return x ? -1 : 1;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** 100 ns steps between 15 October 1582 and 1970. */
const GREGORIAN = 0x01b2_1dd2_1381_4000n;
const UUID = /^([0-9a-f]{32})$/;
const SEMVER =
  /^(0|[1-9][0-9]{0,20})\.(0|[1-9][0-9]{0,20})\.(0|[1-9][0-9]{0,20})(?:-([0-9A-Za-z-]{1,100}(?:\.[0-9A-Za-z-]{1,100}){0,20}))?(?:\+[0-9A-Za-z.-]{1,100})?$/;
const LARGE = ['k', 'm', 'g', 't', 'p', 'e', 'z', 'y', 'r', 'q'];
const BYTE_PREFIXES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ...LARGE.flatMap((each, index): [string, number][] => [
    [each, 1000 ** (index + 1)],
    [`${each}i`, 1024 ** (index + 1)],
  ]),
]);
const SMALL = ['m', '\u03bc', 'n', 'p', 'f', 'a', 'z', 'y', 'r', 'q'];
const PREFIXES: ReadonlyMap<string, number> = new Map([
  ...BYTE_PREFIXES,
  ...SMALL.filter((each) => each !== 'p').map((each, index): [string, number] => [
    each,
    1 / 1000 ** ([1, 2, 3, 5, 6, 7, 8, 9, 10][index] ?? 1),
  ]),
  ...['M', 'G', 'T', 'P', 'E', 'Z', 'Y', 'R', 'Q'].map((each, index): [string, number] => [
    each,
    1000 ** (index + 2),
  ]),
  ['h', 100],
  ['da', 10],
  ['d', 0.1],
  ['c', 0.01],
]);
