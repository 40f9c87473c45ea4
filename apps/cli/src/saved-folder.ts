import { openSavedImage } from '@sealwright/cosign-sig';
import type { ImageReference } from '@sealwright/oci';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * The image that was saved in a folder.
 *
 * @param io - the world
 * @param path - of the folder
 * @throws {@link CommandError}
 */
export async function savedImage(
  io: Io,
  path: string,
): Promise<{
  readonly registry: Awaited<ReturnType<typeof openSavedImage>>['registry'];
  readonly image: ImageReference;
}> {
  if (!(await io.exists(`${path.replace(/\/$/, '')}/index.json`)))
    throw new CommandError(
      `${path}: expected the folder of an image, as save writes it`,
      'ERR_CLI_NO_IMAGE',
      EXIT_FAILURE,
    );
  const saved = await about(path, async () => openSavedImage(await io.folder(path)));
  return { registry: saved.registry, image: await about(path, () => saved.image()) };
}
