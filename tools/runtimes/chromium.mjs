// chromium.mjs <browser> <bundle>: run the smoke test in a page of a secure context.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [, , executablePath, bundle] = process.argv;
const { chromium } = createRequire(import.meta.url)('playwright');
const script = await readFile(bundle);
const server = createServer((request, response) => {
  const isScript = request.url === '/bundle.mjs';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.end(isScript ? script : '<!doctype html>');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(async () => (await import('/bundle.mjs')).smoke());
} finally {
  await browser.close();
  server.close();
}
