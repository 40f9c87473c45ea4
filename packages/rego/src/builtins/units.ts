import { narrow, numeric } from '../decimal.js';
import { RegoObject, type Value } from '../values.js';
import { compareVersions, parseVersion, version } from './versions.js';
import { type Builtins, BuiltinFault, of, text } from './builtin.js';

/** Numbers with units, versions, UUIDs. */
export const UNITS: Builtins = {
  'units.parse': of(1, (args) => units(text(args, 0))),
  'units.parse_bytes': of(1, (args) => unitBytes(text(args, 0))),
  'semver.is_valid': of(
    1,
    ([given = null]) => typeof given === 'string' && parseVersion(given) !== undefined,
  ),
  'semver.compare': of(2, (args) => {
    const [a, b] = [version(args, 0), version(args, 1)];
    return compareVersions(a, b);
  }),
  'uuid.parse': of(1, (args) => uuid(text(args, 0))),
};

function units(given: string): Value {
  const { amount, unit } = amountOf(given.replaceAll('"', ''), 'amount');
  const exact = unit.charAt(0) + unit.slice(1).toLowerCase();
  const scale = exact === 'm' ? undefined : SCALES.get(exact === 'M' ? 'm' : exact.toLowerCase());
  if (exact === 'm') return decimal(amount, 1n, 1000n);
  if (scale === undefined) throw new BuiltinFault(`unit ${exact} not recognized`);
  return decimal(amount, scale, 1n);
}

function unitBytes(given: string): Value {
  const { amount, unit } = amountOf(given.toLowerCase().replaceAll('"', ''), 'byte amount');
  const scale = SCALES.get(unit.replace(/b$/, ''));
  if (scale === undefined || unit === 'b') throw new BuiltinFault(`byte unit ${unit} not recognized`);
  return narrow((amount.digits * scale) / amount.divisor);
}

interface Amount {
  readonly digits: bigint;
  readonly divisor: bigint;
}

function amountOf(given: string, what: string): { readonly amount: Amount; readonly unit: string } {
  if (given.includes(' ')) throw new BuiltinFault('spaces not allowed in resource strings');
  const [all = ''] = /^(?:[0-9.+-]|[eE](?=[0-9+-])[+-]?)*/.exec(given) ?? [];
  if (/[eE][+-]?[0-9]{7}/.test(all)) throw new BuiltinFault('exponent too large');
  if (all === '') throw new BuiltinFault(`no ${what} provided`);
  const [number, whole = '', part = '', power = '0'] =
    /^([+-]?[0-9]{0,1000})(?:\.([0-9]{0,1000}))?(?:[eE]([+-]?[0-9]{1,6}))?$/.exec(all) ?? [];
  if (number === undefined || !/[0-9]/.test(whole + part))
    throw new BuiltinFault(`could not parse ${what} to a number`);
  if (Math.abs(Number(power)) > 5000) throw new BuiltinFault('exponent too large');
  const exponent = Number(power) - part.length;
  const digits = BigInt(`${whole}${part}`.replace(/^\+/, '') || '0');
  return {
    amount: {
      digits: exponent > 0 ? digits * 10n ** BigInt(exponent) : digits,
      divisor: exponent < 0 ? 10n ** BigInt(-exponent) : 1n,
    },
    unit: given.slice(all.length),
  };
}

/** A fraction, with ten places where it does not end. */
function decimal({ digits, divisor }: Amount, scale: bigint, by: bigint): Value {
  const [top, bottom] = [digits * scale, divisor * by];
  if (top % bottom === 0n) return narrow(top / bottom);
  const size = top < 0n ? -top : top;
  const places = ((size * 10n ** 11n) / bottom + 5n) / 10n;
  const text = String(places).padStart(11, '0');
  return numeric(`${top < 0n ? '-' : ''}${text.slice(0, -10)}.${text.slice(-10)}`);
}

function uuid(given: string): Value | undefined {
  const [, hex] =
    UUID.exec(
      given
        .toLowerCase()
        .replace(/^urn:uuid:/, '')
        .replace(/^.(.{36}).$/, '$1')
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
  if (ticks !== undefined) members.push(['time', narrow((ticks - GREGORIAN) * 100n)]);
  if (version === 7) members.push(['time', narrow(at(0, 12) * 1_000_000n)]);
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

/** 100 ns steps between 15 October 1582 and 1970. */
const GREGORIAN = 0x01b2_1dd2_1381_4000n;
const UUID = /^([0-9a-f]{32})$/;
const POWERS = ['k', 'm', 'g', 't', 'p', 'e'];
const SCALES: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ...POWERS.flatMap((each, index): [string, bigint][] => [
    [each, 1000n ** BigInt(index + 1)],
    [`${each}i`, 1024n ** BigInt(index + 1)],
  ]),
]);
