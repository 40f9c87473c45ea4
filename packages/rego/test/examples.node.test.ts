import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/rego',
  prelude: `
import { preparePolicy } from '../../src/index.js';
import { checkPolicy } from '../../src/check/index.js';
import { formatPolicy } from '../../src/format/index.js';
import { compileRegex } from '../../src/regex.js';
`,
  given: {},
  least: 4,
});
