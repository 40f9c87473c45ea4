import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportPkcs8Pem, generateKeyPair } from '../../packages/crypto/src/index.js';
import { createRegistryClient, parseReference } from '../../packages/oci/src/index.js';
import { programOf } from '../program.ts';
import { Cosign, findProgram, type RunningRegistry, startRegistry, temporaryFolder } from './components.js';
import { type PushedImage, pushImage } from './push-image.js';

/** What is held against each other: what is printed, how much of it there is, or only whether it went well. */
type Compared = 'text' | 'lines' | 'success';

/** A command line, what is typed or piped into it, and the files that it leaves. */
interface Habit {
  readonly line: string;
  readonly input?: string;
  readonly password?: string;
  readonly compared?: Compared;
  readonly files?: readonly string[];
}

const dockerRegistry = findProgram('docker-registry');
const versions = [Cosign.find(2), Cosign.find(3)].filter((found) => found !== undefined);
const NO_LOG = '--tlog-upload=false --new-bundle-format=false --use-signing-config=false -y';
const CHECK = '--insecure-ignore-tlog --key cosign.pub';

/** In this order, since each goes on from what is there. */
const HABITS: readonly Habit[] = [
  { line: 'generate-key-pair', files: ['cosign.key'] },
  { line: 'generate-key-pair', input: 'n\n' },
  { line: 'generate-key-pair', input: '' },
  { line: 'generate-key-pair', input: 'y\n', files: ['cosign.key'] },
  { line: 'generate-key-pair --output-key-prefix other', files: ['other.key'] },
  { line: 'import-key-pair -k plain.pem -o imported', files: ['imported.key'] },
  { line: 'public-key --key cosign.key', compared: 'lines' },
  { line: 'public-key -key=cosign.key', compared: 'lines' },
  { line: 'public-key --key cosign.key', password: 'wrong' },
  { line: 'help sign', compared: 'success' },
  { line: 'sign --key cosign.key --no-such-flag IMAGE', compared: 'success' },
  { line: `sign --key cosign.key ${NO_LOG} REPOSITORY:none` },
  { line: `sign --key cosign.key ${NO_LOG} 127.0.0.1:1/a/b:c` },
  { line: `sign --key cosign.key ${NO_LOG} TAG` },
  {
    line: `sign --key cosign.key ${NO_LOG} -a env=prod,team=core --output-signature s --output-payload p --output-certificate c IMAGE`,
    files: ['s', 'p', 'c'],
  },
  { line: `verify ${CHECK} IMAGE` },
  { line: `verify ${CHECK} -o text TAG` },
  { line: `verify ${CHECK} -a team=core,env=prod IMAGE` },
  { line: `verify ${CHECK} -a env=test IMAGE` },
  { line: `verify ${CHECK} --check-claims=false IMAGE` },
  { line: `verify ${CHECK} --signature s --payload p IMAGE` },
  { line: 'verify --insecure-ignore-tlog --key other.pub IMAGE' },
  { line: `verify ${CHECK} OTHER` },
  { line: `verify ${CHECK} REPOSITORY:none` },
  { line: `verify ${CHECK} 127.0.0.1:1/a/b:c` },
  { line: 'triangulate IMAGE' },
  { line: 'triangulate --type digest TAG' },
  { line: 'tree TAG' },
  { line: 'tree REPOSITORY:none', compared: 'success' },
  { line: 'generate -a a=b TAG' },
  { line: 'download signature IMAGE' },
  { line: 'download signature OTHER' },
  { line: 'attach sbom --sbom bom.json IMAGE' },
  { line: 'download sbom IMAGE' },
  { line: `attest --key cosign.key ${NO_LOG} --type cyclonedx --predicate bom.json IMAGE` },
  { line: `verify-attestation ${CHECK} --type cyclonedx IMAGE`, compared: 'lines' },
  { line: `verify-attestation ${CHECK} --type vuln IMAGE`, compared: 'success' },
  { line: 'download attestation --predicate-type cyclonedx IMAGE', compared: 'lines' },
  { line: `sign-blob --key cosign.key ${NO_LOG} bom.json plain.pem` },
  { line: `sign-blob --key cosign.key ${NO_LOG} --output-signature sig bom.json`, files: ['sig'] },
  { line: `sign-blob --key cosign.key ${NO_LOG} --b64=false --output-signature bytes bom.json` },
  { line: `verify-blob ${CHECK} --signature bytes bom.json` },
  { line: `verify-blob ${CHECK} --signature sig -`, input: '{"bomFormat":"CycloneDX"}' },
  { line: `verify-blob ${CHECK} --signature sig plain.pem`, compared: 'success' },
  { line: `sign-blob --key cosign.key ${NO_LOG} --bundle bundle.json bom.json`, files: ['bundle.json'] },
  { line: `verify-blob ${CHECK} --bundle bundle.json bom.json` },
  {
    line: `attest-blob --key cosign.key ${NO_LOG} --bundle b.json --predicate bom.json bom.json`,
    compared: 'lines',
  },
  { line: 'save --dir saved IMAGE' },
  { line: `verify ${CHECK} --local-image saved` },
  { line: 'load --dir saved REPOSITORY-loaded:1' },
  { line: `verify ${CHECK} REPOSITORY-loaded:1` },
  { line: 'copy TAG REPOSITORY-copied:1' },
  { line: `verify ${CHECK} REPOSITORY-copied:1` },
  { line: 'clean IMAGE', input: '' },
  { line: 'clean IMAGE', input: 'y\n' },
  { line: `verify ${CHECK} IMAGE` },
];

