import { createRegistry, pushTestImage } from '@sealwright/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo } from './test-io.js';

const CHECK = ['--key', 'cosign.pub', '--insecure-ignore-tlog', '--json'];
const SIGNED = 'registry.example.com/signed:1';
const ALSO = 'registry.example.com/also:1';
const UNSIGNED = 'registry.example.com/unsigned:1';

let io: TestIo;

beforeAll(async () => {
  const registry = createRegistry();
  io = Object.assign(testIo(), { fetch: (request: Request) => registry.fetch(request) });
  await runIn(io, 'keygen');
  for (const name of ['signed', 'also', 'unsigned'])
    pushTestImage(registry, name, { tag: '1', content: name });
  for (const image of [SIGNED, ALSO])
    await runIn(io, 'sign', '--key', 'cosign.key', '--tlog-upload=false', image);
});

beforeEach(() => {
  delete io.env['BASE'];
});

const imagesOf = (stdout: string): string[] =>
  (JSON.parse(stdout) as { verified: { image: string }[] }).verified.map(({ image }) => image);

describe('manifest verify', () => {
  const pod = (...images: string[]): string =>
    `kind: Pod\nspec:\n  containers:\n${images.map((image) => `  - image: ${image}\n`).join('')}`;

  it('verifies every image of every object, each once', async () => {
    put(io, 'all.yaml', `${pod(SIGNED, ALSO)}---\nkind: ConfigMap\n---\n${pod(SIGNED)}`);
    const ran = await runIn(io, 'manifest', 'verify', ...CHECK, 'all.yaml');
    expect(ran.exitCode).toBe(0);
    expect(imagesOf(ran.stdout)).toEqual([SIGNED, ALSO]);
    put(io, 'all.yaml', pod(SIGNED, UNSIGNED));
    expect((await runIn(io, 'manifest', 'verify', ...CHECK, 'all.yaml')).exitCode).toBe(10);
  });

  it.each([
    ['kind: ConfigMap\n', 'there is no image in it'],
    ['kind: [\n', 'all.yaml: '],
  ])('refuses %j', async (text, words) => {
    put(io, 'all.yaml', text);
    const ran = await runIn(io, 'manifest', 'verify', ...CHECK, 'all.yaml');
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
  });
});

describe('dockerfile verify', () => {
  const check = async (text: string, ...flags: string[]) => {
    put(io, 'Dockerfile', text);
    return runIn(io, 'dockerfile', 'verify', ...CHECK, ...flags, 'Dockerfile');
  };

  it.each([
    [`FROM ${SIGNED}\n`, [SIGNED]],
    [
      `# a comment\nfrom --platform=linux/amd64 ${SIGNED} AS build\nFROM scratch\nCOPY --from=build /a /a\n`,
      [SIGNED],
    ],
    [`FROM ${SIGNED} AS a\nFROM a\nCOPY --from=${ALSO} /a /a\n`, [SIGNED, ALSO]],
    [`FROM ${SIGNED}\nRUN --mount=type=bind,from=${ALSO},target=/a \\\n  true\n`, [SIGNED, ALSO]],
    [`ARG TAG=1\nARG NAME="signed"\nFROM registry.example.com/\${NAME}:$TAG\nARG TAG=2\n`, [SIGNED]],
    [`FROM \${BASE:-${SIGNED}}\nCOPY --from=0 /a /a\n`, [SIGNED]],
  ])('verifies what it builds on: %j', async (text, images) => {
    const ran = await check(text);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(imagesOf(ran.stdout)).toEqual(images);
  });

  it('verifies only the image of the last stage, or what the environment says', async () => {
    const stages = `FROM ${UNSIGNED} AS build\nFROM ${SIGNED}\n`;
    expect((await check(stages)).exitCode).toBe(10);
    expect((await check(stages, '--base-image-only')).exitCode).toBe(0);
    io.env['BASE'] = ALSO;
    expect(imagesOf((await check(`ARG BASE=${UNSIGNED}\nFROM $BASE\n`)).stdout)).toEqual([ALSO]);
  });

  it.each([
    ['FROM scratch\n', 'there is no image in it'],
    ['FROM\n', 'FROM says nothing'],
    ['FROM $BASE\n', 'set it in the environment'],
    ['', 'there is no image in it'],
  ])('refuses %j', async (text, words) => {
    expect(await check(text)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
  });
});
