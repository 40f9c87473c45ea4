import { createRegistry, pushTestImage } from '@sealwright/testing';
import { beforeEach, expect, it } from 'vitest';
import { put, runIn, type TestIo, testIo, textOf } from './test-io.js';

const PLACE = 'k8s://tekton-chains/signing-secrets';
const PATH = '/api/v1/namespaces/tekton-chains/secrets';

interface Secret {
  metadata: { name: string; resourceVersion?: string };
  data: Record<string, string>;
  immutable?: boolean;
}

let io: TestIo;
let image: string;
let secrets: Map<string, Secret>;
let asked: { readonly path: string; readonly token: string | null }[];

beforeEach(() => {
  const registry = createRegistry();
  secrets = new Map();
  asked = [];
  const { digest } = pushTestImage(registry, 'app');
  image = `registry.example.com/app@${digest}`;
  const send = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    return url.host === 'registry.example.com' ? registry.fetch(request) : kubernetes(request, url);
  };
  io = Object.assign(testIo(), { fetch: send });
  io.env['SEALWRIGHT_KUBERNETES_URL'] = 'http://127.0.0.1:8001/';
});

async function kubernetes(request: Request, { pathname }: URL): Promise<Response> {
  asked.push({ path: `${request.method} ${pathname}`, token: request.headers.get('authorization') });
  const name = pathname.slice(PATH.length + 1);
  const held = secrets.get(name);
  if (request.method === 'GET')
    return held === undefined
      ? Response.json({ message: 'not found' }, { status: 404 })
      : Response.json(held);
  const secret = (await request.json()) as Secret;
  const version = held?.metadata.resourceVersion;
  if (held?.immutable === true) return Response.json({ message: 'the field is immutable' }, { status: 422 });
  if (version !== secret.metadata.resourceVersion)
    return Response.json({ message: 'conflict' }, { status: 409 });
  const metadata = { ...secret.metadata, resourceVersion: String(Number(version ?? 0) + 1) };
  secrets.set(secret.metadata.name, { ...secret, metadata });
  return Response.json(secret, { status: 201 });
}

it('keys in Secrets of Kubernetes sign and verify', async () => {
  const made = await runIn(io, 'generate-key-pair', PLACE);
  expect(made).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('created secret signing-secrets in namespace tekton-chains'),
  });
  expect(secrets.get('signing-secrets')).toMatchObject({
    type: 'Opaque',
    immutable: true,
    data: { 'cosign.password': btoa('pass'), 'cosign.pub': btoa(textOf(io, 'cosign.pub')) },
  });
  delete io.env['COSIGN_PASSWORD'];
  expect((await runIn(io, 'sign', '--key', PLACE, '--tlog-upload=false', image)).exitCode).toBe(0);
  expect((await runIn(io, 'verify', '--key', PLACE, '--insecure-ignore-tlog', image)).exitCode).toBe(0);
  expect((await runIn(io, 'public-key', '--key', PLACE)).stdout).toBe(textOf(io, 'cosign.pub'));
});

it('what else a Secret holds is kept, and a key is replaced only when that is wanted', async () => {
  secrets.set('signing-secrets', {
    metadata: { name: 'signing-secrets', resourceVersion: '4' },
    data: { more: 'AAAA' },
  });
  expect((await runIn(io, 'generate-key-pair', PLACE)).exitCode).toBe(0);
  const held = secrets.get('signing-secrets');
  expect(held).toMatchObject({ metadata: { resourceVersion: '5' }, data: { more: 'AAAA' } });
  expect((await runIn(io, 'generate-key-pair', PLACE)).stderr).toContain('give --yes to replace');
  io.files.delete('cosign.pub');
  expect(await runIn(io, 'generate-key-pair', PLACE)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('has a key already'),
  });
  expect((await runIn(io, 'generate-key-pair', '--yes', PLACE)).stderr).toContain(
    'answers 422: the field is immutable',
  );
  expect(io.files.has('cosign.pub')).toBe(false);
});

it('in a cluster, the token of the service account is shown', async () => {
  delete io.env['SEALWRIGHT_KUBERNETES_URL'];
  Object.assign(io.env, { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' });
  expect((await runIn(io, 'public-key', '--key', PLACE)).stderr).toContain('kubectl proxy');
  put(io, '/var/run/secrets/kubernetes.io/serviceaccount/token', 'token\n');
  expect((await runIn(io, 'public-key', '--key', PLACE)).stderr).toContain('there is no such Secret');
  expect(asked).toEqual([{ path: `GET ${PATH}/signing-secrets`, token: 'Bearer token' }]);
});

it('public keys are those of files, too', async () => {
  await runIn(io, 'keygen');
  const pem = textOf(io, 'cosign.pub');
  expect((await runIn(io, 'public-key', '--key', 'cosign.key')).stdout).toBe(pem);
  expect((await runIn(io, 'public-key', '--key', 'cosign.pub')).stdout).toBe(pem);
  expect((await runIn(io, 'public-key', '--key', 'cosign.key', '--outfile', 'out.pub')).exitCode).toBe(0);
  expect(textOf(io, 'out.pub')).toBe(pem);
  const json = await runIn(io, 'public-key', '--key', 'cosign.key', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'ec-p256', publicKey: pem });
});

it.each([
  [['public-key'], 2, '--key is needed'],
  [['public-key', '--key', 'none'], 1, 'none: there is no such file'],
  [['public-key', '--key', 'awskms:///alias/x'], 2, 'awskms:// is not supported'],
  [['public-key', '--key', 'k8s://ns'], 1, 'k8s://namespace/name'],
  [['generate-key-pair', 'k8s://ns/name/more'], 1, 'k8s://namespace/name'],
  [['generate-key-pair', 'gitlab://project'], 2, 'not gitlab://project'],
])('%j is refused', async (args, exitCode, words) => {
  const ran = await runIn(io, ...args);
  expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(words) });
});
