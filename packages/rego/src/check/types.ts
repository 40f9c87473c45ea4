/**
 * Types of values, as far as they are known before an evaluation. `undefined` stands for one that is not known yet.
 *
 * @module
 */
import { compare, isArray, isNumber, RegoObject, RegoSet, type Value } from '../values.js';

/** A type. `any` without members is that of every value; with members it is one of them. */
export type Type =
  | { readonly kind: 'null' | 'boolean' | 'number' | 'string' }
  | { readonly kind: 'array'; readonly items: readonly MaybeType[]; readonly rest?: MaybeType }
  | { readonly kind: 'set'; readonly of?: MaybeType }
  | { readonly kind: 'object'; readonly members: readonly Member[]; readonly rest?: RestMember | undefined }
  | { readonly kind: 'any'; readonly of: readonly Type[] }
  | { readonly kind: 'function'; readonly args: readonly MaybeType[]; readonly result: MaybeType };

/** A type that may not be known yet. */
export type MaybeType = Type | undefined;

/** A member of an object whose key is known. */
export type Member = readonly [key: Value, type: MaybeType];

/** What members of an object are whose keys are not known. */
export interface RestMember {
  readonly key: MaybeType;
  readonly value: MaybeType;
}

/** That of every value. */
export const ANY: Type = { kind: 'any', of: [] };
/** Of numbers. */
export const NUMBER: Type = { kind: 'number' };
/** Of texts. */
export const STRING: Type = { kind: 'string' };
/** Of `true` and `false`. */
export const BOOLEAN: Type = { kind: 'boolean' };

/** Whether it is that of every value. */
export function isAny(type: MaybeType): boolean {
  return type?.kind === 'any' && type.of.length === 0;
}

/** One of two. */
export function either(a: MaybeType, b: MaybeType): MaybeType {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.kind === 'function' || b.kind === 'function') return eitherFunction(a, b);
  if (isAny(a) || isAny(b)) return ANY;
  const members = [a, b].flatMap((each) => (each.kind === 'any' ? each.of : [each]));
  const texts = new Map(members.map((each) => [typeText(each), each]));
  const [first = a, ...others] = texts.values();
  return others.length === 0 ? first : bounded({ kind: 'any', of: [first, ...others] });
}

/** Clauses of one function. */
function eitherFunction(a: Type, b: Type): MaybeType {
  if (a.kind !== 'function' || b.kind !== 'function' || a.args.length !== b.args.length) return undefined;
  const args = a.args.map((each, index) => either(each, b.args[index]));
  return { kind: 'function', args, result: either(a.result, b.result) };
}

/** Whether a value may be of both. What is not known fits nothing. */
export function fits(a: MaybeType, b: MaybeType): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.kind === 'any' || b.kind === 'any') {
    const [union, other] = a.kind === 'any' ? [a, b] : [b, a];
    if (other.kind === 'function') return false;
    if (isAny(a) || isAny(b)) return true;
    return union.kind === 'any' && union.of.some((each) => fits(each, other));
  }
  if (a.kind === 'array' && b.kind === 'array') return arraysFit(a, b);
  if (a.kind === 'object' && b.kind === 'object') return objectsFit(a, b);
  if (a.kind === 'set' && b.kind === 'set')
    return a.of === undefined || b.of === undefined || fits(a.of, b.of);
  if (a.kind === 'function' && b.kind === 'function')
    return a.args.length === b.args.length && a.args.every((each, index) => fits(each, b.args[index]));
  return a.kind === b.kind;
}

function arraysFit(a: Type & { kind: 'array' }, b: Type & { kind: 'array' }): boolean {
  const length = Math.max(a.items.length, b.items.length);
  for (let index = 0; index < length; index += 1)
    if (!fits(a.items[index] ?? a.rest, b.items[index] ?? b.rest)) return false;
  return a.rest === undefined || b.rest === undefined || fits(a.rest, b.rest);
}

function objectsFit(a: Type & { kind: 'object' }, b: Type & { kind: 'object' }): boolean {
  const within = (one: typeof a, other: typeof a): boolean =>
    one.members.every(([key, type]) => {
      const own = memberOf(other, key);
      const isFree = one.rest !== undefined || other.rest !== undefined;
      return own === undefined ? isFree : fits(own, type);
    });
  if (!within(a, b) || !within(b, a)) return false;
  const [left, right] = [a.rest?.value, b.rest?.value];
  return left === undefined || right === undefined || fits(left, right);
}

function memberOf({ members, rest }: Type & { kind: 'object' }, key: Value): MaybeType {
  const known = members.find(([name]) => compare(name, key) === 0);
  if (known !== undefined) return known[1];
  return rest !== undefined && fits(rest.key, typeOfValue(key)) ? rest.value : undefined;
}

/** What stands behind a key; `undefined` where nothing can. */
export function select(type: MaybeType, key: Value): MaybeType {
  switch (type?.kind) {
    case 'array': {
      const at = isNumber(key) ? Number(key) : -1;
      return Number.isInteger(at) && at >= 0 ? (type.items[at] ?? type.rest) : undefined;
    }
    case 'object':
      return memberOf(type, key);
    case 'set': {
      const own = typeOfValue(key);
      return type.of !== undefined && fits(type.of, own) ? own : undefined;
    }
    case 'any':
      return isAny(type)
        ? ANY
        : type.of.reduce<MaybeType>((found, each) => either(found, select(each, key)), undefined);
    case undefined:
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
      return undefined;
  }
}

