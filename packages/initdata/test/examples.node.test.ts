import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/initdata',
  prelude: `
import { buildInitData, fitDigest, initDataDigest, parseInitData } from '../../src/index.js';
`,
  given: { 'registers.ts': `const toml = buildInitData({ algorithm: 'sha384', data: {} });` },
  least: 3,
});
