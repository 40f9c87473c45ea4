// One use of each published package, in any runtime. Run as a program, or call smoke().
import { decodeBase64, decodeHex, decodeUtf8, encodeBase64, encodeUtf8, Secret } from '@sealwright/bytes';
import {
  bundleSigner,
  createBundleVerifier,
  decryptPrivateKey,
  generateCosignKeyPair,
  parseBundle,
  parseTrustedRoot,
  signBlob,
  simpleSigningPayload,
} from '@sealwright/cosign-sig';
import {
  appraiseClusterImagePolicies,
  appraiseContainersPolicy,
  appraiseKyvernoPolicy,
  contentEvaluator,
  parseClusterImagePolicy,
  parseContainersPolicy,
  parseKyvernoPolicy,
} from '@sealwright/cosign-sig/policy';
import {
  digest,
  exportPublicJwk,
  exportPublicPem,
  generateKeyPair,
  keySigner,
  sign,
  verify,
} from '@sealwright/crypto';
import { decodePem, parseSpki } from '@sealwright/der';
import {
  encodeEnvelope,
  parseStatement,
  signEnvelope,
  verifierFromKey,
  verifyEnvelope,
} from '@sealwright/in-toto';
import { layoutKey, parseMetadata, signLink, verifierFromLayoutKey } from '@sealwright/in-toto/layout';
import { encodeStatementProto, parseStatementProto } from '@sealwright/in-toto/protobuf';
import { buildInitData, decodeInitDataAnnotation, encodeInitDataAnnotation } from '@sealwright/initdata';
import { canonicalJson, parseJson } from '@sealwright/json';
import { generateTeeKey, openResponse, sealResponse } from '@sealwright/kbs-protocol';
import { createRegistryClient, formatReference, parseManifest, parseReference } from '@sealwright/oci';
import {
  decryptLayer,
  encryptLayer,
  jweOpener,
  jweSealer,
  kbsOpener,
  kbsSealer,
} from '@sealwright/oci/encryption';
import { explanationText, preparePolicy } from '@sealwright/rego';
import { checkPolicy } from '@sealwright/rego/check';
import { Coverage } from '@sealwright/rego/coverage';
import { formatPolicy } from '@sealwright/rego/format';
import { FUNCTIONS } from '@sealwright/rego/functions';
import { PARSE_MODULE } from '@sealwright/rego/parse-module';
import { sealSecret, unsealSecret } from '@sealwright/sealed-secret';
import { appraiseProvenance, createProvenance, PROVENANCE_V1, provenanceOf } from '@sealwright/slsa';
import { formatRun, parseRun } from '@sealwright/slsa/tekton';
import { tekton } from '@sealwright/slsa/trust';
import { amdTrustAnchors, parseSnpReport } from '@sealwright/snp-report';
import { gceFirmwareUrl } from '@sealwright/snp-report/gce';
import { measureSnpFirmware, signSnpIdBlock, verifySnpIdBlock } from '@sealwright/snp-report/launch';
import { intelTrustAnchor, parseQuote, tdAttributes, verifyQuote } from '@sealwright/tdx-quote';
import { encodeAaelEntry, readAaelEntry } from '@sealwright/tdx-quote/event-log';
import { computeMrtd } from '@sealwright/tdx-quote/mrtd';
import { collateralSubject } from '@sealwright/tdx-quote/pcs';
import { encodeTdxEvidence, parseTdxEvidence } from '@sealwright/tdx-quote/trustee';
import {
  attestationAgentService,
  createClient,
  createStub,
  duplexPair,
  implement,
  serve,
} from '@sealwright/ttrpc';

