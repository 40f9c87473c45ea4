import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createRekorClient,
  createRekorTilesClient,
  requestTimestamp,
  type SignBundleOptions,
  type TrustedRoot,
} from '../../packages/cosign-sig/src/index.js';
import type { Cosign } from './components.js';
import { type RunningIssuer, startIssuer } from './issuer.js';
import { freePorts, type RunningServer, sigstoreProgram, startServer } from './servers.js';

/** A Sigstore instance on loopback: an issuer of ours, and the real servers. */
export interface RunningSigstore {
  readonly issuer: RunningIssuer;
  /** Addresses. */
  readonly urls: {
    readonly fulcio: string;
    readonly rekor1: string;
    readonly rekor2: string;
    readonly timestamps: string;
  };
  /** What is to be believed, as PEM files. */
  readonly files: SigstoreFiles;
  stop(): Promise<void>;
}

/** PEM files of an instance. */
export interface SigstoreFiles {
  readonly fulcio: string;
  readonly certificateLog: string;
  readonly rekor1: string;
  readonly rekor2: string;
  readonly timestamps: string;
}

const PROGRAMS = ['fulcio', 'certificate-log', 'rekor-v1', 'rekor-tiles', 'timestamp-authority'] as const;

/** The programs of an instance. */
export type SigstorePrograms = Readonly<Record<(typeof PROGRAMS)[number], string>>;

/** The programs of an instance; `undefined` where one is missing. */
export function sigstorePrograms(): SigstorePrograms | undefined {
  const found = PROGRAMS.flatMap((name) => {
    const path = sigstoreProgram(name);
    return path === undefined ? [] : [[name, path]];
  });
  return found.length < PROGRAMS.length ? undefined : (Object.fromEntries(found) as SigstorePrograms);
}

