import { defineConfig } from 'tsup';

// A page is one script for browsers, beside its HTML.
export default defineConfig({
  entry: ['src/pages/bundle.ts', 'src/pages/policy.ts'],
  outDir: 'dist/pages',
  publicDir: 'pages',
  format: ['esm'],
  target: 'es2022',
  platform: 'browser',
  minify: true,
  splitting: false,
  silent: true,
  noExternal: [/.*/],
  esbuildOptions(options) {
    options.conditions = ['@sealwright/source', 'module', 'browser'];
  },
});
