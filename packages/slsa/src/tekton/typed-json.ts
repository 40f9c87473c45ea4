import { goJson, goJsonOrdered, isJsonObject, type JsonValue } from '@sealwright/json';
import { fieldsOf, normalise } from './normalise.js';

/**
 * What Go writes of a value of one of the types of a run: members of structs in their order, those of maps sorted, which a
 * JavaScript object alone cannot tell, since it puts names like `10` first.
 *
 * @param value - the JSON
 * @param type - such as `tekton.TaskRun`
 * @throws {@link SlsaError} `ERR_SLSA_RUN` or `ERR_SLSA_SCALAR`.
 */
export function typedJson(value: JsonValue, type: string): string {
  return write(normalise(value, type), type);
}

function write(value: JsonValue, type: string): string {
  if (type.endsWith('?')) return write(value, type.slice(0, -1));
  if (Array.isArray(value) && type.startsWith('[]'))
    return `[${value.map((item) => write(item, type.slice(2))).join(',')}]`;
  if (!isJsonObject(value)) return goJson(value);
  const fields = fieldsOf(type);
  if (fields !== undefined) {
    const present = fields.filter(({ name }) => Object.hasOwn(value, name));
    return `{${present.map((field) => `${goJson(field.name)}:${write(value[field.name] ?? null, field.type)}`).join(',')}}`;
  }
  // maps hold text, quantities, or objects with one member: sorting goes for all of it
  return RAW.has(type) ? goJsonOrdered(value) : goJson(value);
}

const RAW: ReadonlySet<string> = new Set(['runtime.RawExtension', 'meta.FieldsV1']);
