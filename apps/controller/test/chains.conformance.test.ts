import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase64, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { importPublicKey, type PublicKey, type SignatureScheme, verify } from '@sealwright/crypto';
import { encodeEnvelope, pae, parseEnvelope, signEnvelope } from '@sealwright/in-toto';
import type { JsonObject } from '@sealwright/json';
import { createRegistryClient } from '@sealwright/oci';
import { createLog, createMetrics, UsageError } from '@sealwright/service';
import { parseRun } from '@sealwright/slsa/tekton';
import { createRegistry } from '@sealwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { failedAnnotations, signedAnnotations } from '../src/bookkeeping.js';
import { type ChainsConfig, parseChainsConfig } from '../src/config.js';
import { createController } from '../src/controller.js';
import { decide, isManaged, isReconciled } from '../src/eligibility.js';
import type { RunSource, StoredRun } from '../src/run-source.js';
import { SigningKeyError, signingKeys } from '../src/signing-key.js';
import { ociStorage } from '../src/storage/oci.js';
import { tektonStorage } from '../src/storage/tekton.js';

const area = vectorArea('chains');
const log = createLog('controller', { level: 'silent' });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = <T>(...path: string[]): T[] => (area.present ? area.json<T[]>(...path) : []);

interface ConfigCase {
  readonly data: Readonly<Record<string, string>>;
  readonly parsed?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

describe.skipIf(!area.present)('chains-config', () => {
  it.each(read<ConfigCase>('config.json'))('$data', ({ data, parsed, error }) => {
    if (error !== undefined) {
      expect(() => parseChainsConfig(data)).toThrow(UsageError);
      expect(() => parseChainsConfig(data)).toThrow(error);
      return;
    }
    expect(parsed).toMatchObject(asReference(parseChainsConfig(data)));
  });
});

/** In the words of the vectors. A set with one empty item is their way to say that an artifact is off. */
function asReference(config: ChainsConfig): object {
  const storage = (names: readonly string[]): readonly string[] => (names.length === 0 ? [''] : names);
  return {
    taskrun: { ...config.taskRun, storage: storage(config.taskRun.storage) },
    pipelinerun: { ...config.pipelineRun, storage: storage(config.pipelineRun.storage) },
    oci: { ...config.oci, storage: storage(config.oci.storage) },
    builderID: config.builderId,
    buildType: config.buildType,
    transparency: config.transparency,
    ociRepository: config.ociRepository,
    ociInsecure: config.ociInsecure,
    ociEncodingFormat: config.ociEncoding,
    managedBy: config.managedBy.length === 0 ? null : config.managedBy,
  };
}

interface ReconcileCase {
  readonly name: string;
  readonly kind: string;
  readonly conditions: readonly JsonObject[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly childReferences?: readonly JsonObject[];
  readonly taskRunsInCache?: Readonly<
    Record<string, { completionTime: string; annotations: Record<string, string> }>
  >;
  readonly expect: { readonly outcome: string };
}

interface FilterCase {
  readonly name: string;
  readonly managedBy: string | null;
  readonly extra: readonly string[];
  readonly namespaces: readonly string[];
  readonly accepted: boolean;
}

describe.skipIf(!area.present)('eligibility', () => {
  const cases = area.present
    ? area.json<{ reconcile: ReconcileCase[]; filter: FilterCase[] }>('eligibility.json')
    : { reconcile: [], filter: [] };

  it.each(cases.reconcile)('$name', (vector) => {
    const run = stored(
      {
        kind: vector.kind,
        status: { conditions: [...vector.conditions], childReferences: [...(vector.childReferences ?? [])] },
      },
      vector.annotations,
    );
    const find = (name: string): StoredRun | undefined => {
      const child = vector.taskRunsInCache?.[name];
      return child === undefined
        ? undefined
        : stored({ kind: 'TaskRun', status: { completionTime: child.completionTime } }, child.annotations);
    };
    // The reference drops a run for ever when a child cannot be found; ours waits for a TaskRun, and for nothing else.
    const ours =
      vector.expect.outcome === 'dropped'
        ? hasTaskRunChild(vector)
          ? 'wait-for-children'
          : 'sign'
        : vector.expect.outcome;
    expect(decide(run, find, 'wait').outcome).toBe(ours);
  });

  // The directory source has no namespaces to choose from, so that the flag --namespace has no counterpart.
  it.each(cases.filter.filter(({ namespaces }) => namespaces.length === 0))(
    'filter: $name',
    ({ managedBy, extra, accepted }) => {
      expect(isManaged(stored({ kind: 'TaskRun', spec: { managedBy } }, {}), extra)).toBe(accepted);
    },
  );
});

function hasTaskRunChild({ childReferences = [] }: ReconcileCase): boolean {
  return childReferences.some(({ kind }) => kind === 'TaskRun');
}

interface AnnotationCase {
  readonly op: string;
  readonly existing: Readonly<Record<string, string>> | null;
  readonly add: Readonly<Record<string, string>> | null;
  readonly patches: readonly string[];
  readonly result?: boolean;
}

describe.skipIf(!area.present)('bookkeeping', () => {
  it.each(read<AnnotationCase>('annotations.json'))(
    '$op $existing $add',
    ({ op, existing, add, patches, result }) => {
      const run = stored({ kind: 'TaskRun' }, existing ?? {});
      if (op === 'Reconciled') {
        expect(isReconciled(run)).toBe(result);
        return;
      }
      const ours =
        op === 'AddAnnotations' ? {} : op === 'MarkSigned' ? signedAnnotations() : failedAnnotations(run);
      const kept = Object.fromEntries(
        Object.entries(existing ?? {}).filter(([name]) => name.startsWith('chains.tekton.dev/')),
      );
      const written: unknown = patches[0] === undefined ? undefined : JSON.parse(patches[0]);
      // A run that is marked already is not reconciled again, so that marking it changes nothing.
      if (written === undefined) expect(isReconciled(run)).toBe(true);
      else expect(written).toMatchObject({ metadata: { annotations: { ...kept, ...add, ...ours } } });
    },
  );
});

interface KeyCase {
  readonly key: string;
  readonly secretKey: string;
  readonly file: string;
  readonly password?: string;
  readonly publicKey: string;
  readonly envelope?: string;
  readonly rawSignatureOverPayload?: string;
  readonly error?: string;
}

describe.skipIf(!area.present)('signing secrets', () => {
  const { payload, cases } = area.present
    ? area.json<{ payload: string; cases: KeyCase[] }>('keys', 'keys.json')
    : { payload: '', cases: [] };

  it.each(cases)('$secretKey $key', async (vector) => {
    writeFileSync(join(folder, vector.secretKey.split('/')[0] ?? ''), vector.file);
    if (vector.password !== undefined) writeFileSync(join(folder, 'cosign.password'), vector.password);
    if (vector.error !== undefined) {
      await expect(signingKeys(folder).signer()).rejects.toThrow(SigningKeyError);
      return;
    }
    const signer = await signingKeys(folder).signer();
    const bytes = encodeUtf8(payload);
    const expected = parseEnvelope(vector.envelope ?? '');
    const made = await signEnvelope({ payload: bytes, signers: [signer] });
    expect(made.signatures[0]?.keyid).toBe(expected.signatures[0]?.keyid);
    const key = importPublicKey(vector.publicKey);
    const scheme = schemeOf(key, vector.secretKey);
    const sig = made.signatures[0]?.sig ?? new Uint8Array();
    expect(await verify(key, pae(made.payloadType, made.payload), sig, { scheme })).toBe(true);
    const raw = await signer.sign(bytes);
    expect(await verify(key, bytes, raw, { scheme })).toBe(true);
    if (key.kind.startsWith('ec-')) return; // ECDSA differs each time
    expect(encodeEnvelope(made)).toBe(vector.envelope);
    expect(raw).toEqual(decodeBase64(vector.rawSignatureOverPayload ?? ''));
  });

  it.each(read<{ case: string; files: Record<string, string> }>('keys', 'keys-negative.json'))(
    'refuses: $case',
    async ({ files }) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      await expect(signingKeys(folder).signer()).rejects.toThrow(SigningKeyError);
    },
  );
});

function schemeOf(key: PublicKey, secretKey: string): SignatureScheme {
  if (key.kind === 'ed25519') return 'ed25519ph';
  if (key.kind === 'rsa') return 'rsa-pkcs1-sha256';
  const hash = { 'ec-p256': 'sha256', 'ec-p384': 'sha384', 'ec-p521': 'sha512' } as const;
  return secretKey === 'x509.pem' ? 'ecdsa-sha256' : `ecdsa-${hash[key.kind]}`;
}

interface FlowCase {
  readonly config: Readonly<Record<string, string>>;
  readonly taskRun: JsonObject;
  readonly finalAnnotations: Readonly<Record<string, string>>;
  readonly registry: Readonly<Record<string, { readonly tags: Readonly<Record<string, FlowTag>> }>>;
  readonly error?: string;
}

interface FlowTag {
  readonly manifest: string;
  readonly blobs: Readonly<Record<string, string>>;
}

/** What this program does not do yet: it refuses such a configuration when it starts. */
const NOT_YET: readonly (readonly [string, string])[] = [
  ['transparency.enabled', 'true'],
  ['signers.x509.fulcio.enabled', 'true'],
  ['storage.oci.encoding-format', 'sigstore-bundle'],
  ['artifacts.taskrun.storage', 'kafka'],
];

describe.skipIf(!area.present)('flows', () => {
  const names = area.present ? area.list('flows') : [];
  const supported = names.filter((name) => {
    const { config } = area.json<FlowCase>('flows', name);
    return !NOT_YET.some(([key, value]) => (config[key] ?? '').split(',').includes(value));
  });

  it.each(supported)('%s', async (name) => {
    const flow = area.json<FlowCase>('flows', name);
    if (!name.startsWith('no-signing-key')) writeKeys(name);
    const registry = createRegistry();
    const source = oneRun(flow.taskRun, startOf(name, flow));
    const client = createRegistryClient({ fetch: registry.fetch });
    const config = parseChainsConfig(flow.config);
    const controller = createController({
      config,
      source,
      log,
      metrics: createMetrics(),
      keys: signingKeys(folder),
      storages: [
        ociStorage({ registry: client, repository: config.ociRepository, log }),
        tektonStorage(source),
      ],
      absentTaskRuns: 'wait',
      retryDelay: 0,
    });
    expect(await controller.round()).toMatchObject(flow.error === undefined ? { signed: 1 } : { failed: 1 });
    expect(comparable((await source.list())[0]?.annotations ?? {})).toEqual(
      comparable(flow.finalAnnotations),
    );
    for (const [repository, { tags }] of Object.entries(flow.registry)) {
      for (const [tag, expected] of Object.entries(tags).filter(([each]) => each.startsWith('sha256-'))) {
        const held = registry.repository(repository);
        const bytes = held.manifests.get(held.tags.get(tag) ?? '')?.bytes ?? new Uint8Array();
        expect(
          layersOf(decodeUtf8(bytes), (digest) => decodeUtf8(held.blobs.get(digest) ?? new Uint8Array())),
        ).toEqual(layersOf(expected.manifest, (digest) => expected.blobs[`layer ${digest}`] ?? ''));
      }
    }
  });
});

function writeKeys(name: string): void {
  if (!name.includes('cosignkey')) {
    writeFileSync(join(folder, 'x509.pem'), area.text('keys', 'upstream-x509.pem'));
    return;
  }
  writeFileSync(join(folder, 'cosign.key'), area.text('keys', 'upstream-cosign.key'));
  writeFileSync(join(folder, 'cosign.password'), area.text('keys', 'upstream-cosign.password'));
}

/** The flow with retries behind it does not record that it began with them. */
function startOf(name: string, flow: FlowCase): Record<string, string> {
  return name.includes('retry-3')
    ? { 'chains.tekton.dev/retries': flow.finalAnnotations['chains.tekton.dev/retries'] ?? '' }
    : {};
}

/** Payloads decoded, signatures known to be there: the reference's spacing and ECDSA are not fixed. */
function comparable(annotations: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]): [string, unknown] => {
      if (name.includes('/payload-')) return [name, JSON.parse(decodeUtf8(decodeBase64(value)))];
      return [name, name.includes('/signature-') ? value !== '' : value];
    }),
  );
}

/** What the layers say, for each its media type and content; envelopes by their statement and key. */
function layersOf(manifest: string, blob: (digest: string) => string): unknown[] {
  const { layers } = JSON.parse(manifest) as { layers: { mediaType: string; digest: string }[] };
  return layers.map(({ mediaType, digest }) => {
    const text = blob(digest);
    if (!mediaType.includes('dsse')) return [mediaType, JSON.parse(text)];
    const envelope = parseEnvelope(text);
    return [
      mediaType,
      JSON.parse(decodeUtf8(envelope.payload)),
      envelope.signatures.map(({ keyid }) => keyid),
    ];
  });
}

function stored(json: JsonObject, annotations: Readonly<Record<string, string>>): StoredRun {
  return { run: parseRun(json), namespace: 'ci', annotations };
}

/** One run in memory. */
function oneRun(json: JsonObject, start: Record<string, string>): RunSource {
  let annotations: Readonly<Record<string, string>> = start;
  return {
    list: () => Promise.resolve([{ run: parseRun(json), namespace: 'ci', annotations }]),
    annotate: (_run, added) => {
      annotations = { ...annotations, ...added };
      return Promise.resolve();
    },
    watch: () => () => undefined,
  };
}
