import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/ttrpc',
  prelude: `
import { attestationAgentService, createClient, createStub, duplexPair, encodeFrame, FRAME_TYPE, FrameDecoder, implement, messageCodec, serve, statusError } from '../../src/index.js';
const [near, far] = duplexPair();
`,
  given: {
    'implement.ts': '',
    'stub.ts': `serve(far, [implement(attestationAgentService, { GetTeeType: () => ({ tee: 'sample' }) })]); const client = createClient(near);`,
  },
  otherwise: `serve(far, [implement(attestationAgentService, { GetTeeType: () => ({ tee: 'sample' }) })]);`,
  least: 5,
});
