/**
 * The file name that a link is customarily kept under: the step, the first eight characters of the key id, `.link`.
 *
 * @param step - the name of the step
 * @param keyid - of whoever signed
 */
export function linkFileName(step: string, keyid: string): string {
  return `${step}.${keyid.slice(0, 8)}.link`;
}

/**
 * Take a file name of a link apart.
 *
 * @param name - without folders
 * @returns `undefined` for other names
 */
export function parseLinkFileName(
  name: string,
): { readonly step: string; readonly keyid: string } | undefined {
  const parts = name.split('.');
  const [keyid, suffix] = parts.slice(-2);
  const step = parts.slice(0, -2).join('.');
  return suffix === 'link' && step !== '' && keyid !== undefined && keyid !== ''
    ? { step, keyid }
    : undefined;
}