describe('who knows cosign', () => {
  if (dockerRegistry === undefined || versions.length === 0) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs cosign and docker-registry, which cannot both be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningRegistry;
  let ours: Side;
  const theirs: Side[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startRegistry(dockerRegistry, folder.path);
    const plain = new TextDecoder().decode(exportPkcs8Pem(await generateKeyPair('ec-p256')).expose());
    const open = async (name: string, ...command: readonly string[]): Promise<Side> =>
      openSide(name, command, join(folder.path, name), server.host, plain);
    ours = await open('ours', process.execPath, programOf('apps/cli'));
    for (const { path, version } of versions) theirs.push(await open(version, path));
  });

  afterAll(async () => {
    await server?.stop();
    await folder?.remove();
  });

  it.each(HABITS)('types `$line`, with $input', async (habit) => {
    const [mine, ...others] = await Promise.all([ours, ...theirs].map((side) => outcomeOf(side, habit)));
    expect(others).toEqual(theirs.map(() => mine));
  });
});

/** A program with a folder and images of its own. */
interface Side {
  readonly command: readonly string[];
  readonly home: string;
  readonly image: PushedImage;
  readonly other: PushedImage;
}

async function openSide(
  name: string,
  command: readonly string[],
  home: string,
  host: string,
  plain: string,
): Promise<Side> {
  await mkdir(home);
  await writeFile(join(home, 'plain.pem'), plain);
  await writeFile(join(home, 'bom.json'), '{"bomFormat":"CycloneDX"}');
  const registry = createRegistryClient();
  const reference = parseReference(`${host}/${name}/app`);
  const image = await pushImage(registry, reference, 'v1', 'one image');
  return { command, home, image, other: await pushImage(registry, reference, 'v2', 'another image') };
}

/** What came of a command line, without what is another one each time. */
async function outcomeOf(side: Side, habit: Habit): Promise<object> {
  const { command, home, image, other } = side;
  const { line, input = '', password = 'secret', compared = 'text', files = [] } = habit;
  const repository = `${image.registry}/${image.repository}`;
  const words = line
    .replace('IMAGE', `${repository}@${image.digest}`)
    .replace('OTHER', `${repository}@${other.digest}`)
    .replace('TAG', `${repository}:v1`)
    .replace('REPOSITORY', repository)
    .split(' ');
  const [program = '', ...first] = command;
  const env = {
    PATH: '',
    HOME: home,
    TUF_ROOT: join(home, 'tuf'),
    TUF_MIRROR: 'http://127.0.0.1:1', // a port where nobody answers: no trust root is fetched from the network
    COSIGN_PASSWORD: password,
  };
  const { status, stdout } = await run(program, [...first, ...words], { cwd: home, env, input });
  const masked = (text: string): string =>
    text
      .replaceAll(repository, 'REPOSITORY')
      .replaceAll(/[0-9a-f]{64}/g, 'HEX')
      .replaceAll(/[A-Za-z0-9+/]{40,}={0,2}/g, 'BASE64');
  const written = await Promise.all(
    files.map(async (name) => ({
      mode: name.endsWith('.key') ? (await stat(join(home, name))).mode : 0,
      text: name.endsWith('.key') ? '' : masked(await readFile(join(home, name), 'utf8')),
    })),
  );
  if (compared === 'success') return { isGood: status === 0, written };
  return { status, written, stdout: compared === 'lines' ? stdout.split('\n').length : masked(stdout) };
}

function run(
  program: string,
  args: readonly string[],
  {
    input,
    ...options
  }: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly input: string },
): Promise<{ readonly status: number; readonly stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { ...options, timeout: 60_000 }, (error, stdout) => {
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout });
    });
    child.stdin?.on('error', () => undefined); // who does not read it may be gone already
    child.stdin?.end(input);
  });
}
