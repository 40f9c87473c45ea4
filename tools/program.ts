import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The bundled file of an app, which `pnpm test` builds before it runs the tests.
 *
 * @param app - such as `apps/kbs`
 */
export function programOf(app: string): string {
  const file = resolve(import.meta.dirname, '..', app, 'dist/main.js');
  if (!existsSync(file)) throw new Error(`${app} is not built: run pnpm build`);
  return file;
}
