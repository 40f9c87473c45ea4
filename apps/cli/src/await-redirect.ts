import { once } from 'node:events';
import { createServer } from 'node:http';
import { CommandError } from './failure.js';
import type { RedirectListener } from './io.js';

/** Listen on this machine alone for a browser that brings a state along. Whatever else comes is not found. */
export async function awaitRedirect(wanted: string | undefined, state: string): Promise<RedirectListener> {
  const url = redirectUrl(wanted ?? 'http://localhost:0/auth/callback');
  let came: (url: URL) => void;
  const coming = new Promise<URL>((resolve) => (came = resolve));
  const server = createServer({ maxHeaderSize: 16 << 10 }, (request, response) => {
    const asked = new URL(request.url ?? '/', url);
    const isExpected =
      request.method === 'GET' &&
      asked.pathname === url.pathname &&
      asked.searchParams.get('state') === state;
    response.writeHead(isExpected ? 200 : 404, HEADERS);
    response.end(isExpected ? PAGE : 'Not found');
    if (isExpected) came(asked);
  });
  server.requestTimeout = 10_000;
  server.listen(Number(url.port), url.hostname === 'localhost' ? '127.0.0.1' : url.hostname);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address !== null) url.port = String(address.port);
  return {
    url: url.href,
    answer: async (milliseconds) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), milliseconds);
      });
      try {
        return await Promise.race([coming, late]);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
}

function redirectUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && HERE.has(url.hostname)) return url;
  throw new CommandError(`--oidc-redirect-url is http://localhost with a port and a path, not ${text}`);
}

const HERE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  connection: 'close',
};
const PAGE =
  '<!doctype html><title>Sealwright</title><p>That is all that is needed here: close this page and go back to the terminal.';
