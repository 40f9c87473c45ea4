/** Whether text is a package URL with a type, a name and a version. */
export function isPurl(text: string): boolean {
  if (!text.startsWith('pkg:')) return false;
  const [path = ''] = text.slice(4).split(/[?#]/, 1);
  const at = path.lastIndexOf('@');
  const version = path.slice(at + 1);
  const [type = '', ...names] = path.slice(0, Math.max(at, 0)).split('/');
  return (
    at > 0 &&
    version !== '' &&
    !version.includes('/') &&
    TYPE.test(type) &&
    names.length > 0 &&
    names.at(-1) !== '' &&
    !OUTSIDE.test(text)
  );
}

const TYPE = /^[A-Za-z][A-Za-z0-9.+-]*$/;
const OUTSIDE = /[^\x21-\x7e]/;
