import { encodeUtf8 } from '@sealwright/bytes';
import { createSigstore } from '@sealwright/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CosignError,
  createBundleVerifier,
  createRekorClient,
  keylessSigner,
  parseBundle,
  parseCheckpoint,
  parseLogEntryResponse,
  parseRekorBundle,
  parseSigningConfig,
  parseTimestampResponse,
  parseTrustedRoot,
  requestTimestamp,
  signBlob,
  verifyTimestamp,
} from '../src/index.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const ARTIFACT = encodeUtf8('an artifact');
const POLICY = { identities: [{ issuer: 'https://issuer.example', subject: 'signer@example.com' }] };

async function sample() {
  const sigstore = await createSigstore(() => NOW);
  const root = parseTrustedRoot(sigstore.trustedRoot);
  const fetch = (request: Request): Promise<Response> => sigstore.fetch(request);
  const token = sigstore.token({ subject: 'signer@example.com', issuer: 'https://issuer.example' });
  const [log] = root.tlogs;
  if (log === undefined) throw new TypeError('there is a log');
  const { json, bundle } = await signBlob(ARTIFACT, {
    by: await keylessSigner({ url: 'https://fulcio.test', fetch, retries: 0 }, token),
    logs: [createRekorClient({ url: 'https://rekor.test', fetch, log, retries: 0 })],
    timestamps: [(signature) => requestTimestamp({ url: 'https://tsa.test', fetch, retries: 0 }, signature)],
  });
  return { sigstore, root, json, bundle };
}

const PATIENCE = 60 * runs(10_000); // milliseconds for one property

describe('hostile bundles', () => {
  it('with ten thousand certificates, entries or timestamps are refused before any of it is looked at', async () => {
    const { json } = await sample();
    const whole = JSON.parse(json) as { mediaType: string; verificationMaterial: Record<string, unknown> };
    const many = (item: unknown): unknown[] => Array.from({ length: 10_000 }, () => item);
    const { certificate, tlogEntries, ...rest } = whole.verificationMaterial;
    const entries = tlogEntries as unknown[];
    const broken = [
      { x509CertificateChain: { certificates: many(certificate) }, tlogEntries },
      { ...rest, certificate, tlogEntries: many(entries[0]) },
      {
        certificate,
        tlogEntries,
        timestampVerificationData: { rfc3161Timestamps: many({ signedTimestamp: 'AA==' }) },
      },
    ];
    for (const verificationMaterial of broken) {
      const mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
      const text = JSON.stringify({ ...whole, mediaType, verificationMaterial });
      expect(() => parseBundle(text)).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_BUNDLE' }));
    }
    expect(() => parseBundle(' '.repeat(33 << 20))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_BUNDLE' }),
    );
    expect(() => parseBundle('['.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_BUNDLE' }),
    );
  });

  it('with authorities that sign each other come to an end', async () => {
    const { sigstore, root, bundle } = await sample();
    if (bundle.material.kind !== 'certificate') throw new TypeError('there is a certificate');
    const intermediates = Array.from({ length: 10 }, () => sigstore.authority[0]);
    const [authority] = root.certificateAuthorities;
    if (authority === undefined) throw new TypeError('there is an authority');
    const bare = { ...root, certificateAuthorities: [{ ...authority, intermediates: [] }] };
    const looped = { ...bundle, version: '0.1' as const, material: { ...bundle.material, intermediates } };
    const { verified } = await createBundleVerifier(bare).appraise(looped, { bytes: ARTIFACT }, POLICY);
    expect(verified).toBe(false);
    const straight = {
      ...looped,
      material: { ...bundle.material, intermediates: intermediates.slice(0, 1) },
    };
    expect((await createBundleVerifier(bare).appraise(straight, { bytes: ARTIFACT }, POLICY)).verified).toBe(
      true,
    );
  });

  it(
    'mutated anywhere are refused, or say the same, and nothing else is ever thrown',
    async () => {
      const { root, json } = await sample();
      const verifier = createBundleVerifier(root);
      const letters = fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '0',
        '9',
        'a',
        'Z',
        '/',
        '=',
        ' ',
        '\\',
      );
      const edit = fc.record({
        at: fc.nat(),
        kind: fc.constantFrom('replace', 'delete', 'insert', 'cut'),
        letter: letters,
      });
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
          let text = json;
          for (const { at, kind, letter } of edits) {
            const place = at % text.length;
            const after = kind === 'insert' ? place : place + 1;
            text =
              kind === 'cut'
                ? text.slice(0, place)
                : text.slice(0, place) + (kind === 'delete' ? '' : letter) + text.slice(after);
          }
          try {
            await verifier.verify(parseBundle(text), { bytes: ARTIFACT }, POLICY);
          } catch (error) {
            expect(error).toBeInstanceOf(CosignError);
          }
        }),
        { numRuns: runs(10_000), seed: 20_260_115 },
      );
    },
    PATIENCE,
  );

  it(
    'values of any type in any place are refused in our own words',
    () => {
      const names = [
        'mediaType',
        'verificationMaterial',
        'messageSignature',
        'dsseEnvelope',
        'certificate',
        'tlogEntries',
        'x',
      ];
      const value = fc.letrec((tie) => ({
        any: fc.oneof(
          { maxDepth: 4 },
          fc.constantFrom(
            null,
            true,
            0,
            -1,
            1e300,
            '',
            'AA==',
            'application/vnd.dev.sigstore.bundle.v0.3+json',
          ),
          fc.array(tie('any'), { maxLength: 3 }),
          fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 4 }),
        ),
      })).any;
      fc.assert(
        fc.property(value, (json) => {
          for (const parse of [
            parseBundle,
            parseTrustedRoot,
            parseSigningConfig,
            parseRekorBundle,
            parseLogEntryResponse,
          ]) {
            try {
              (parse as (text: string) => unknown)(JSON.stringify(json));
            } catch (error) {
              expect(error).toBeInstanceOf(CosignError);
            }
          }
        }),
        { numRuns: runs(10_000), seed: 7 },
      );
    },
    PATIENCE,
  );
});

