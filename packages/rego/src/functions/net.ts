import { isArray, RegoObject, RegoSet, type Value } from '../values.js';
import { type Builtins, BuiltinFault, items, of, text } from '../builtins/builtin.js';

/** Blocks of IP addresses. Names are not looked up: nothing here asks a network. */
export const NET: Builtins = {
  'net.cidr_contains': of(2, (args) => contains(text(args, 0), text(args, 1))),
  'net.cidr_contains_matches': of(2, ([left = null, right = null], { spend }) => {
    const others = cidrsOf(right, 2);
    return new RegoSet(
      cidrsOf(left, 1).flatMap(([block, index]) => {
        spend(others.length);
        return others
          .filter(([other]) => contains(block, other))
          .map(([, otherIndex]): Value => [index, otherIndex]);
      }),
    );
  }),
  'net.cidr_expand': of(1, (args, { spend }) => {
    const block = cidr(text(args, 0));
    const count = block.last - block.first + 1n;
    if (count > MAX_EXPANDED)
      throw new BuiltinFault(`a block of more than ${MAX_EXPANDED} addresses is not expanded`);
    spend(Number(count));
    return new RegoSet(
      Array.from({ length: Number(count) }, (_item, index) =>
        addressText(block.first + BigInt(index), block.bits),
      ),
    );
  }),
  'net.cidr_intersects': of(2, (args) => intersects(text(args, 0), text(args, 1))),
  'net.cidr_overlap': of(2, (args) => contains(text(args, 0), text(args, 1))),
  'net.cidr_is_valid': of(1, ([given = null]) => typeof given === 'string' && parseCidr(given) !== undefined),
  'net.cidr_merge': of(1, (args) => {
    const given = args[0] ?? null;
    if (!(isArray(given) || given instanceof RegoSet)) throw new BuiltinFault('operand must be an array');
    return new RegoSet(merged(items(args, 0).map(blockOf)).map(blockText));
  }),
};

/** An address in the form of Go; `undefined` for any other text. */
export function canonicalAddress(given: string): string | undefined {
  const address = parseAddress(given);
  return address === undefined ? undefined : addressText(address.value, address.bits);
}

/** Addresses of one size from the first to the last. */
interface Block {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

function contains(block: string, other: string): boolean {
  const outer = cidr(block);
  const address = parseAddress(other);
  if (address !== undefined) return inside(outer, address.value, address.bits);
  const inner = parseCidr(other);
  if (inner === undefined)
    throw new BuiltinFault(`not a valid textual representation of an IP address or CIDR: ${other}`);
  return inside(outer, inner.first, inner.bits) && inside(outer, inner.last, inner.bits);
}

function inside(block: Block, address: bigint, bits: 32 | 128): boolean {
  return block.bits === bits && address >= block.first && address <= block.last;
}

function intersects(a: string, b: string): boolean {
  const [left, right] = [cidr(a), cidr(b)];
  return left.bits === right.bits && left.first <= right.last && right.first <= left.last;
}

function cidr(given: string): Block {
  const block = parseCidr(given);
  if (block === undefined) throw new BuiltinFault(`invalid CIDR address: ${given}`);
  return block;
}

function parseCidr(given: string): Block | undefined {
  const [, address = '', length = ''] = /^([^/]{1,60})\/(0|[1-9][0-9]{0,2})$/.exec(given) ?? [];
  const found = parseAddress(address, false);
  if (found === undefined || Number(length) > found.bits) return undefined;
  return blockAt(found.value, found.bits, Number(length));
}

function blockAt(address: bigint, bits: 32 | 128, length: number): Block {
  const size = 1n << BigInt(bits - length);
  const first = address - (address % size);
  return { bits, first, last: first + size - 1n };
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function parseAddress(given: string, mapped = true): Address | undefined {
  if (!given.includes(':')) {
    const value = parseFour(given);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = parseSixteen(given);
  if (value === undefined) return undefined;
  const isMapped = mapped && value >> 32n === 0xffffn; // ::ffff:a.b.c.d is the address of four bytes
  return isMapped ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

function parseFour(given: string): bigint | undefined {
  const parts = given.split('.');
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  )
    return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseSixteen(given: string): bigint | undefined {
  const halves = given.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map(groupsOf);
  const [head, tail] = groups;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const rest = tail ?? [];
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<bigint>(missing).fill(0n), ...rest].reduce(
    (sum, group) => sum * 65_536n + group,
    0n,
  );
}

function groupsOf(half: string): readonly bigint[] | undefined {
  if (half === '') return [];
  const parts = half.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const four = index === parts.length - 1 && part.includes('.') ? parseFour(part) : undefined;
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

/** An address as Go writes it: the longest run of zeros is left out. */
function addressText(value: bigint, bits: 32 | 128): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_item, index) => (value >> BigInt(112 - index * 16)) & 0xffffn);
  let [best, length] = [-1, 1];
  for (let at = 0; at < 8; at += 1) {
    let end = at;
    while (end < 8 && groups[end] === 0n) end += 1;
    if (end - at > length) [best, length] = [at, end - at];
  }
  const hex = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(':');
  return best < 0 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + length))}`;
}

function cidrsOf(value: Value, operand: number): readonly (readonly [string, Value])[] {
  if (typeof value === 'string') return [[value, value]];
  const members: readonly (readonly [Value, Value])[] = isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : value instanceof RegoSet
      ? value.items().map((item) => [item, item] as const)
      : value instanceof RegoObject
        ? value.entries()
        : [];
  return members.map(([key, item]) => {
    const first = isArray(item) ? item[0] : item;
    if (first === undefined || (typeof first !== 'string' && !isArray(item)))
      throw new BuiltinFault(`operand ${operand}: element must be string or non-empty array`);
    return [text([first], 0), key] as const;
  });
}

function blockOf(value: Value): Block {
  if (typeof value !== 'string') throw new BuiltinFault('element must be string');
  const address = parseAddress(value);
  if (address === undefined) return cidr(value);
  if (address.bits === 128) throw new BuiltinFault('IPv6 invalid: needs prefix length');
  const top = address.value >> 24n;
  return blockAt(address.value, 32, top < 128n ? 8 : top < 192n ? 16 : 24); // the class that the address is of
}

function merged(blocks: readonly Block[]): readonly Block[] {
  const sorted = [...blocks].sort(
    (a, b) => a.bits - b.bits || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0),
  );
  const ranges: Block[] = [];
  for (const block of sorted) {
    const before = ranges.at(-1);
    if (before !== undefined && before.bits === block.bits && block.first <= before.last + 1n)
      ranges[ranges.length - 1] = { ...before, last: block.last > before.last ? block.last : before.last };
    else ranges.push(block);
  }
  return ranges.flatMap(alignedBlocks);
}

/** A range as the fewest blocks. */
function alignedBlocks({ bits, first, last }: Block): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = first; at <= last;) {
    let size = 1n;
    while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
    blocks.push({ bits, first: at, last: at + size - 1n });
    at += size;
  }
  return blocks;
}

function blockText({ bits, first, last }: Block): string {
  return `${addressText(first, bits)}/${bits - ((last - first + 1n).toString(2).length - 1)}`;
}

const MAX_EXPANDED = 1n << 17n;
