import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { SavedFiles } from '@sealwright/cosign-sig';
import { directoryFiles } from '@sealwright/oci/node';

/**
 * A folder of the file system whose files can be listed.
 *
 * @param root - where it is
 */
export function folder(root: string): SavedFiles {
  const files = directoryFiles(root);
  return {
    ...files,
    write: async (path, source) => {
      try {
        await files.write(path, source);
      } catch (error) {
        const isOfFile = error instanceof Error && 'syscall' in error && !('path' in error);
        throw isOfFile ? Object.assign(error, { path: join(root, path) }) : error;
      }
    },
    list: async () => {
      const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(missing);
      const files = found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
      return Promise.all(
        files.map(async (path) => ({
          path: relative(root, path).split(sep).join('/'),
          size: (await stat(path)).size,
        })),
      );
    },
  };
}

function missing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