describe('hostile timestamps and checkpoints', () => {
  it(
    'mutated anywhere are refused in our own words',
    async () => {
      const { root, bundle } = await sample();
      const [response = new Uint8Array(0)] = bundle.timestamps;
      const { content } = bundle;
      const signature = content.kind === 'message' ? content.signature : new Uint8Array(0);
      await verifyTimestamp(response, signature, root.timestampAuthorities);
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.nat(255), async (at, byte) => {
          const bad = new Uint8Array(response);
          bad[at % bad.length] = byte;
          try {
            parseTimestampResponse(bad);
            await verifyTimestamp(bad, signature, root.timestampAuthorities);
          } catch (error) {
            expect(error).toBeInstanceOf(CosignError);
          }
        }),
        { numRuns: runs(10_000), seed: 3 },
      );
    },
    PATIENCE,
  );

  it(
    'of any text are checkpoints or refusals',
    () => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string(),
            fc.array(fc.constantFrom('\n', '\u2014 ', 'a', '1', 'AA==', ' ')).map((parts) => parts.join('')),
          ),
          (text) => {
            try {
              parseCheckpoint(text);
            } catch (error) {
              expect(error).toBeInstanceOf(CosignError);
            }
          },
        ),
        { numRuns: runs(10_000), seed: 5 },
      );
    },
    PATIENCE,
  );
});

describe('hostile services', () => {
  it('that answer without end, or with nonsense, are refused', async () => {
    const endless = async (): Promise<Response> =>
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)) }));
    const service = { url: 'https://log.example', retries: 0 };
    const client = (fetch: () => Promise<Response>) => createRekorClient({ ...service, fetch });
    await expect(client(endless).getByIndex(0)).rejects.toMatchObject({ code: 'ERR_COSIGN_LIMIT' });
    await expect(client(async () => new Response('<html>')).logInfo()).rejects.toBeInstanceOf(CosignError);
    await expect(client(() => Promise.reject(new TypeError('no'))).logInfo()).rejects.toMatchObject({
      code: 'ERR_COSIGN_SERVICE',
    });
    for (const [asks, waits] of [
      [{}, [500, 1000]],
      [{ 'retry-after': '7' }, [7000, 7000]],
      [{ 'retry-after': '999999' }, [30_000, 30_000]],
      [{ 'retry-after': 'soon' }, [500, 1000]],
    ] as const) {
      const tries: number[] = [];
      const busy = createRekorClient({
        ...service,
        retries: 2,
        pause: async (milliseconds) => void tries.push(milliseconds),
        fetch: async () => new Response('', { status: 503, headers: asks }),
      });
      await expect(busy.logInfo()).rejects.toThrow('answers 503');
      expect(tries).toEqual(waits);
    }
  });

  it('that point elsewhere are not followed', async () => {
    const asked: Request[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      asked.push(request);
      return new Response(null, { status: 307, headers: { location: 'https://evil.example/' } });
    };
    const client = createRekorClient({ url: 'https://log.example', fetch });
    await expect(client.logInfo()).rejects.toThrow('answers 307');
    expect(asked.map(({ redirect }) => redirect)).toEqual(['manual']);
  });
});

/** More on demand: `SEALWRIGHT_MUTATIONS=1000000`. */
function runs(usual: number): number {
  const asked = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[
    'SEALWRIGHT_MUTATIONS'
  ];
  return asked === undefined ? usual : Number(asked);
}