/** Start an instance, its data in a folder. */
export async function startSigstore(programs: SigstorePrograms, folder: string): Promise<RunningSigstore> {
  await mkdir(folder, { recursive: true });
  const issuer = await startIssuer();
  const started: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...started.map((server) => server.stop()), issuer.stop()]);
  };
  const start = async (
    name: (typeof PROGRAMS)[number],
    args: readonly string[],
    ready: RegExp,
  ): Promise<RunningServer> => {
    const server = await startServer(programs[name], args, ready, folder);
    started.push(server);
    return server;
  };
  try {
    const certificateLog = await start('certificate-log', [], LISTENING);
    const starting = [
      start('rekor-v1', [], LISTENING).then(({ said }) => said[0]),
      startTiles(start, folder),
      start('timestamp-authority', [], LISTENING).then(({ said }) => said[0]),
      startFulcio(start, folder, issuer, certificateLog.said[0] ?? ''),
    ] as const;
    await Promise.allSettled(starting); // where one fails, what others started by then is there to be stopped
    const [rekor1 = '', rekor2, timestamps = '', fulcio] = await Promise.all(starting);
    const chain = await chainOf(fulcio);
    certificateLog.tell(`${chain}\n`);
    const [logKey = ''] = await certificateLog.line(/^key ([0-9a-f]+)$/);
    const files = {
      fulcio: chain,
      certificateLog: pemOf(Buffer.from(logKey, 'hex')),
      rekor1: await textOf(`${rekor1}/api/v1/log/publicKey`),
      rekor2: rekor2.key,
      timestamps: await textOf(`${timestamps}/api/v1/timestamp/certchain`),
    };
    const saved = await Promise.all(
      Object.entries(files).map(async ([name, pem]) => {
        const path = join(folder, `${name}.pem`);
        await writeFile(path, pem);
        return [name, path];
      }),
    );
    const urls = { fulcio, rekor1, rekor2: rekor2.url, timestamps };
    return { issuer, urls, files: Object.fromEntries(saved) as typeof files, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Have cosign 3 write the trusted root of an instance, and one configuration for each of its logs. */
export async function writeSigstoreTrust(
  cosign: Cosign,
  { urls, files, issuer }: RunningSigstore,
): Promise<{ readonly root: string; readonly config: (rekor: 1 | 2) => string }> {
  const root = join(cosign.home, 'trusted_root.json');
  const since = 'start-time=2026-01-01T00:00:00Z';
  await succeed(cosign, [
    'trusted-root',
    'create',
    `--fulcio=url=${urls.fulcio},certificate-chain=${files.fulcio}`,
    `--ctfe=url=${urls.fulcio}/certificates,public-key=${files.certificateLog},${since}`,
    `--rekor=url=${urls.rekor1},public-key=${files.rekor1},${since}`,
    `--rekor=url=${urls.rekor2},public-key=${files.rekor2},origin=127.0.0.1,${since}`,
    `--tsa=url=${urls.timestamps}/api/v1/timestamp,certificate-chain=${files.timestamps}`,
    `--out=${root}`,
  ]);
  const config = (rekor: 1 | 2): string => join(cosign.home, `signing_config_rekor${rekor}.json`);
  for (const rekor of [1, 2] as const)
    await succeed(cosign, [
      'signing-config',
      'create',
      `--fulcio=url=${urls.fulcio},api-version=1,${since},operator=interop`,
      `--oidc-provider=url=${issuer.url},api-version=1,${since},operator=interop`,
      `--rekor=url=${rekor === 1 ? urls.rekor1 : urls.rekor2},api-version=${rekor},${since},operator=interop`,
      '--rekor-config=ANY',
      `--tsa=url=${urls.timestamps}/api/v1/timestamp,api-version=1,${since},operator=interop`,
      '--tsa-config=ANY',
      `--out=${config(rekor)}`,
    ]);
  return { root, config };
}

/** The log of a version and the timestamp authority, for our library. */
export function vouchersOf(
  { urls }: RunningSigstore,
  root: TrustedRoot,
  rekor: 1 | 2,
): Required<Pick<SignBundleOptions, 'logs' | 'timestamps'>> {
  const url = rekor === 1 ? urls.rekor1 : urls.rekor2;
  const log = root.tlogs.find(({ baseUrl }) => baseUrl === url);
  if (log === undefined) throw new Error('the trusted root lacks a log');
  const logs = [(rekor === 1 ? createRekorClient : createRekorTilesClient)({ url, fetch, log })];
  const authority = { url: `${urls.timestamps}/api/v1/timestamp`, fetch };
  return { logs, timestamps: [(signature) => requestTimestamp(authority, signature)] };
}

/** The trust in an instance, as the first two versions of cosign have it in their environment. */
export function trustVariables({ files }: RunningSigstore): Readonly<Record<string, string>> {
  return {
    SIGSTORE_ROOT_FILE: files.fulcio,
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: files.certificateLog,
    SIGSTORE_REKOR_PUBLIC_KEY: files.rekor1,
    SIGSTORE_TSA_CERTIFICATE_FILE: files.timestamps,
  };
}

async function succeed(cosign: Cosign, args: readonly string[]): Promise<void> {
  const { status, stderr } = await cosign.run(args, '');
  if (status !== 0) throw new Error(`cosign ${args.join(' ')}: ${stderr}`);
}

type Start = (
  name: (typeof PROGRAMS)[number],
  args: readonly string[],
  ready: RegExp,
) => Promise<RunningServer>;

async function startTiles(
  start: Start,
  folder: string,
): Promise<{ readonly url: string; readonly key: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer = join(folder, 'rekor2.key');
  await writeFile(signer, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await mkdir(join(folder, 'tiles'));
  const [http, grpc, metrics] = await freePorts(3);
  const args = flagsOf({
    'signer-filepath': signer,
    'storage-dir': join(folder, 'tiles'),
    hostname: '127.0.0.1', // the origin of its checkpoints, which verifiers hold against the host of its address
    'http-port': http,
    'grpc-port': grpc,
    'http-metrics-port': metrics,
    'checkpoint-interval': '200ms',
    'batch-max-age': '50ms',
  });
  await start('rekor-tiles', args, /starting Tessera sequencer/);
  const url = `http://127.0.0.1:${http}`;
  await answers(`${url}/healthz`);
  return { url, key: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

async function startFulcio(
  start: Start,
  folder: string,
  issuer: RunningIssuer,
  certificateLog: string,
): Promise<string> {
  const config = join(folder, 'fulcio.yaml');
  await writeFile(config, issuer.fulcioConfig);
  const [http, grpc] = await freePorts(2);
  const args = flagsOf({
    ca: 'ephemeralca',
    'config-path': config,
    'ct-log-url': certificateLog,
    host: '127.0.0.1',
    port: http,
    'grpc-host': '127.0.0.1',
    'grpc-port': grpc,
    'metrics-port': 0,
    'legacy-unix-domain-socket': join(folder, 'fulcio.sock'),
  });
  await start('fulcio', args, /listening on http at/);
  const url = `http://127.0.0.1:${http}`;
  await answers(`${url}/healthz`);
  return url;
}

function flagsOf(flags: Readonly<Record<string, string | number | undefined>>): string[] {
  return ['serve', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])];
}

/** Ask until there is an answer. */
async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`${url} does not answer`);
}

async function chainOf(fulcio: string): Promise<string> {
  const bundle = JSON.parse(await textOf(`${fulcio}/api/v2/trustBundle`)) as {
    chains: { certificates: string[] }[];
  };
  return (bundle.chains[0]?.certificates ?? []).map((pem) => `${pem.trim()}\n`).join('');
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.text();
}

function pemOf(spki: Buffer): string {
  return createPublicKey({ key: spki, format: 'der', type: 'spki' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

const LISTENING = /^listening on (http:\/\/127\.0\.0\.1:\d+\S*)$/;
