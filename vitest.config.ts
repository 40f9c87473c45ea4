import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { bytes } from './tools/bytes-plugin.ts';

const conditions = ['@sealwright/source', 'module', 'node', 'development|production'];
const roots = ['packages', 'apps']
  .filter((kind) => existsSync(kind))
  .flatMap((kind) => readdirSync(kind).map((name) => `${kind}/${name}`))
  .filter((root) => existsSync(`${root}/test`));

export default defineConfig({
  test: {
    projects: roots.map((root) => ({
      plugins: [bytes()],
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: root,
        root,
        include: ['test/**/*.test.ts'],
        exclude: ['test/**/*.browser.test.ts'],
        isolate: false,
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
    coverage: { provider: 'v8', include: ['packages/*/src/**', 'apps/*/src/**'], reporter: ['text-summary'] },
  },
});
