import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyImageAttestations, verifyImageSignatures } from '../../packages/cosign-sig/src/index.js';
import { importPublicKey } from '../../packages/crypto/src/index.js';
import { createRegistryClient, parseReference } from '../../packages/oci/src/index.js';
import { runProgram } from '../../packages/service/src/index.js';
import { pipelineRun, taskRun } from '../../packages/testing/src/index.js';
import { programOf } from '../program.ts';
import { Cosign, findProgram, type RunningRegistry, startRegistry, temporaryFolder } from './components.js';
import { type PushedImage, pushImage } from './push-image.js';

const dockerRegistry = findProgram('docker-registry');
const versions = ([2, 3] as const).map((major) => {
  const found = Cosign.find(major);
  return { major, found, title: found?.version ?? `v${major}` };
});

describe.each(versions)('the controller with a key of cosign $title', ({ major, found }) => {
  if (dockerRegistry === undefined || found === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip(`needs ${found === undefined ? `cosign ${major}` : 'docker-registry'}, which cannot be had here`, () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningRegistry;
  let cosign: Cosign;
  let image: PushedImage;
  let name: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startRegistry(dockerRegistry, folder.path);
    cosign = await Cosign.open(major, found.path, join(folder.path, 'home'));
    expect(await cosign.run(['generate-key-pair'], 'pass')).toMatchObject({ status: 0 });
    image = await pushImage(
      createRegistryClient(),
      parseReference(`${server.host}/shop/checkout`),
      'v1',
      'an image',
    );
    name = `${image.registry}/${image.repository}`;
    await signBuild();
  });

  afterAll(async () => {
    await server?.stop();
    await folder?.remove();
  });

  /** A TaskRun and its PipelineRun, signed by the controller with the key that cosign made. */
  async function signBuild(): Promise<void> {
    const at = (path: string): string => join(folder.path, path);
    for (const each of ['runs', 'secrets']) await mkdir(at(each));
    await writeFile(at('secrets/cosign.key'), await readFile(join(cosign.home, 'cosign.key')));
    await writeFile(at('secrets/cosign.password'), 'pass');
    const built = { image: name, digest: image.digest };
    await writeFile(at('runs/task.json'), JSON.stringify(taskRun(built)));
    await writeFile(at('runs/pipeline.json'), JSON.stringify(pipelineRun(built)));
    await writeFile(
      at('config.yaml'),
      'artifacts.taskrun.format: slsa/v2alpha4\nartifacts.taskrun.storage: oci\nartifacts.pipelinerun.format: slsa/v1\nartifacts.pipelinerun.storage: oci\n',
    );
    const args = [
      '--runs-dir',
      at('runs'),
      '--secrets-dir',
      at('secrets'),
      '--config',
      at('config.yaml'),
      '--once',
    ];
    expect(await runProgram(programOf('apps/controller'), args)).toMatchObject({ exitCode: 0 });
  }

  it('makes an image signature that cosign verifies', async () => {
    const key = ['--key', join(cosign.home, 'cosign.pub')];
    expect(await cosign.verify('verify', [...key, `${name}@${image.digest}`])).toMatchObject({ status: 0 });
  });

  it.each([
    ['slsaprovenance1', 'https://slsa.dev/provenance/v1'],
    ['slsaprovenance02', 'https://slsa.dev/provenance/v0.2'],
  ])('makes an attestation of type %s that cosign verifies', async (type, predicateType) => {
    const args = ['--key', join(cosign.home, 'cosign.pub'), '--type', type, `${name}@${image.digest}`];
    const result = await cosign.verify('verify-attestation', args);
    expect(result).toMatchObject({ status: 0 });
    const { payload } = JSON.parse(result.stdout) as { payload: string };
    expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({ predicateType });
  });

  it('makes what we verify too', async () => {
    const key = importPublicKey(await readFile(join(cosign.home, 'cosign.pub'), 'utf8'));
    const client = createRegistryClient();
    const reference = parseReference(`${name}@${image.digest}`);
    expect((await verifyImageSignatures(client, reference, { key })).signatures).toHaveLength(1);
    expect((await verifyImageAttestations(client, reference, { key })).attestations).toHaveLength(2);
  });
});
