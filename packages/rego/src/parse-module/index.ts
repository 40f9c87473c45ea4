/**
 * The built-in function `rego.parse_module` of Open Policy Agent: the syntax tree of a module as a value. Give it to `preparePolicy`,
 * beside other functions.
 *
 * @packageDocumentation
 */
import { BuiltinFault, type HostFunction, of, text } from '../builtins/builtin.js';
import { RegoError } from '../errors.js';
import { fromJson } from '../json.js';
import { parseModule } from '../parser.js';
import { moduleNode } from './modules.js';

/**
 * `rego.parse_module(file, text)`, by name. A module is read as one of Rego v1. What does not parse is a fault of the call, and costs as
 * many steps as it is long.
 */
export const PARSE_MODULE: Readonly<Record<string, HostFunction>> = {
  'rego.parse_module': of(2, (args, { spend }) => {
    const [file, source] = [text(args, 0), text(args, 1)];
    spend(source.length / CHARACTERS_PER_STEP);
    try {
      return fromJson(moduleNode(parseModule(source, file, 'v1'), source.replace(/^\ufeff/, '')));
    } catch (error) {
      if (error instanceof RegoError) throw new BuiltinFault(faultOf(error));
      throw error;
    }
  }),
};

/** In the words of Open Policy Agent where a name is missing at the end. */
function faultOf({ message, place }: RegoError): string {
  const isCut = message.endsWith('unexpected end');
  const what = isCut ? 'unexpected eof token: expected ident' : message.replace(/^.*?:[0-9]+:[0-9]+: /, '');
  const where = place === undefined ? '' : `${place.file}:${place.line}: `;
  return `rego.parse_module: 1 error occurred: ${where}rego_parse_error: ${what}`;
}

const CHARACTERS_PER_STEP = 8;

export type { CallContext, CallSite, HostFunction } from '../builtins/builtin.js';
export { RegoDecimal } from '../decimal.js';
export type { Regex, RegexMatch } from '../regex.js';
export { RegoObject, RegoSet, type Value } from '../values.js';
