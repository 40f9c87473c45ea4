import { compileRegex, RegexSyntaxError } from '../../regex.js';
import { canonicalAddress } from '../net.js';
import { parseUrl } from '../urls.js';

/** Whether a text has a format of JSON Schema. Every text has a format that is not known. */
export function hasFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}

const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', isDate],
  ['time', isTime],
  ['date-time', (text: string) => isTime(text) || isDate(text) || isDateTime(text)],
  ['hostname', isHostname],
  ['email', isEmail],
  ['idn-email', isEmail],
  ['ipv4', (text: string) => canonicalAddress(text) !== undefined && text.includes('.')],
  ['ipv6', (text: string) => canonicalAddress(text) !== undefined && text.includes(':')],
  ['uri', isUri],
  ['iri', isUri],
  ['uri-reference', isUriReference],
  ['iri-reference', isUriReference],
  ['uri-template', isUriTemplate],
  ['uuid', (text: string) => /^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$/i.test(text)],
  ['regex', isRegex],
  ['json-pointer', isJsonPointer],
  ['relative-json-pointer', isRelativeJsonPointer],
]);

function isDate(text: string): boolean {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const [leap, at] = [Number(year), Number(month)];
  const isLeap = leap % 4 === 0 && (leap % 100 !== 0 || leap % 400 === 0);
  const days = at === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(at) ? 30 : 31;
  return at >= 1 && at <= 12 && Number(day) >= 1 && Number(day) <= days;
}

/** Without a zone, too. */
function isTime(text: string): boolean {
  return hasZone(text) ? isFullTime(text) : isFullTime(`${text}Z`);
}

function isDateTime(text: string): boolean {
  return text.charAt(10) === 'T' && isDate(text.slice(0, 10)) && isFullTime(text.slice(11));
}

function hasZone(text: string): boolean {
  return /(?:Z|[+-][0-9]{2}:[0-9]{2})$/.test(text);
}

/** Hours may have one digit, and a fraction may follow a comma. */
function isFullTime(text: string): boolean {
  const [, hour, minute, second, , zoneHour = '0', zoneMinute = '0'] =
    /^([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,][0-9]+)?(Z|[+-]([0-9]{2}):([0-9]{2}))$/.exec(text) ?? [];
  if (hour === undefined) return false;
  return (
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(zoneHour) <= 24 &&
    Number(zoneMinute) < 60
  );
}

function isHostname(text: string): boolean {
  return (
    text.length < 256 &&
    text.split('.').every((label) => /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(label))
  );
}

/** An address, or a name before an address in angle brackets. */
function isEmail(text: string): boolean {
  const trimmed = text.trim();
  const open = trimmed.lastIndexOf('<');
  const address = open >= 0 && trimmed.endsWith('>') ? trimmed.slice(open + 1, -1) : trimmed;
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, Math.max(at, 0)), address.slice(at + 1)];
  const isAtoms = (part: string): boolean =>
    part.split('.').every((atom) => /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+$/.test(atom));
  const isQuoted = /^"(?:[^"\\\r\n]|\\[^\r\n])*"$/.test(local);
  const isLiteral = domain.startsWith('[') && domain.endsWith(']');
  return (
    at > 0 &&
    (isAtoms(local) || isQuoted) &&
    (isLiteral ? canonicalAddress(domain.slice(1, -1).replace(/^IPv6:/, '')) !== undefined : isAtoms(domain))
  );
}

function isUri(text: string): boolean {
  const url = parseUrl(text);
  return typeof url !== 'string' && url.scheme !== '' && !text.includes('\\');
}

function isUriReference(text: string): boolean {
  return typeof parseUrl(text) !== 'string' && !text.includes('\\');
}

/** Every brace that opens is closed. */
function isUriTemplate(text: string): boolean {
  const url = parseUrl(text);
  return (
    typeof url !== 'string' && !text.includes('\\') && url.path.lastIndexOf('{') <= url.path.lastIndexOf('}')
  );
}

function isRegex(text: string): boolean {
  try {
    compileRegex(text);
    return true;
  } catch (error) {
    if (error instanceof RegexSyntaxError) return false;
    throw error;
  }
}

function isJsonPointer(text: string): boolean {
  return (text === '' || text.startsWith('/')) && !/~(?![01])/.test(text);
}

function isRelativeJsonPointer(text: string): boolean {
  const [number] = /^(?:0|[1-9][0-9]*)/.exec(text) ?? [];
  if (number === undefined) return false;
  const rest = text.slice(number.length);
  return rest === '#' || isJsonPointer(rest);
}
