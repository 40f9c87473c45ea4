/** Verification of a quote in Chromium, and @phala/dcap-qvl in the same page: `pnpm bench tdx-quote`. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

// Neither can be part of the bundle of a benchmark.
const load = createRequire(resolve('package.json'));
const { build } = load('esbuild') as typeof import('esbuild');
const { chromium } = load('playwright') as typeof import('playwright');
const peer = createRequire(resolve('packages/tdx-quote/package.json')).resolve('@phala/dcap-qvl');
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium-headless-shell';

const { outputFiles } = await build({
  entryPoints: ['packages/tdx-quote/bench/page/verify.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  mainFields: ['browser', 'module', 'main'],
  conditions: ['@sealwright/source', 'module', 'browser'],
  define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"', 'process.browser': 'true' },
  alias: { buffer: createRequire(peer).resolve('buffer/') },
  external: ['vm'],
  logLevel: 'error',
});
const script = outputFiles[0]?.contents ?? new Uint8Array(0);
// WebCrypto wants a secure context, which loopback is.
const server = createServer(({ url }, response) => {
  const isScript = url === '/verify.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.end(isScript ? script : '<script type="module" src="/verify.js"></script>');
});
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await Promise.race([page.waitForFunction('globalThis.taken !== undefined', { timeout: 300_000 }), failed]);
  const taken = await page.evaluate<Record<'prepared' | 'cold' | 'peer', number[]>>('taken');
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  const [prepared, cold, other] = [median(taken.prepared), median(taken.cold), median(taken.peer)];
  console.log(`Chromium ${browser.version()}, medians of the clock`);
  console.log(
    `${prepared.toFixed(2).padStart(8)} ms, 1/${(other / prepared).toFixed(0)} of the peer  verify, collateral prepared`,
  );
  console.log(
    `${cold.toFixed(2).padStart(8)} ms, 1/${(other / cold).toFixed(0)} of the peer  verify, everything from bytes`,
  );
  console.log(`${other.toFixed(2).padStart(8)} ms  @phala/dcap-qvl`);
} finally {
  await browser.close();
  server.close();
}
