import { join } from 'node:path';
import { listen, parseFlags, run } from '@sealwright/service';
import { createNarrator } from './narrator.js';
import { pagesHandler } from './serve-pages.js';
import { setStage } from './stage.js';
import { tell } from './story.js';

async function start(args: readonly string[]) {
  const flags = parseFlags(
    args.filter((arg) => arg !== '--'), // package managers pass it on
    {
      json: { type: 'boolean', help: 'one JSON document at the end instead of the story' },
      pages: {
        type: 'boolean',
        help: 'serve the pages for the browser on loopback until Ctrl-C, and nothing else',
      },
      keep: { type: 'boolean', help: 'leave everything running until Ctrl-C, with commands to try' },
    },
    {
      usage: 'pnpm demo [flags]',
      summary:
        'Seals a signing key, releases it to an attested guest and to nobody else, signs with it, and verifies.',
      examples: ['pnpm demo', 'pnpm demo --keep', 'pnpm demo --pages', 'pnpm -s demo --json | jq .steps'],
    },
  );
  if (typeof flags === 'string') return flags;
  if (flags.pages === true) {
    const folder = join(import.meta.dirname, 'pages');
    const { url, close } = await listen(pagesHandler(folder), { host: '127.0.0.1', port: 0 });
    return { ready: { url }, stop: close };
  }
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const narrator = createNarrator(
    flags.json === true ? undefined : (text) => process.stdout.write(text),
    colour,
  );
  const started = performance.now();
  const stage = await setStage();
  try {
    const outcome = await tell(stage, narrator);
    const milliseconds = Math.round(performance.now() - started);
    if (flags.json === true) {
      process.stdout.write(
        `${JSON.stringify({ ...outcome, steps: narrator.steps, milliseconds }, null, 2)}\n`,
      );
    } else narrator.text(['', `All of it held, in ${(milliseconds / 1000).toFixed(1)} s.`]);
    if (flags.keep !== true) return undefined;
    narrator.text([
      '',
      'Everything keeps running until Ctrl-C. To try:',
      ...outcome.commands.map((line) => `  ${line}`),
    ]);
  } catch (error) {
    await stage.clear();
    throw error;
  } finally {
    if (flags.keep !== true) await stage.clear();
  }
  return { ready: { url: stage.repository }, stop: () => stage.clear() };
}

await run('demo', start);
