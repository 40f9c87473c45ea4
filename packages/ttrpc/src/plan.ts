import type { FieldDescriptor, FieldType, MessageDescriptor } from './descriptor.js';
import { WIRE } from './wire.js';

/** A message as the codec wants it: its fields in the order of their numbers, everything about them worked out. */
export interface MessagePlan {
  readonly fields: readonly FieldPlan[];
  readonly byNumber: ReadonlyMap<number, FieldPlan>;
}

/** One field of a {@link MessagePlan}. */
export interface FieldPlan {
  readonly name: string;
  readonly kind: FieldKind;
  /** The wire type of one value. */
  readonly wire: number;
  /** The tag of one value; of all of them where they are packed. */
  readonly tag: number;
  readonly repeated: boolean;
  /** Whether a default value is written too. */
  readonly explicit: boolean;
  /** The names of an enumeration. */
  readonly names: readonly string[];
  /** The fields of a message, or of one entry of a map. */
  readonly message: MessagePlan | undefined;
}

/** What a field holds. */
export type FieldKind = Extract<FieldType, string> | 'enum' | 'message';

/**
 * Work out how a message is written and read.
 *
 * @throws TypeError for a descriptor that makes no message: a number out of range or used twice, a repeated map.
 */
export function planMessage(
  descriptor: MessageDescriptor,
  known: Map<MessageDescriptor, MessagePlan> = new Map(),
): MessagePlan {
  const before = known.get(descriptor);
  if (before !== undefined) return before;
  const fields: FieldPlan[] = [];
  const byNumber = new Map<number, FieldPlan>();
  const plan = { fields, byNumber };
  known.set(descriptor, plan); // before its fields: a message may hold itself
  for (const [name, field] of Object.entries(descriptor)) {
    mustBeField(name, field);
    if (byNumber.has(field.no)) throw new TypeError(`${name}: the number ${field.no} is used twice`);
    const planned = planField(name, field, known);
    byNumber.set(field.no, planned);
    fields.push(planned);
  }
  fields.sort((a, b) => a.tag - b.tag);
  return plan;
}

function planField(
  name: string,
  { no, type, repeated = false, optional = false }: FieldDescriptor,
  known: Map<MessageDescriptor, MessagePlan>,
): FieldPlan {
  const kind = kindOf(type);
  const wire =
    kind === 'string' || kind === 'bytes' || kind === 'map' || kind === 'message' ? WIRE.bytes : WIRE.varint;
  return {
    name,
    kind,
    wire,
    tag: no * 8 + (repeated ? WIRE.bytes : wire),
    repeated,
    explicit: optional || kind === 'message',
    names: isEnum(type) ? type : [],
    message: kind === 'map' ? MAP_ENTRY : isMessage(type) ? planMessage(type, known) : undefined,
  };
}

function mustBeField(name: string, { no, type, repeated }: FieldDescriptor): void {
  if (!Number.isInteger(no) || no < 1 || no > 0x1fff_ffff)
    throw new TypeError(`${name}: ${no} is no field number`);
  if (repeated === true && type === 'map') throw new TypeError(`${name}: a map is not repeated`);
  if (name === '__proto__') throw new TypeError('a field cannot be called __proto__');
}

function kindOf(type: FieldType): FieldKind {
  if (typeof type === 'string') return type;
  return isEnum(type) ? 'enum' : 'message';
}

function isEnum(type: FieldType): type is readonly string[] {
  return Array.isArray(type);
}

function isMessage(type: FieldType): type is MessageDescriptor {
  return typeof type === 'object' && !Array.isArray(type);
}

/** Key and value of a map's entry are always written, as other implementations do. */
const MAP_ENTRY: MessagePlan = /* @__PURE__ */ planMessage({
  key: { no: 1, type: 'string', optional: true },
  value: { no: 2, type: 'string', optional: true },
});
