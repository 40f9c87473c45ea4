import { BuiltinFault } from '../../builtins/builtin.js';
import { canonical } from '../../decimal.js';
import { isArray, isNumber, type RegoObject, RegoSet, type Value } from '../../values.js';
import type { PathOptions } from './path.js';

/** What a path is held to, of the members that options of `crypto.x509.parse_and_verify_certificates_with_options` may have. */
export function pathOptions(given: RegoObject, now: () => bigint): Omit<PathOptions, 'spend'> {
  let [nanoseconds, host] = [now(), ''];
  const purposes: number[] = [];
  for (const [name, value] of given.entries()) {
    if (typeof name !== 'string') continue;
    switch (name) {
      case 'DNSName':
        if (typeof value !== 'string') throw new BuiltinFault("'DNSName' should be a string");
        host = unquoted(value);
        break;
      case 'CurrentTime':
        nanoseconds = integer('CurrentTime', value);
        break;
      case 'MaxConstraintComparisons':
        integer('MaxConstraintComparisons', value); // each name is compared once with each constraint
        break;
      case 'KeyUsages':
        purposes.push(...purposesIn(value));
        break;
      default:
        throw new BuiltinFault('invalid key option');
    }
  }
  return { at: Number(nanoseconds) / 1e6, host, purposes: purposes.length === 0 ? [SERVER] : purposes };
}

function integer(name: string, value: Value): bigint {
  if (!isNumber(value)) throw new BuiltinFault(`'${name}' should be a number`);
  const exact = canonical(value);
  const whole = typeof exact === 'number' && Number.isInteger(exact) ? BigInt(exact) : exact;
  if (typeof whole !== 'bigint' || BigInt.asIntN(64, whole) !== whole)
    throw new BuiltinFault(`'${name}' should be a valid int64 number`);
  return whole;
}

function purposesIn(value: Value): readonly number[] {
  if (!isArray(value) && !(value instanceof RegoSet))
    throw new BuiltinFault("'KeyUsages' should be an Array or Set");
  const names = (value instanceof RegoSet ? value.items() : value)
    .filter((each) => typeof each === 'string')
    .map(unquoted);
  const strange = names.filter((each) => !PURPOSES.includes(each));
  if (strange.length > 0)
    throw new BuiltinFault(`invalid entries for 'KeyUsages' found: [${strange.join(' ')}]`);
  return names.map((each) => PURPOSES.indexOf(each));
}

/** Without quotes at both ends. */
function unquoted(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && text[from] === '"') from += 1;
  while (to > from && text[to - 1] === '"') to -= 1;
  return text.slice(from, to);
}

/** In the order of their numbers in Go. */
const PURPOSES: readonly string[] = [
  'Any',
  'ServerAuth',
  'ClientAuth',
  'CodeSigning',
  'EmailProtection',
  'IPSECEndSystem',
  'IPSECTunnel',
  'IPSECUser',
  'TimeStamping',
  'OCSPSigning',
  'MicrosoftServerGatedCrypto',
  'NetscapeServerGatedCrypto',
  'MicrosoftCommercialCodeSigning',
  'MicrosoftKernelCodeSigning',
].map((name) => `KeyUsage${name}`);
const SERVER = 1;
