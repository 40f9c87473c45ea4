/**
 * One element of DER: what the two readers here need of it.
 *
 * @module
 */

/** Where an element lies. */
export interface DerElement {
  /** Its identifier octet. */
  readonly tag: number;
  /** Offset of the identifier. */
  readonly start: number;
  /** Offset of the content. */
  readonly from: number;
  /** Offset behind the content. */
  readonly to: number;
}

/** The element at an offset; undefined when there is none that ends before the limit and has a minimal length. */
export function derElement(
  der: Uint8Array,
  start: number,
  limit: number = der.byteLength,
): DerElement | undefined {
  const [tag, first] = [der[start], der[start + 1]];
  // Identifiers of several octets do not occur in certificates or keys.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || octets > 3) return undefined;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < octets; index++) length = length * 256 + (der[start + 2 + index] ?? 0);
  const minimal = octets === 0 || length >= (octets === 1 ? 0x80 : 256 ** (octets - 1));
  const from = start + 2 + octets;
  return minimal && from + length <= limit ? { tag, start, from, to: from + length } : undefined;
}

/** The elements inside a constructed one; undefined when they do not fill it exactly. */
export function derChildren(der: Uint8Array, parent: DerElement): DerElement[] | undefined {
  const children: DerElement[] = [];
  for (let at = parent.from; at < parent.to;) {
    const child = derElement(der, at, parent.to);
    if (child === undefined || children.length >= MAX_CHILDREN) return undefined;
    children.push(child);
    at = child.to;
  }
  return children;
}

const MAX_CHILDREN = 256;
