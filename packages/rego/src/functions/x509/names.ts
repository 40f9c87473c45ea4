import { DerReader, DerTag } from '@sealwright/der';

/** A distinguished name as JSON of Go's `pkix.Name`. */
export function nameJson(der: Uint8Array): unknown {
  const lists: Record<string, readonly string[] | null> = {};
  for (const field of LISTS.values()) lists[field] = null;
  const single = { SerialNumber: '', CommonName: '' };
  const names: unknown[] = [];
  const sets = new DerReader(der).enter();
  while (!sets.done) {
    const set = sets.enter(DerTag.set);
    while (!set.done) {
      const pair = set.enter();
      const oid = pair.oid();
      const { tag, contents } = pair.element();
      const value = textOf(tag, contents);
      names.push({ Type: oidJson(oid), Value: value });
      const list = LISTS.get(oid);
      if (list !== undefined) lists[list] = [...(lists[list] ?? []), value];
      if (oid === '2.5.4.3') single.CommonName = value;
      if (oid === '2.5.4.5') single.SerialNumber = value;
    }
  }
  return { ...lists, ...single, Names: names, ExtraNames: null };
}

/** An object identifier as JSON of Go. */
export function oidJson(oid: string): readonly (number | bigint)[] {
  return oid.split('.').map(BigInt);
}

function textOf(tag: number, contents: Uint8Array): string {
  if (tag === BMP) {
    const units = Array.from({ length: contents.length >> 1 }, (_item, index) =>
      String.fromCharCode(((contents[index * 2] ?? 0) << 8) | (contents[index * 2 + 1] ?? 0)),
    );
    return units.join('');
  }
  return tag === T61
    ? Array.from(contents, (byte) => String.fromCharCode(byte)).join('')
    : new TextDecoder().decode(contents);
}

const T61 = 0x14;
const BMP = 0x1e;
const LISTS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.6', 'Country'],
  ['2.5.4.10', 'Organization'],
  ['2.5.4.11', 'OrganizationalUnit'],
  ['2.5.4.7', 'Locality'],
  ['2.5.4.8', 'Province'],
  ['2.5.4.9', 'StreetAddress'],
  ['2.5.4.17', 'PostalCode'],
]);
