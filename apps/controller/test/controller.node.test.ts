import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase64, decodeUtf8 } from '@sealwright/bytes';
import {
  generateCosignKeyPair,
  verifyImageAttestations,
  verifyImageSignatures,
} from '@sealwright/cosign-sig';
import { parseEnvelope, verifierFromKey, verifyEnvelope } from '@sealwright/in-toto';
import { createRegistryClient, parseReference } from '@sealwright/oci';
import { listen, type Listening, runProgram, startProgram } from '@sealwright/service';
import {
  createRegistry,
  pipelineRun,
  pushTestImage,
  type Registry,
  type TestImage,
  taskRun,
} from '@sealwright/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { programOf } from '../../../tools/program.ts';

const program = programOf('apps/controller');
const keyPair = generateCosignKeyPair({ password: 'pass' });

let folder: string;
let registry: Registry;
let server: Listening;
let image: TestImage;
let repository: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
  mkdirSync(join(folder, 'runs'));
  mkdirSync(join(folder, 'secrets'));
  registry = createRegistry();
  server = await listen((request) => registry.fetch(request), { host: '127.0.0.1', port: 0 });
  image = pushTestImage(registry, 'shop/checkout');
  repository = `${new URL(server.url).host}/${image.repository}`;
  const { privatePem } = await keyPair;
  writeFileSync(join(folder, 'secrets/cosign.key'), privatePem.expose());
  writeFileSync(join(folder, 'secrets/cosign.password'), 'pass');
  writeFileSync(join(folder, 'config.yaml'), CONFIG);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const CONFIG = `
apiVersion: v1
kind: ConfigMap
metadata: { name: chains-config }
data:
  artifacts.taskrun.format: slsa/v2alpha4
  artifacts.taskrun.storage: oci,tekton
  artifacts.pipelinerun.format: slsa/v1
  artifacts.pipelinerun.storage: tekton
`;
const flags = (): string[] => [
  '--runs-dir',
  join(folder, 'runs'),
  '--secrets-dir',
  join(folder, 'secrets'),
  '--config',
  join(folder, 'config.yaml'),
];
const write = (name: string, run: object): void =>
  writeFileSync(join(folder, 'runs', name), JSON.stringify(run));
const annotations = (name: string): Record<string, string> => {
  const run = JSON.parse(readFileSync(join(folder, 'runs', name), 'utf8')) as {
    metadata: { annotations?: Record<string, string> };
  };
  return run.metadata.annotations ?? {};
};

