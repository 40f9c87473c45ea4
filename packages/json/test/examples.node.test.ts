import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/json',
  prelude: `
import { canonicalJson, goJson, JsonError, jsonPointer, parseJson } from '../../src/index.js';
`,
  given: {},
  least: 4,
});
