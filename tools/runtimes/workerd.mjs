// workerd.mjs <folder of miniflare> <bundle>: run the smoke test in a Worker.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const [, , folder, bundle] = process.argv;
const { Miniflare } = createRequire(import.meta.url)(folder);
const smoke = await readFile(bundle, 'utf8');
const worker = `import { smoke } from './smoke.mjs';
export default { fetch: async () => { try { return new Response(String(await smoke())); } catch (error) { return new Response(error.stack, { status: 500 }); } } };`;
const server = new Miniflare({
  compatibilityDate: '2026-04-01',
  modules: [
    { type: 'ESModule', path: 'worker.mjs', contents: worker },
    { type: 'ESModule', path: 'smoke.mjs', contents: smoke },
  ],
});
try {
  const response = await server.dispatchFetch('http://localhost/');
  if (!response.ok) throw new Error(await response.text());
} finally {
  await server.dispose();
}
