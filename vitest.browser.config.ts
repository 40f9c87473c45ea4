import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { bytes } from './tools/bytes-plugin.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium-headless-shell';

export default defineConfig({
  plugins: [bytes()],
  resolve: { conditions: ['@sealwright/source', 'module', 'browser', 'development|production'] },
  test: {
    name: 'browser',
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.browser.test.ts'],
    exclude: ['**/*.node.test.ts', '**/*.conformance.test.ts'],
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' }],
      provider: playwright({ launchOptions: { executablePath, args: ['--no-sandbox'] } }),
    },
  },
});