describe('sealwright-controller', () => {
  it('signs what is finished, waits for the TaskRuns of a PipelineRun, and what it signed verifies', async () => {
    const built = { image: repository, digest: image.digest };
    const controller = await startProgram(program, [...flags(), '--listen', '127.0.0.1:0']);
    try {
      write('pipeline.json', pipelineRun(built));
      write('task.json', taskRun(built));
      await vi.waitFor(() => expect(annotations('pipeline.json')['chains.tekton.dev/signed']).toBe('true'), {
        timeout: 20_000,
      });
      expect(annotations('task.json')['chains.tekton.dev/signed']).toBe('true');
      const url = String(controller.ready['url']);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('watcher_taskrun_marked_signed_total 1');
    } finally {
      expect(await controller.stop()).toBe(0);
    }
    const key = (await keyPair).privateKey.publicKey;
    const client = createRegistryClient();
    const reference = parseReference(`${repository}@${image.digest}`);
    expect((await verifyImageSignatures(client, reference, { key })).signatures).toHaveLength(1);
    const { attestations } = await verifyImageAttestations(client, reference, { key });
    expect(attestations.map(({ statement }) => statement.predicateType)).toEqual([
      'https://slsa.dev/provenance/v1',
    ]);
    await verifyAnnotated('task.json', key, 'https://slsa.dev/provenance/v1');
    await verifyAnnotated('pipeline.json', key, 'https://slsa.dev/provenance/v0.2');
  });

  it('signs once and ends with --once, and does not sign again', async () => {
    write('task.json', taskRun({ image: repository, digest: image.digest }));
    expect(await runProgram(program, [...flags(), '--once'])).toMatchObject({ exitCode: 0 });
    const first = readFileSync(join(folder, 'runs/task.json'), 'utf8');
    expect(await runProgram(program, [...flags(), '--once'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(folder, 'runs/task.json'), 'utf8')).toBe(first);
  });

  it('leaves a run alone that is not finished', async () => {
    const run = { ...taskRun({ image: repository, digest: image.digest }), status: {} };
    write('task.json', run);
    expect(await runProgram(program, [...flags(), '--once'])).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(readFileSync(join(folder, 'runs/task.json'), 'utf8'))).toEqual(run);
  });

  it('counts attempts, says why, and gives up after the fifth', async () => {
    write('task.json', taskRun({ image: repository, digest: image.digest }));
    rmSync(join(folder, 'secrets/cosign.password'));
    const found: (string | undefined)[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const result = await runProgram(program, [...flags(), '--once']);
      expect(result).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('reading cosign.password file'),
      });
      const written = annotations('task.json');
      found.push(written['chains.tekton.dev/signed'] ?? written['chains.tekton.dev/retries']);
    }
    expect(found).toEqual(['0', '1', '2', '3', 'failed']);
    expect(registry.requests).toEqual([]);
  });

  it('tries again by itself, and sees a key that comes later', async () => {
    write('task.json', taskRun({ image: repository, digest: image.digest }));
    const password = join(folder, 'secrets/cosign.password');
    rmSync(password);
    const controller = await startProgram(program, [
      ...flags(),
      '--listen',
      '127.0.0.1:0',
      '--retry-delay',
      '0.1',
    ]);
    try {
      await vi.waitFor(() => expect(annotations('task.json')['chains.tekton.dev/retries']).toBe('0'), {
        timeout: 20_000,
      });
      expect((await fetch(`${String(controller.ready['url'])}/readyz`)).status).toBe(503);
      writeFileSync(password, 'pass');
      await vi.waitFor(() => expect(annotations('task.json')['chains.tekton.dev/signed']).toBe('true'), {
        timeout: 20_000,
      });
    } finally {
      await controller.stop();
    }
  });

  it('says that a secret is still sealed, not that it is broken', async () => {
    write('task.json', taskRun({ image: repository, digest: image.digest }));
    writeFileSync(join(folder, 'secrets/cosign.key'), 'sealed.fakeheader.e30.fakesignature');
    const result = await runProgram(program, [...flags(), '--once']);
    expect(result.stderr).toContain('cosign.key is still sealed');
    expect(result.stderr).not.toContain('e30');
  });

  it.each([
    [['--runs-dir', '/nonexistent'], '--runs-dir: /nonexistent is not a folder'],
    [[], '--runs-dir is needed'],
    [['--wrong'], "Unknown option '--wrong'"],
    [['--runs-dir', '.', '--secrets-dir', '/nonexistent'], '--secrets-dir: /nonexistent is not a folder'],
    [
      ['--runs-dir', '.', '--secrets-dir', '.', '--config', '/nonexistent'],
      'cannot read the configuration /nonexistent',
    ],
    [['--runs-dir', '.', '--secrets-dir', '.', '--listen', 'x'], 'an address is host:port'],
    [['--runs-dir', '.', '--secrets-dir', '.', '--retry-delay', 'soon'], '--retry-delay takes seconds'],
  ])('refuses %j with exit code 2', async (args, message) => {
    expect(await runProgram(program, args)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it.each([
    ['artifacts.taskrun.format: slsa/v9', 'invalid value "slsa/v9" wanted one of'],
    ['artifacts.taskrun.storage: gcs', 'artifacts.taskrun.storage: "gcs" is not supported yet'],
    ['transparency.enabled: "true"', 'transparency.enabled: "true" is not supported yet'],
    ['sealwright.compat: emptyImageId,other', 'invalid value "other" wanted one of'],
    ['- a list', 'is not a map of keys to values'],
    ['a: [b]', 'has something else than text at a'],
  ])('refuses the configuration %j with exit code 2', async (text, message) => {
    writeFileSync(join(folder, 'config.yaml'), text);
    expect(await runProgram(program, flags())).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it('explains itself', async () => {
    const help = await runProgram(program, ['--help']);
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Examples:') });
  });
});

async function verifyAnnotated(
  name: string,
  key: Parameters<typeof verifierFromKey>[0],
  predicateType: string,
): Promise<void> {
  const found = Object.entries(annotations(name)).find(
    ([each]) => each.startsWith('chains.tekton.dev/signature-') && each.includes('run-'),
  );
  const envelope = decodeUtf8(decodeBase64(found?.[1] ?? ''));
  expect(parseEnvelope(envelope).signatures).toHaveLength(1);
  const verified = await verifyEnvelope(envelope, { verifiers: [verifierFromKey(key)] });
  expect(JSON.parse(decodeUtf8(verified.payload))).toMatchObject({ predicateType });
}
