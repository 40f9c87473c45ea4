import { testExamples } from '../../../tools/examples.ts';

/** What the examples take for granted. */
const PRELUDE = `
import * as index from '../../src/index.js';
import * as azure from '../../src/azure/index.js';
import * as launch from '../../src/launch/index.js';
import { decodeHex, encodeUtf8 } from '@sealwright/bytes';
import * as gce from '../../src/gce/index.js';
import * as endorsed from '../gce.fixture.js';
import { evidence as given, nonce as hex } from '../azure.fixture.js';
import { crl, intermediate, leaf, report as bytes, root } from '../milan.fixture.js';
import { parseCertificate } from '@sealwright/der';
const anchors = [parseCertificate(root)];
const at = globalThis.Date.UTC(2025, 5);
const Date = class extends globalThis.Date { constructor() { super(at); } };
const { parseSnpReport, appraiseSnpReport } = index;
const { parseAzureEvidence } = azure;
const { findGceSnpVcpus, parseGceEndorsement, verifyGceEndorsement } = gce;
const { snpVcpuSignature } = launch;
const prepareSnpChain = (given) => index.prepareSnpChain({ ...given, anchors });
const verifySnpReport = (report, trust) => index.verifySnpReport(report, { ...trust, anchors });
const verifyAzureSnpEvidence = (read, trust) => azure.verifyAzureSnpEvidence(read, { ...trust, anchors });
const measureSnpLaunch = (given) => launch.measureSevLaunch('sev', { ...given, kernel: undefined });
const json = JSON.stringify(given);
const nonce = decodeHex(hex);
const [firmware, kernel, initrd, commandLine] = [new Uint8Array(0x1000), encodeUtf8('k'), encodeUtf8('i'), ''];
`;
const GIVEN: Readonly<Record<string, string>> = {
  'appraise.ts':
    "const verified = await verifySnpReport(parseSnpReport(bytes), { leaf, intermediate, root, at: new Date() }); const measurement = '00'.repeat(48);",
  'gce/endorsement.ts': 'const { bytes } = endorsed;',
  'gce/verify.ts': 'const { bytes, rootDer: root, measurement } = endorsed;',
};

testExamples({
  root: 'packages/snp-report',
  prelude: PRELUDE,
  given: GIVEN,
  least: 8,
});