/** What its keys are; `undefined` for what has none. */
export function keysOf(type: MaybeType): MaybeType {
  switch (type?.kind) {
    case 'array':
      return NUMBER;
    case 'set':
      return type.of;
    case 'object':
      return type.members.reduce<MaybeType>(
        (found, [key]) => either(found, typeOfValue(key)),
        type.rest?.key,
      );
    case 'any':
      return isAny(type)
        ? ANY
        : type.of.reduce<MaybeType>((found, each) => either(found, keysOf(each)), undefined);
    case undefined:
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
      return undefined;
  }
}

/** What its items or values are; `undefined` for what has none. */
export function valuesOf(type: MaybeType): MaybeType {
  switch (type?.kind) {
    case 'array':
      return type.items.reduce<MaybeType>(either, type.rest);
    case 'set':
      return type.of;
    case 'object':
      return type.members.reduce<MaybeType>((found, [, value]) => either(found, value), type.rest?.value);
    case 'any':
      return isAny(type)
        ? ANY
        : type.of.reduce<MaybeType>((found, each) => either(found, valuesOf(each)), undefined);
    case undefined:
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
      return undefined;
  }
}

/** Whether it is a collection that holds nothing. */
export function isEmpty(type: MaybeType): boolean {
  if (type?.kind === 'array') return type.items.length === 0 && type.rest === undefined;
  if (type?.kind === 'object') return type.members.length === 0 && type.rest === undefined;
  return type?.kind === 'set' && type.of === undefined;
}

/** Whether a part of it is not known yet. */
export function isOpen(type: MaybeType): boolean {
  if (type === undefined) return true;
  switch (type.kind) {
    case 'array':
      return type.items.some(isOpen) || (type.rest !== undefined && isOpen(type.rest));
    case 'set':
      return type.of !== undefined && isOpen(type.of);
    case 'object':
      return (
        type.members.some(([, value]) => isOpen(value)) ||
        (type.rest !== undefined && (isOpen(type.rest.key) || isOpen(type.rest.value)))
      );
    case 'any':
      return type.of.some(isOpen);
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
      return false;
  }
}

/** The type of a value. */
export function typeOfValue(value: Value): Type {
  return bounded(wholeType(value));
}

function wholeType(value: Value): Type {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'string') return STRING;
  if (isArray(value)) return { kind: 'array', items: value.map(typeOfValue) };
  if (value instanceof RegoSet)
    return { kind: 'set', of: value.items().map(typeOfValue).reduce<MaybeType>(either, undefined) };
  if (value instanceof RegoObject)
    return {
      kind: 'object',
      members: value.entries().map(([key, each]): Member => [key, typeOfValue(each)]),
    };
  return NUMBER;
}

/** How a type is written in a message. */
export function typeText(type: MaybeType): string {
  if (type === undefined) return '???';
  switch (type.kind) {
    case 'array': {
      const items = type.items.length === 0 ? '' : `<${type.items.map(typeText).join(', ')}>`;
      return `array${items}${type.rest === undefined ? '' : `[${typeText(type.rest)}]`}`;
    }
    case 'set':
      return `set[${typeText(type.of)}]`;
    case 'object': {
      const members = type.members.map(([key, value]) => `${keyText(key)}: ${typeText(value)}`);
      const { rest } = type;
      const others = rest === undefined ? '' : `[${typeText(rest.key)}: ${typeText(rest.value)}]`;
      return `object${members.length === 0 ? '' : `<${members.join(', ')}>`}${others}`;
    }
    case 'any':
      return isAny(type) ? 'any' : `any<${type.of.map(typeText).sort().join(', ')}>`;
    case 'function':
      return `(${type.args.map(typeText).join(', ')}) => ${typeText(type.result)}`;
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return type.kind;
  }
}

function keyText(key: Value): string {
  return typeof key === 'string' ? key : typeText(typeOfValue(key));
}

/** A type that is not larger than is of use; one that is stands for any. */
export function bounded(type: Type): Type {
  return sizeOf(type) > MAX_SIZE ? ANY : type;
}

function sizeOf(type: MaybeType): number {
  if (type === undefined) return 1;
  const known = sizes.get(type);
  if (known !== undefined) return known;
  const size = partsOf(type).reduce((sum, each) => sum + sizeOf(each), 1);
  sizes.set(type, size);
  return size;
}

function partsOf(type: Type): readonly MaybeType[] {
  switch (type.kind) {
    case 'array':
      return [...type.items, type.rest];
    case 'set':
      return [type.of];
    case 'object':
      return [...type.members.map(([, value]) => value), type.rest?.key, type.rest?.value];
    case 'any':
      return type.of;
    case 'function':
      return [...type.args, type.result];
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return [];
  }
}

const sizes = new WeakMap<Type, number>();
/** In types within a type. */
const MAX_SIZE = 500;
