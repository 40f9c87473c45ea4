import { numeric, written } from '../../decimal.js';
import type { Value } from '../../values.js';

/** A text that is no YAML of the subset that policies and their annotations use. */
export class YamlError extends Error {
  /** Always `YamlError`. */
  override readonly name = 'YamlError';
}

/** A plain scalar as the reader of Open Policy Agent takes it: integers of 64 bits in four bases, other numbers as doubles. */
export function plainValue(text: string): Value {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (isInfinite(text)) throw new YamlError('JSON has no number for what is not finite');
  return /^[-+.0-9]/.test(text) && text.length <= MAX_DIGITS
    ? (numberOf(text.replaceAll('_', '')) ?? text)
    : text;
}

function numberOf(plain: string): Value | undefined {
  const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/.exec(plain);
  if (integer !== null) {
    const [, sign = '', digits = '0'] = integer;
    const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
    const value = sign === '-' ? -magnitude : magnitude;
    if (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value)
      return numeric(String(value));
  }
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return undefined;
  const double = Number(plain);
  return Number.isFinite(double) ? written(String(double)) : undefined;
}

/** Whether a text would be read as something else than itself. */
export function isAmbiguous(text: string): boolean {
  return (
    isInfinite(text) ||
    typeof plainValue(text) !== 'string' ||
    /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/.test(text) ||
    /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/.test(text) ||
    /^[-+]?[0-9][0-9_:]*(?:\.[0-9_]*)?$/.test(text)
  );
}

/** Numbers that JSON does not have. */
function isInfinite(text: string): boolean {
  return /^[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)$/.test(text);
}

/** What stands between double quotes. Lines are folded. */
export function doubleQuoted(text: string): string {
  const lines = folded(text, true);
  return lines.replace(
    /\\(?:([0abtnvfre "/\\N_LP\t])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\n[ \t]*|(.))/gs,
    (all, simple?: string, x?: string, u?: string, long?: string, other?: string) => {
      const hex = x ?? u ?? long;
      if (other !== undefined) throw new YamlError('found unknown escape character');
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16);
        if (code > 0x10ffff) throw new YamlError('found invalid Unicode character escape code');
        return u === undefined ? String.fromCodePoint(code) : String.fromCharCode(code);
      }
      return simple === undefined ? all.slice(all.length) : (ESCAPES[simple] ?? simple);
    },
  );
}

/** What stands between single quotes. */
export function singleQuoted(text: string): string {
  return folded(text, false).replaceAll("''", "'");
}

/** One line break is a blank, more are one less. */
export function folded(text: string, escapes: boolean): string {
  if (!text.includes('\n')) return text;
  return text.replace(/[ \t]*\n((?:[ \t]*\n)*)[ \t]*/g, (all, more: string, offset: number) => {
    if (
      escapes &&
      text.charAt(offset - 1) === '\\' &&
      text.charAt(offset - 2) !== '\\' &&
      all.startsWith('\n')
    )
      return '\n';
    const breaks = more.split('\n').length - 1;
    return breaks === 0 ? ' ' : '\n'.repeat(breaks);
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\u000b',
  f: '\f',
  r: '\r',
  e: '\u001b',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
/** Longer ones are texts: no double has so many. */
const MAX_DIGITS = 1000;
