import { RegoError } from '../errors.js';
import type { Value } from '../values.js';
import { parseYaml } from './yaml-text/parse.js';
import { printYaml } from './yaml-text/print.js';
import { YamlError } from './yaml-text/scalars.js';
import { type Builtins, BuiltinFault, of, text } from '../builtins/builtin.js';

/** YAML, by the core schema of 1.2. */
export const YAML: Builtins = {
  'yaml.marshal': of(1, ([value = null]) => printYaml(value)),
  'yaml.unmarshal': of(1, (args) => {
    const given = text(args, 0);
    return read(() => parseYaml(given)[0] ?? null);
  }),
  'yaml.is_valid': of(1, ([value = null]) => {
    if (typeof value !== 'string') return false;
    try {
      parseYaml(value);
      return true;
    } catch (error) {
      if (error instanceof YamlError) return false;
      throw error;
    }
  }),
};

function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof YamlError) throw new BuiltinFault(error.message);
    throw error;
  }
}

/**
 * Read a YAML document: the core schema of 1.2, every digit of its numbers kept.
 *
 * @param text - YAML; of several documents the first counts
 * @throws {@link RegoError} `ERR_REGO_VALUE`.
 */
export function parseYamlText(text: string): Value {
  try {
    return parseYaml(text)[0] ?? null;
  } catch (cause) {
    if (cause instanceof YamlError) throw new RegoError('ERR_REGO_VALUE', cause.message, { cause });
    throw cause;
  }
}
