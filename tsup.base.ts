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
  },
};