const checks = {
  async bytes() {
    must(encodeBase64(decodeBase64('AAECAw==')) === 'AAECAw==');
    must(`${Secret.of(encodeUtf8('x'))}` === '[secret]');
  },
  async json() {
    must(canonicalJson(parseJson('{"b":1,"a":[true]}')) === '{"a":[true],"b":1}');
  },
  async crypto() {
    for (const kind of ['ec-p256', 'ec-p384', 'ed25519', 'rsa']) {
      const key = await generateKeyPair(kind);
      const data = digest('sha384', encodeUtf8(kind));
      must(await verify(key.publicKey, data, await sign(key, data)));
    }
  },
  async der() {
    const key = await generateKeyPair('ec-p256');
    const [block] = decodePem(exportPublicPem(key.publicKey));
    must(parseSpki(block.bytes).kind === 'ec-p256');
  },
  async 'in-toto'() {
    const key = await generateKeyPair('ec-p256');
    const payload = encodeUtf8(
      '{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"' +
        'ab'.repeat(32) +
        '"}}],"predicateType":"https://example.com/p"}',
    );
    const envelope = encodeEnvelope(await signEnvelope({ payload, signers: [keySigner(key)] }));
    const verified = await verifyEnvelope(envelope, { verifiers: [verifierFromKey(key.publicKey)] });
    must(parseStatement(verified.payload).subject.length === 1);
  },
  async 'in-toto/layout'() {
    const key = await generateKeyPair('ed25519');
    const empty = { command: [], materials: {}, products: {}, byproducts: {}, environment: {} };
    const link = parseMetadata(await signLink({ name: 'build', ...empty }, { signers: [keySigner(key)] }));
    const verifier = verifierFromLayoutKey(layoutKey(key.publicKey));
    must(await verifier.verify(link.message, link.signatures[0].sig));
  },
  async 'in-toto/protobuf'() {
    const subject = [{ digest: { sha256: 'ab'.repeat(32) } }];
    const bytes = encodeStatementProto({
      subject,
      predicateType: 'https://example.com/p',
      predicate: { a: 1 },
    });
    must(parseStatementProto(bytes).predicate.a === 1);
  },
  async initdata() {
    const annotation = encodeInitDataAnnotation(
      buildInitData({ algorithm: 'sha256', data: { 'aa.toml': 'x = 1\n' } }),
    );
    must(decodeInitDataAnnotation(annotation).digest.length === 32);
  },
  async 'sealed-secret'() {
    const key = await generateKeyPair('ec-p256');
    const payload = {
      type: 'vault',
      name: 'kbs:///a/b/c',
      provider: 'kbs',
      providerSettings: {},
      annotations: {},
    };
    const sealed = await sealSecret(payload, {
      kid: 'kbs:///a/b/key',
      sign: (bytes) => sign(key, bytes, { encoding: 'raw' }),
    });
    const secret = await unsealSecret(sealed, {
      keyResolver: async () => exportPublicJwk(key.publicKey),
      providers: { vault: { kbs: { getSecret: async () => encodeUtf8('value') } } },
    });
    must(decodeUtf8(secret.expose()) === 'value');
  },
  async 'kbs-protocol'() {
    const key = await generateTeeKey('ec-p256');
    must(
      decodeUtf8(await openResponse(key, await sealResponse(key.publicKey, encodeUtf8('value')))) === 'value',
    );
  },
  async oci() {
    must(formatReference(parseReference('busybox')).startsWith('docker.io/library/busybox'));
    try {
      parseManifest(encodeUtf8('{}'));
      must(false);
    } catch (error) {
      must(error.code === 'ERR_OCI_MANIFEST');
    }
  },
  async 'oci: a download that breaks off'() {
    const blob = encodeUtf8('a blob');
    const name = `sha256:${[...digest('sha256', blob)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    const fetch = async (request) => {
      if (request.headers.get('range') === 'bytes=2-')
        return new Response(blob.slice(2), { status: 206, headers: { 'content-range': 'bytes 2-5/6' } });
      return new Response(blob.slice(0, 2), { headers: { 'content-length': '6' } });
    };
    const client = createRegistryClient({ fetch, retry: { baseMilliseconds: 1 } });
    must(decodeUtf8(await client.getBlob(parseReference('busybox'), name)) === 'a blob');
  },
  async 'oci/encryption'() {
    const pair = await generateKeyPair('ec-p256');
    const key = new Uint8Array(32).fill(1);
    const sealers = [jweSealer(pair.publicKey), kbsSealer({ kid: 'kbs:///a/b/c', key })];
    const mediaType = 'application/vnd.oci.image.layer.v1.tar';
    const { stream, descriptor } = encryptLayer([encodeUtf8('a layer')], { mediaType, sealers });
    const blob = new Uint8Array(await new Response(stream).arrayBuffer());
    for (const opener of [jweOpener(pair), kbsOpener({ key: async () => key })]) {
      const opened = await decryptLayer(await descriptor, [blob], { openers: [opener] });
      must(decodeUtf8(new Uint8Array(await new Response(opened.stream).arrayBuffer())) === 'a layer');
    }
  },
  async 'cosign-sig/policy'() {
    const policy = parseContainersPolicy('{"default":[{"type":"reject"}]}');
    const options = { resource: async () => new Uint8Array(), now: 0 };
    const image = parseReference('busybox');
    const verdict = await appraiseContainersPolicy(
      policy,
      image,
      { digest: `sha256:${'ab'.repeat(32)}` },
      options,
    );
    must(!verdict.allowed && verdict.checks[0].reason === 'everything is rejected');
    const stored = `sha256:${'ab'.repeat(32)}`;
    const authority = async ({ predicateType }) => ({
      by: 'somebody',
      signatures: [
        {
          digest: stored,
          ...(predicateType === undefined
            ? {}
            : { statement: { predicateType, predicate: { found: ['LOW'] } } }),
        },
      ],
    });
    const key = "{{ length(found[?@ == 'HIGH']) }}";
    const attestation = {
      type: 'https://example.com/scan',
      attestors: [{ entries: [{ keys: { kms: 'k' } }] }],
      conditions: [{ all: [{ key, operator: 'Equals', value: 0 }] }],
    };
    const kyverno = parseKyvernoPolicy({
      kind: 'ClusterPolicy',
      spec: {
        validationFailureAction: 'Enforce',
        rules: [{ verifyImages: [{ imageReferences: ['*'], attestations: [attestation] }] }],
      },
    });
    must((await appraiseKyvernoPolicy(kyverno, 'busybox', authority)).allowed);
    const text = `package sigstore\nisCompliant { input.authorityMatches.k.signatures[_].id == "${stored}" }`;
    const cluster = parseClusterImagePolicy({
      kind: 'ClusterImagePolicy',
      spec: {
        images: [{ glob: '**' }],
        authorities: [{ name: 'k', key: { kms: 'k' } }],
        policy: { type: 'rego', data: text },
      },
    });
    const rego = (module, query, input) =>
      preparePolicy([{ file: 'policy.rego', text: module }], { version: 'v0' }).value(query, { input });
    const evaluate = contentEvaluator({ rego });
    must((await appraiseClusterImagePolicies([cluster], 'busybox', authority, { evaluate })).allowed);
  },
  async 'cosign-sig'() {
    const { privatePem } = await generateCosignKeyPair({ password: 'pass' });
    const key = await decryptPrivateKey(decodeUtf8(privatePem.expose()), 'pass');
    must(key.kind === 'ec-p256');
    const bytes = new TextEncoder().encode('a file');
    const { json } = await signBlob(bytes, { by: bundleSigner(key) });
    const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
    const verifier = createBundleVerifier(parseTrustedRoot(JSON.stringify({ mediaType })));
    const policy = { keys: [key.publicKey], logEntries: 0 };
    must((await verifier.appraise(parseBundle(json), { bytes }, policy)).verified);
    must(!(await verifier.appraise(parseBundle(json), { bytes: bytes.subarray(1) }, policy)).verified);
    must(
      simpleSigningPayload({ reference: 'example.com/a', digest: `sha256:${'ab'.repeat(32)}` }).length > 0,
    );
  },
  async rego() {
    const policy = preparePolicy([{ file: 'p.rego', text: 'package p\nallow if "a" in input' }]);
    must(policy.value('data.p.allow', { input: ['a'] }) === true);
    const coverage = new Coverage();
    policy.value('data.p.allow', { input: ['a'], coverage });
    must(coverage.coverage === 100);
    must(explanationText(policy.explain('data.p.allow', { input: [] })).includes('was false'));
    must(checkPolicy([{ file: 'p.rego', text: 'package p\nallow if lower(1) == ""' }]).length === 1);
    must(formatPolicy('package p\nx:=1') === 'package p\n\nx := 1\n');
    const all = preparePolicy([], { functions: FUNCTIONS });
    const parser = preparePolicy([], { functions: PARSE_MODULE });
    must(parser.value('rego.parse_module("a", "package b")["package"].path[1].value') === 'b');
    must(all.value('crypto.sha256("")')?.startsWith('e3b0c442') === true);
  },
  async ttrpc() {
    const [near, far] = duplexPair();
    serve(far, [implement(attestationAgentService, { GetTeeType: () => ({ tee: 'sample' }) })]);
    const client = createClient(near);
    const { tee } = await createStub(client, attestationAgentService).GetTeeType({}, { timeout: 5000 });
    must(tee === 'sample');
    client.close();
    await client.closed;
  },
  async slsa() {
    const { statement } = formatRun(parseRun({ kind: 'TaskRun', metadata: { uid: 'u' } }), {
      format: 'slsa/v2alpha4',
    });
    must(statement.predicateType === PROVENANCE_V1);
    const hex = 'ab'.repeat(32);
    const made = createProvenance({
      subject: [{ name: 'a', digest: { sha256: hex } }],
      buildType: 'https://example.com/t',
      external: { a: 'b' },
      builder: { id: 'https://tekton.dev/chains/v2' },
      invocationId: 'i',
      startedOn: '2026-01-02T03:04:05Z',
      finishedOn: '2026-01-02T03:04:06Z',
    });
    const key = await generateKeyPair('ec-p256');
    const verifier = verifierFromKey(key.publicKey);
    const envelope = await signEnvelope({ payload: made.bytes, signers: [keySigner(key)] });
    const payload = await verifyEnvelope(encodeEnvelope(envelope), { verifiers: [verifier] });
    const trust = tekton({ signer: { keys: [verifier.identity] } });
    const expect = { digest: `sha256:${hex}` };
    must(appraiseProvenance(provenanceOf(payload), { trust, expect }).level === 2);
  },
  async 'snp-report'() {
    const report = new Uint8Array(0x4a0);
    report.set([5, 0, 0, 0], 0x000);
    report.set([0, 0, 3], 0x008);
    report.set([1], 0x034);
    report.set([0x1a, 0x11], 0x188);
    must(parseSnpReport(report).cpuidProduct === 'Turin');
    must(amdTrustAnchors().length === 3);
    must(gceFirmwareUrl(new Uint8Array(48)).endsWith(`${'00'.repeat(48)}.fd`));
    const names = {
      familyId: new Uint8Array(16),
      imageId: new Uint8Array(16),
      guestSvn: 1,
      policy: 0x3_0000n,
    };
    const key = await generateKeyPair('ec-p384');
    const { idBlock, idAuth } = await signSnpIdBlock(
      { launchDigest: measureSnpFirmware(new Uint8Array(0x1000)), ...names },
      key,
    );
    must((await verifySnpIdBlock(idBlock, idAuth)).guestSvn === 1);
  },
  async 'tdx-quote'() {
    must(tdAttributes(1n << 63n).perfmon);
    must(intelTrustAnchor().spki.length === 91);
    const bytes = new Uint8Array(1226);
    bytes.set([4, 0, 2, 0, 0x81]);
    bytes.set(decodeHex('939a7233f79c4ca9940a0db3957f0607'), 12);
    bytes.set([0x4e, 0x02], 632);
    bytes.set([6, 0, 0xc8, 0x01], 764);
    bytes.set([7], 1220);
    const quote = parseQuote(bytes);
    must(
      (await codeOf(() => verifyQuote(quote, { collateral: {}, at: new Date() }))) ===
        'ERR_TDX_ATTESTATION_KEY_INVALID',
    );
    must((await codeOf(async () => collateralSubject(quote))) === 'ERR_TDX_PCK_CHAIN_MISSING');
    must((await codeOf(async () => computeMrtd(bytes))) === 'ERR_TDX_TDVF_METADATA_INVALID');
    must(parseTdxEvidence(encodeTdxEvidence({ quote: bytes })).quote.length === bytes.length);
    must(readAaelEntry(encodeAaelEntry({ domain: 'd', operation: 'o', content: 'c' })).content === 'c');
  },
};

/** Use every package once. */
export async function smoke() {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (cause) {
      throw new Error(`${name}: ${cause.message}`, { cause });
    }
  }
  return Object.keys(checks).length;
}

async function codeOf(attempt) {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error.code;
  }
}

function must(holds) {
  if (!holds) throw new Error('it does not hold');
}

if (globalThis.process?.argv?.[1]?.endsWith('smoke.mjs')) await smoke();
