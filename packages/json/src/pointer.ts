/**
 * Write a JSON pointer (RFC 6901).
 *
 * @param segments - names and indexes from the root inwards; none is the whole document, the empty text
 *
 * @example
 * ```ts
 * console.log(jsonPointer('subject', 0, 'a/b')); // /subject/0/a~1b
 * ```
 */
export function jsonPointer(...segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
