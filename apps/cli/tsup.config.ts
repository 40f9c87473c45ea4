import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import { app, quickCommander } from '../../tsup.base.ts';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const source = resolve('src');

/** The files that `core.ts` gives to commands. */
const core = new Set(
  [...readFileSync('src/core.ts', 'utf8').matchAll(/^export \* from '\.\/(.+)\.js';$/gm)].map(([, name]) =>
    join(source, `${name}.ts`),
  ),
);

/** What the main file reads when it is needed; all of it ends up in one folder. */
const lazies = [
  'ask-line',
  'ask-secret',
  'await-redirect',
  'cosign-failure',
  'folder',
  'list-files',
  'open-browser',
  'read-file',
  'run-program',
  'write-files',
].map((name) => `src/${name}.ts`);
const apart = Object.fromEntries(
  [...lazies, ...globSync('src/commands/*.ts')].map((path) => [basename(path, '.ts'), path]),
);

const leaveLazies: Plugin = {
  name: 'leave-lazies',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && importer.startsWith(source)
        ? { path: `./${basename(path)}`, external: true }
        : undefined,
    );
  },
};

const takeCore: Plugin = {
  name: 'take-core',
  setup(build) {
    // The CommonJS that Node gets would bring helpers of the bundler along, in a file that every command reads.
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: resolve('node_modules/yaml/browser/index.js') }));
    build.onResolve({ filter: /^(?:\.|commander$)/ }, ({ path, importer }) => {
      const isCore = path === 'commander' || core.has(join(dirname(importer), path.replace(/\.js$/, '.ts')));
      return isCore && importer.startsWith(source) ? { path: './main.js', external: true } : undefined;
    });
  },
};

/** A chunk of the bundler's own helpers does nothing by being read: who takes nothing from it need not read it. */
const withoutBareHelpers: Plugin = {
  name: 'without-bare-helpers',
  setup(build) {
    build.onEnd(({ outputFiles = [] }) => {
      const isHelper = ({ text }: { text: string }): boolean =>
        text.startsWith('var __') && !/^import |^\/\/ (?!# )/m.test(text);
      const helpers = new Set(
        outputFiles.filter(isHelper).map(({ path }) => `import "./${basename(path)}";`),
      );
      for (const file of outputFiles) {
        if (!file.path.endsWith('.js')) continue;
        const lines = file.text.split('\n').map((line) => (helpers.has(line) ? '' : line));
        file.contents = new TextEncoder().encode(lines.join('\n'));
      }
    });
  },
};

const both: Options = { ...app, banner: {}, clean: false };

export default defineConfig([
  { ...both, minifyWhitespace: true, esbuildPlugins: [quickCommander, leaveLazies] },
  { ...both, entry: apart, splitting: true, esbuildPlugins: [takeCore, withoutBareHelpers] },
]);
