import { encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner } from '@sealwright/crypto';
import { createSigstore, type FakeSigstore } from '@sealwright/testing';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BundleSigner,
  bundleSigner,
  createBundleVerifier,
  createRekorClient,
  createRekorTilesClient,
  encodeBundle,
  keylessSigner,
  parseBundle,
  parseSigningConfig,
  parseTrustedAuthority,
  parseTrustedRoot,
  requestTimestamp,
  selectServices,
  signBlob,
  signEnvelopeBundle,
  type SignBundleOptions,
  type TrustedRoot,
  type VerificationPolicy,
} from '../src/index.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const ARTIFACT = encodeUtf8('an artifact');
const IDENTITY = { subject: 'signer@example.com', issuer: 'https://issuer.example' };
const KEYLESS: VerificationPolicy = { identities: [IDENTITY] };

let sigstore: FakeSigstore;
let root: TrustedRoot;

beforeAll(async () => {
  sigstore = await createSigstore(() => NOW);
  root = parseTrustedRoot(sigstore.trustedRoot);
});

const service = (
  url: string,
): { url: string; fetch: (request: Request) => Promise<Response>; retries: number } => ({
  url,
  fetch: (request) => sigstore.fetch(request),
  retries: 0,
});

function services(version: 1 | 2): Omit<SignBundleOptions, 'by'> {
  const config = parseSigningConfig(sigstore.signingConfig(version));
  const [log] = selectServices(config.rekorTlogUrls, { now: new Date(NOW), versions: [version] });
  const trusted = root.tlogs[version - 1];
  if (log === undefined || trusted === undefined) throw new TypeError('there is a log');
  const options = { ...service(log.url), log: trusted };
  return {
    logs: [version === 1 ? createRekorClient(options) : createRekorTilesClient(options)],
    timestamps: [(signature) => requestTimestamp(service('https://tsa.test'), signature)],
  };
}

const keyless = (): Promise<BundleSigner> =>
  keylessSigner(service('https://fulcio.test'), sigstore.token(IDENTITY));

describe('bundles that are made here', () => {
  it.each([1, 2] as const)('without a key, in Rekor %s, are verified', async (version) => {
    const { json, bundle } = await signBlob(ARTIFACT, { by: await keyless(), ...services(version) });
    expect(parseBundle(json)).toEqual(bundle);
    expect(encodeBundle(bundle)).toBe(json);
    const verdict = await createBundleVerifier(root).verify(bundle, { bytes: ARTIFACT }, KEYLESS);
    expect(verdict.times.map((time) => time.getTime())).toContain(NOW);
    expect(verdict).toMatchObject({
      certificate: { issuer: IDENTITY.issuer, names: [{ type: 'email', value: IDENTITY.subject }] },
      logEntries: [{ log: version === 1 ? 'https://rekor.test' : 'https://log.test' }],
      scts: [{ log: 'https://ct.test' }],
      timestamps: [{ commonName: 'tsa' }],
    });
  });

  it.each(['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa'] as const)(
    'with a key of %s are verified',
    async (kind) => {
      const key = await generateKeyPair(kind, { bits: 2048 });
      const policy = { keys: [key.publicKey] };
      const blob = await signBlob(ARTIFACT, { by: bundleSigner(key), ...services(2) });
      await createBundleVerifier(root).verify(blob.bundle, { bytes: ARTIFACT }, policy);
      const statement = statementAbout('ab'.repeat(32));
      const attested = await signEnvelopeBundle(statement, { by: bundleSigner(key), ...services(2) });
      const verdict = await createBundleVerifier(root).verify(
        attested.bundle,
        { sha256: 'ab'.repeat(32) },
        policy,
      );
      expect(verdict.statement?.predicateType).toBe('https://example.com/p');
    },
  );

  it('with an envelope, in Rekor 1, are verified', async () => {
    const { bundle } = await signEnvelopeBundle(statementAbout('cd'.repeat(32)), {
      by: await keyless(),
      ...services(1),
    });
    expect(bundle.logEntries[0]?.kind).toBe('dsse');
    await createBundleVerifier(root).verify(bundle, { sha256: 'cd'.repeat(32) }, KEYLESS);
    const verifier = createBundleVerifier(root);
    await expect(verifier.verify(bundle, { sha256: 'ef'.repeat(32) }, KEYLESS)).rejects.toThrow(
      'not about the artifact',
    );
    await expect(verifier.verify(bundle, undefined, KEYLESS)).rejects.toThrow('the artifact is not given');
    await verifier.verify(bundle, undefined, { ...KEYLESS, dangerouslySkipArtifact: true });
  });
});

