import type { Options } from 'tsup';

/** Each file of `src/` becomes one file of `dist/`, so that what is published can be read against the source. */
export const library: Options = {
  entry: ['src/**/*.ts'],
  bundle: false,
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  dts: false,
  sourcemap: true,
  clean: true,
  silent: true,
};

/** An app is one file: a fast start, and nothing to resolve at run time. */
export const app: Options = {
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  dts: false,
  sourcemap: true,
  clean: true,
  silent: true,
  removeNodeProtocol: false, // node:sqlite has no other name
  noExternal: [/.*/],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  esbuildOptions(options) {
    options.conditions = ['@sealwright/source', 'module', 'node'];
    options.external = [...(options.external ?? []), 'openpgp']; // an optional peer, never part of ours: LGPL
  },
};

/**
 * Built-in modules of Node as commander needs them to parse a line: their ES module views read every member of theirs and so start
 * what nobody asked for (`node:process` opens the standard streams, `node:fs` loads all that stream). A program that is over in
 * a moment feels it.
 */
export const quickCommander: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'quick-commander',
  setup(build) {
    const views: Readonly<Record<string, string>> = {
      'node:process': 'export default globalThis.process;',
      // For commands that are programs of their own; there are none.
      'node:child_process': 'export default undefined;',
      'node:fs': 'export default undefined;',
      // For help, which is text of ours.
      'node:util': 'export const stripVTControlCharacters = (text) => text;',
    };
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      path in views && importer.includes('/commander/')
        ? { path, namespace: 'view' }
        : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: 'view' }, ({ path }) => ({
      contents: views[path] ?? '',
      loader: 'js',
    }));
  },
};
