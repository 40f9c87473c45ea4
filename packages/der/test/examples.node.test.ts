import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/der',
  prelude: `
import { decodePem, DerReader, encodeNull, encodeOid, encodeSequence, parseCertificate, verifyCertificateChain } from '../../src/index.js';
import { authority, certificate, verify } from '../certificate.fixture.js';
const dates = { from: '20250101000000Z', to: '20270101000000Z' };
const root = parseCertificate(certificate({ ...dates, name: 'root', key: 1 }));
const intermediate = parseCertificate(certificate({ ...dates, name: 'middle', issuer: 'root', key: 2, signedBy: 1 }));
const der = certificate({ ...dates, name: 'leaf', issuer: 'middle', key: 3, signedBy: 2, extensions: [] });
const leaf = parseCertificate(der);
`,
  given: {},
  least: 4,
});