describe('the verifier', () => {
  it('trusts the last certificate of an authority as it is, root or not, and only while it was to be trusted', async () => {
    const { bundle } = await signBlob(ARTIFACT, { by: await keyless(), ...services(1) });
    const json = JSON.parse(sigstore.trustedRoot) as {
      certificateAuthorities: { certChain: { certificates: object[] }; validFor: object }[];
    };
    const [authority] = json.certificateAuthorities;
    if (authority === undefined) throw new TypeError('there is an authority');
    const [middle = {}, last = {}] = authority.certChain.certificates;
    const at = (offset: number): string => new Date(NOW + offset).toISOString();
    const holds = async (certificates: object[], validFor: object = {}): Promise<boolean> => {
      const changed = {
        ...json,
        certificateAuthorities: [{ ...authority, validFor, certChain: { certificates } }],
      };
      const verifier = createBundleVerifier(parseTrustedRoot(JSON.stringify(changed)));
      return (await verifier.appraise(bundle, { bytes: ARTIFACT }, KEYLESS)).verified;
    };
    expect(await holds([middle, last])).toBe(true);
    expect(await holds([middle])).toBe(true);
    expect(await holds([last])).toBe(false);
    const alone = { certChain: { certificates: [middle] } };
    expect(() => parseTrustedAuthority(JSON.stringify(alone), 'certificates')).toThrow('before its root');
    expect(await holds([middle, last], { start: at(0), end: at(0) })).toBe(true);
    expect(await holds([middle, last], { start: at(1000) })).toBe(false);
    expect(await holds([middle, last], { start: at(-2000), end: at(-1000) })).toBe(false);
  });

  it('looks at 1024 subjects and 32 digests of each, and at no more', async () => {
    const key = await generateKeyPair('ec-p256');
    const verdictOn = async (subjects: number, digests: number): Promise<unknown> => {
      const digest = Object.fromEntries(
        Array.from({ length: digests - 1 }, (_, index) => [`x${index}`, 'ab']),
      );
      const other = { digest: { sha256: 'ef'.repeat(32) } };
      const subject = Array.from({ length: subjects - 1 }, () => other);
      const statement = {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [...subject, { digest: { ...digest, sha256: 'ab'.repeat(32) } }],
        predicateType: 'https://example.com/p',
        predicate: {},
      };
      const { bundle } = await signEnvelopeBundle(encodeUtf8(JSON.stringify(statement)), {
        by: bundleSigner(key),
      });
      const policy = { keys: [key.publicKey], logEntries: 0 };
      return (await createBundleVerifier(root).appraise(bundle, { sha256: 'ab'.repeat(32) }, policy))
        .verified;
    };
    expect(await verdictOn(1024, 32)).toBe(true);
    expect(await verdictOn(1025, 1)).toBe(false);
    expect(await verdictOn(1, 33)).toBe(false);
  });

  it('lists every check, and fails for the one that does not hold', async () => {
    const { bundle } = await signBlob(ARTIFACT, { by: await keyless(), ...services(1) });
    const verifier = createBundleVerifier(root);
    const expectFailed = async (
      policy: VerificationPolicy,
      trust: TrustedRoot,
      check: string,
    ): Promise<void> => {
      const verdict = await createBundleVerifier(trust).appraise(bundle, { bytes: ARTIFACT }, policy);
      expect(verdict.verified).toBe(false);
      const failed = verdict.checks
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ check: name }) => name);
      expect(failed).toContain(check);
    };
    await expectFailed({ identities: [{ ...IDENTITY, subject: 'other@example.com' }] }, root, 'identity');
    await expectFailed({ identities: [{ ...IDENTITY, issuer: 'https://other.example' }] }, root, 'identity');
    await expectFailed(KEYLESS, { ...root, tlogs: [] }, 'log entries');
    await expectFailed(KEYLESS, { ...root, ctlogs: [] }, 'scts');
    await expectFailed(KEYLESS, { ...root, certificateAuthorities: [] }, 'certificate');
    await expectFailed({ ...KEYLESS, logEntries: 2 }, root, 'log entries');
    await expectFailed({ ...KEYLESS, timestamps: 2 }, root, 'timestamps');
    await expectFailed({ ...KEYLESS, cosignatures: 1 }, root, 'cosignatures');
    await expectFailed({ keys: [(await generateKeyPair('ec-p256')).publicKey] }, root, 'key');
    const { checks } = await verifier.verify(bundle, { bytes: ARTIFACT }, KEYLESS);
    expect(checks.every(({ outcome, detail }) => outcome === 'passed' && detail !== '')).toBe(true);
  });

  it('counts distinct sources, however often they say the same', async () => {
    const { bundle } = await signBlob(ARTIFACT, { by: await keyless(), ...services(1) });
    const [stamp] = bundle.timestamps;
    const twice = { ...bundle, timestamps: [stamp, stamp].filter((each) => each !== undefined) };
    const verifier = createBundleVerifier(root);
    await verifier.verify(twice, { bytes: ARTIFACT }, { ...KEYLESS, timestamps: 1 });
    await expect(verifier.verify(twice, { bytes: ARTIFACT }, { ...KEYLESS, timestamps: 2 })).rejects.toThrow(
      '1 of 2',
    );
    const entries = [...bundle.logEntries, ...bundle.logEntries];
    await expect(
      verifier.verify({ ...bundle, logEntries: entries }, { bytes: ARTIFACT }, KEYLESS),
    ).rejects.toThrow('twice');
    const [first, second] = root.tlogs;
    const oneOperator = {
      ...root,
      tlogs: [first, second].flatMap((log) => (log ? [{ ...log, operator: 'x' }] : [])),
    };
    const by = await keyless();
    const logs = [...(services(1).logs ?? []), ...(services(2).logs ?? [])];
    const both = await signBlob(ARTIFACT, { by, logs });
    const two = { ...KEYLESS, logEntries: 2 };
    await verifier.verify(both.bundle, { bytes: ARTIFACT }, two);
    await expect(
      createBundleVerifier(oneOperator).verify(both.bundle, { bytes: ARTIFACT }, two),
    ).rejects.toThrow('1 of 2');
  });

  it('remembers signatures of certificates, never their dates', async () => {
    const verifier = createBundleVerifier(root);
    const { bundle } = await signBlob(ARTIFACT, { by: await keyless(), ...services(1) });
    await verifier.verify(bundle, { bytes: ARTIFACT }, KEYLESS);
    await verifier.verify(bundle, { bytes: ARTIFACT }, KEYLESS);
    const untimed = { ...bundle, timestamps: [], logEntries: [] };
    const at = (time: number): VerificationPolicy => ({
      ...KEYLESS,
      logEntries: 0,
      times: 0,
      dangerouslyAssumeTime: new Date(time),
    });
    await verifier.verify(untimed, { bytes: ARTIFACT }, at(NOW + 1000));
    await expect(verifier.verify(untimed, { bytes: ARTIFACT }, at(NOW + 601_000))).rejects.toThrow(
      'valid from',
    );
    await expect(verifier.verify(untimed, { bytes: ARTIFACT }, at(NOW - 1000))).rejects.toThrow('valid from');
  });

  it('wants a policy that asks for somebody', async () => {
    const { bundle } = await signBlob(ARTIFACT, { by: bundleSigner(await generateKeyPair('ec-p256')) });
    const verifier = createBundleVerifier(root);
    for (const policy of [{}, { identities: [] }, { keys: [] }])
      await expect(verifier.appraise(bundle, { bytes: ARTIFACT }, policy)).rejects.toBeInstanceOf(TypeError);
  });

  it('refuses a bundle in which one bit of anything signed is another', async () => {
    const signed = await signBlob(ARTIFACT, { by: await keyless(), ...services(2) });
    const verifier = createBundleVerifier(root);
    const [entry] = signed.bundle.logEntries;
    const { material, content } = signed.bundle;
    if (entry === undefined || material.kind !== 'certificate' || content.kind !== 'message')
      throw new TypeError();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.constantFrom('signature', 'body', 'certificate', 'digest'),
        async (bit, what) => {
          const flip = <T extends Uint8Array>(bytes: T): T => {
            const copy = new Uint8Array(bytes) as T;
            const at = bit % (bytes.byteLength * 8);
            copy[at >> 3] = (copy[at >> 3] ?? 0) ^ (1 << (at & 7));
            return copy;
          };
          const bad = {
            ...signed.bundle,
            ...(what === 'body' ? { logEntries: [{ ...entry, body: flip(entry.body) }] } : {}),
            ...(what === 'certificate'
              ? { material: { ...material, certificate: flip(material.certificate) } }
              : {}),
            ...(what === 'signature' ? { content: { ...content, signature: flip(content.signature) } } : {}),
            ...(what === 'digest' && content.digest
              ? { content: { ...content, digest: { ...content.digest, value: flip(content.digest.value) } } }
              : {}),
          };
          const { verified } = await verifier.appraise(bad, { bytes: ARTIFACT }, KEYLESS);
          expect(verified).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a signature by somebody else over the same artifact', async () => {
    const by = await keyless();
    const { bundle } = await signBlob(ARTIFACT, { by, ...services(2) });
    const other = keySigner(await generateKeyPair('ec-p256'));
    const signature = await other.sign(ARTIFACT);
    const swapped = { ...bundle, content: { kind: 'message' as const, digest: undefined, signature } };
    const { checks } = await createBundleVerifier(root).appraise(swapped, { bytes: ARTIFACT }, KEYLESS);
    const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);
    expect(failed).toEqual(expect.arrayContaining(['signature', 'log entry', 'log entries', 'times']));
  });
});

function statementAbout(sha256: string): Uint8Array {
  const subject = [{ name: 'file', digest: { sha256 } }];
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://example.com/p',
    predicate: {},
  };
  return encodeUtf8(JSON.stringify(statement));
}
