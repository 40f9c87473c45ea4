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
