import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The pages, and what they need: nothing else is served. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['bundle.html', 'text/html; charset=utf-8'],
  ['bundle.js', 'text/javascript; charset=utf-8'],
  ['policy.html', 'text/html; charset=utf-8'],
  ['policy.js', 'text/javascript; charset=utf-8'],
  ['style.css', 'text/css; charset=utf-8'],
]);

/**
 * Answer with the pages of the demonstration. They ask nothing of anybody: their policy of content forbids it.
 *
 * @param folder - where the build put them
 */
export function pagesHandler(folder: string): (request: Request) => Promise<Response> {
  return async ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD')
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
    const name = new URL(url).pathname.slice(1) || 'bundle.html';
    const type = FILES.get(name);
    if (type === undefined) return new Response('there is no such page\n', { status: 404 });
    const headers = {
      'content-type': type,
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    };
    return new Response(method === 'HEAD' ? null : await readFile(join(folder, name)), { headers });
  };
}
