/**
 * The shortest path that names the same file, by text alone: no `.`, no `..` but in front, no double or final `/`; `.` for
 * nothing at all. Layout rules compare paths in this form.
 *
 * @param path - with `/` between names
 */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (!rooted) names.push('..');
  }
  const joined = names.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}
