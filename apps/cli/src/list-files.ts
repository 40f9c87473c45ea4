import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files below a folder, sorted, hidden ones left out; of a file itself. */
export async function listFiles(path: string): Promise<readonly string[]> {
  if (path === '-' || !(await stat(path)).isDirectory()) return [path];
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  return found
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .filter(
      (file) =>
        !file
          .slice(path.length)
          .split('/')
          .some((name) => name.startsWith('.')),
    )
    .sort();
}
