import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/in-toto',
  prelude: `
import { createStatement, encodeEnvelope, matchSubjects, parseStatement, readBundleLines, signEnvelope, verifierFromKey, verifyEnvelope } from '../../src/index.js';
import { boolean, bySchema, definePredicate, object, optional, statementOf, text as anyWords } from '../../src/predicates/index.js';
import { layoutKey, signLayout, verifierFromLayoutKey, verifyLayout } from '../../src/layout/index.js';
import { generateKeyPair, keySigner } from '@sealwright/crypto';
const [key, other] = [await generateKeyPair('ec-p256'), await generateKeyPair('ec-p256')];
const subject = [{ name: 'app.tgz', digest: { sha256: 'ab'.repeat(32) } }];
const statement = createStatement({ subject, predicateType: 'https://example.com/checked/v1', predicate: {} });
`,
  given: {
    'predicates/by-schema.ts': `
const text = () => undefined;
const v = { string: text, boolean: text, object: () => ({ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }) };
`,
    'predicates/predicate.ts': `const text = anyWords;`,
    'bundle-lines.ts': `const text = encodeEnvelope(await signEnvelope({ payload: statement.bytes, signers: [keySigner(key)] }));`,
    'verify.ts': `const text = encodeEnvelope(await signEnvelope({ payload: statement.bytes, signers: [keySigner(key)] }));`,
    'layout/verify.ts': `const owner = verifierFromLayoutKey(layoutKey(key.publicKey));
const ada = layoutKey(other.publicKey);
const step = { name: 'build', expectedCommand: [], pubkeys: [ada.keyid], certConstraints: [], threshold: 1, expectedMaterials: [], expectedProducts: [] };
const layout = await signLayout(
  { expires: '2030-01-01T00:00:00Z', readme: '', keys: { [ada.keyid]: ada }, rootCas: {}, intermediateCas: {}, steps: [step], inspections: [] },
  { signers: [keySigner(key)] },
);`,
  },
  least: 5,
});
