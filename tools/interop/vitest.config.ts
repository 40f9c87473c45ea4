import { defineConfig } from 'vitest/config';
import { bytes } from '../bytes-plugin.ts';

const conditions = ['@sealwright/source', 'module', 'node', 'development|production'];

export default defineConfig({
  plugins: [bytes()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'interop',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
