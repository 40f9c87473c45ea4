import { encodeBase64 } from '@sealwright/bytes';
import { DerReader } from '@sealwright/der';
import { BuiltinFault } from '../../builtins/builtin.js';
import { canonicalAddress } from '../net.js';
import { parseUrl } from '../urls.js';

/** Alternative names of a subject, as texts. */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  readonly addresses: readonly string[];
  readonly uris: readonly string[];
}

/** Read the names of an extension. */
export function alternativeNames(value: Uint8Array | undefined): AlternativeNames {
  const names = {
    dns: [] as string[],
    emails: [] as string[],
    addresses: [] as string[],
    uris: [] as string[],
  };
  if (value === undefined) return names;
  const all = new DerReader(value).enter();
  while (!all.done) {
    const { tag, contents } = all.element();
    if (tag === EMAIL) names.emails.push(ascii(contents));
    if (tag === DNS) names.dns.push(ascii(contents));
    if (tag === URI) names.uris.push(ascii(contents));
    if (tag === ADDRESS) names.addresses.push(addressText(contents));
  }
  return names;
}

/** The members that certificates and requests have for alternative names. */
export function alternativeNamesJson({ dns, emails, addresses, uris }: AlternativeNames): object {
  return {
    DNSNames: listOrNull(dns),
    EmailAddresses: listOrNull(emails),
    IPAddresses: listOrNull(addresses),
    URIs: listOrNull(uris.map(uriJson)),
  };
}

/** URLs among the names of an extension. */
export function urlsIn(names: DerReader): readonly string[] {
  const urls: string[] = [];
  while (!names.done) {
    const { tag, contents } = names.element();
    if (tag === URI) urls.push(ascii(contents));
  }
  return urls;
}

/** The members that certificates have for constraints of names. */
export function nameConstraintsJson(value: Uint8Array | undefined, critical: boolean): object {
  const lists: Record<string, unknown[] | null> = {};
  for (const side of ['Permitted', 'Excluded'])
    for (const kind of CONSTRAINTS.values()) lists[`${side}${kind}`] = null;
  const sides = sequenceOf(value);
  while (!sides.done) {
    const { tag: side, contents: subtrees } = sides.element();
    const all = new DerReader(subtrees);
    while (!all.done) {
      const { tag, contents } = all.enter().element();
      const kind = CONSTRAINTS.get(tag);
      if (kind === undefined) continue;
      const name = `${side === 0xa0 ? 'Permitted' : 'Excluded'}${kind}`;
      lists[name] = [...(lists[name] ?? []), tag === ADDRESS ? rangeJson(contents) : ascii(contents)];
    }
  }
  return { ...lists, PermittedDNSDomainsCritical: value !== undefined && critical };
}

/** What a sequence holds; nothing where there is none. */
export function sequenceOf(value: Uint8Array | undefined): DerReader {
  return value === undefined ? new DerReader(new Uint8Array()) : new DerReader(value).enter();
}

/** A list that holds nothing is `null` in JSON of Go. */
export function listOrNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function rangeJson(contents: Uint8Array): unknown {
  const size = contents.length / 2;
  return { IP: addressText(contents.subarray(0, size)), Mask: encodeBase64(contents.subarray(size)) };
}

function uriJson(uri: string): unknown {
  const parts = parseUrl(uri);
  if (typeof parts === 'string')
    throw new BuiltinFault(`x509: cannot parse URI ${JSON.stringify(uri)}: ${parts}`);
  const afterScheme = uri.slice(parts.scheme === '' ? 0 : parts.scheme.length + 1);
  const authority = afterScheme.startsWith('//') ? (/^[^/?#]*/.exec(afterScheme.slice(2))?.[0] ?? '') : '';
  const at = authority.lastIndexOf('@');
  return {
    Scheme: parts.scheme,
    Opaque:
      parts.scheme !== '' && !afterScheme.startsWith('/') ? (/^[^?#]*/.exec(afterScheme)?.[0] ?? '') : '',
    User: at < 0 ? null : {},
    Host: authority.slice(at + 1),
    Path: parts.path,
    RawPath: parts.raw_path === parts.path ? '' : parts.raw_path,
    OmitHost: parts.scheme !== '' && afterScheme.startsWith('/') && !afterScheme.startsWith('//'),
    ForceQuery: parts.raw_query === '' && /^[^?#]*\?(?:#|$)/.test(afterScheme),
    RawQuery: parts.raw_query,
    Fragment: parts.fragment,
    RawFragment: '',
  };
}

function addressText(contents: Uint8Array): string {
  if (contents.length === 4) return contents.join('.');
  if (contents.length !== 16) throw new BuiltinFault('x509: cannot parse IP address');
  const groups = Array.from({ length: 8 }, (_item, index) =>
    (((contents[index * 2] ?? 0) << 8) | (contents[index * 2 + 1] ?? 0)).toString(16),
  );
  return canonicalAddress(groups.join(':')) ?? groups.join(':');
}

function ascii(contents: Uint8Array): string {
  if (contents.some((byte) => byte > 0x7f)) throw new BuiltinFault('x509: SAN is malformed');
  return new TextDecoder().decode(contents);
}

const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const ADDRESS = 0x87;
const CONSTRAINTS: ReadonlyMap<number, string> = new Map([
  [EMAIL, 'EmailAddresses'],
  [DNS, 'DNSDomains'],
  [URI, 'URIDomains'],
  [ADDRESS, 'IPRanges'],
]);
