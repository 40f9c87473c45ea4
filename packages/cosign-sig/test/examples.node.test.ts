import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/cosign-sig',
  prelude: `
import { attestImage, bundleSigner, copySignedImage, cosignSigner, createBundleVerifier, createRekorClient, generateCosignKeyPair, keylessSigner, parseBundle, parseTrustedRoot, signBlob, signImage, signImageBundle, subjectNames, verifyImageAttestations, verifyImageSignatures, verifySignedImage, wildcard } from '../../src/index.js';
import { appraiseClusterImagePolicies, appraiseKyvernoPolicy, keyAuthority, parseClusterImagePolicy, parseKyvernoPolicy } from '../../src/policy/index.js';
import { exportPublicPem, generateKeyPair } from '@sealwright/crypto';
import { parseCertificate } from '@sealwright/der';
import { createRegistryClient, parseReference } from '@sealwright/oci';
import { createRegistry, createSigstore, pushTestImage } from '@sealwright/testing';
const held = createRegistry();
pushTestImage(held, 'team/app', { tag: 'v1' });
const registry = createRegistryClient({ fetch: held.fetch });
const image = parseReference('registry.example/team/app:v1');
const { fetch, token: tokenOf, trustedRoot } = await createSigstore(Date.now);
const token = tokenOf({ subject: 'ada@example.com', issuer: 'https://issuer.example' });
const key = await generateKeyPair('ec-p256');
const [file, predicate] = [new TextEncoder().encode('a file'), {}];
const { json } = await signBlob(file, { by: bundleSigner(key) });
const by = { signer: cosignSigner(key) };
const publicKeys = exportPublicPem(key.publicKey);
`,
  given: {
    'policy/appraise-kyverno.ts': `await signImage(registry, image, by);`,
    'policy/appraise-cluster-policy.ts': `await signImage(registry, image, by);`,
    'verify-image.ts': `await signImage(registry, image, by);`,
    'verify-attestation.ts': `await attestImage(registry, image, { ...by, predicateType: 'spdxjson', predicate });`,
    'image/verify-signed-image.ts': `await signImageBundle(registry, image, { by: bundleSigner(key), now: new Date() });`,
    'image/copy-image.ts': `await signImage(registry, image, by);`,
  },
  least: 14,
});
