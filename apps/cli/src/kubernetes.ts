import { BytesError, decodeBase64, decodeUtf8 } from '@sealwright/bytes';
import { parseSecretReference, type SecretName } from '@sealwright/cosign-sig';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { bodyOf } from './body.js';

/** A Secret of Kubernetes. */
export interface KubernetesSecret {
  /** What it holds, base64. */
  readonly data: JsonObject;
  /** Its version, for a condition when it is written. */
  readonly version: string | undefined;
}

/**
 * Read the Secret of `k8s://namespace/name`.
 *
 * @param io - the world
 * @param reference - of the Secret
 * @returns `undefined` where there is none
 * @throws {@link CommandError}
 */
export async function readSecret(io: Io, reference: string): Promise<KubernetesSecret | undefined> {
  const place = parseSecretReference(reference);
  const response = await ask(io, reference, pathOf(place), { method: 'GET' });
  if (response.status === 404) return undefined;
  const json = await answerOf(reference, response);
  const { data, metadata } = json;
  const version = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
  return {
    data: isJsonObject(data) ? data : {},
    version: typeof version === 'string' ? version : undefined,
  };
}

/**
 * One member of the Secret of `k8s://namespace/name`.
 *
 * @param io - the world
 * @param reference - of the Secret
 * @param member - such as `cosign.pub`
 * @throws {@link CommandError}
 */
export async function secretMember(io: Io, reference: string, member: string): Promise<Uint8Array> {
  const secret = await readSecret(io, reference);
  if (secret === undefined) throw failed(reference, 'there is no such Secret');
  const value = secret.data[member];
  if (typeof value !== 'string') throw failed(reference, `the Secret has no ${member}`);
  try {
    return decodeBase64(value);
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
    throw failed(reference, `${member} in the Secret is no base64`);
  }
}

/**
 * Write a Secret: a new one, or over one that was read.
 *
 * @param io - the world
 * @param reference - of the Secret
 * @param object - as the interface of Kubernetes takes it
 * @param before - what was read
 * @throws {@link CommandError}
 */
export async function writeSecret(
  io: Io,
  reference: string,
  object: JsonObject,
  before: KubernetesSecret | undefined,
): Promise<void> {
  const place = parseSecretReference(reference);
  const { metadata } = object;
  const version = before?.version;
  const versioned =
    version === undefined || !isJsonObject(metadata)
      ? object
      : { ...object, metadata: { ...metadata, resourceVersion: version } };
  const path = before === undefined ? pathOf({ ...place, name: '' }).replace(/\/$/, '') : pathOf(place);
  const response = await ask(io, reference, path, {
    method: before === undefined ? 'POST' : 'PUT',
    body: JSON.stringify(versioned),
  });
  await answerOf(reference, response);
}

function pathOf({ namespace, name }: SecretName): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

async function ask(
  io: Io,
  reference: string,
  path: string,
  init: { readonly method: string; readonly body?: string },
): Promise<Response> {
  const { url, token } = await reachOf(io, reference);
  const headers = {
    accept: 'application/json',
    ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const signal = AbortSignal.timeout(30_000);
  return io.fetch(new Request(`${url}${path}`, { ...init, headers, signal, redirect: 'error' })).catch(() => {
    throw failed(
      reference,
      `Kubernetes at ${url} cannot be reached; in a cluster, NODE_EXTRA_CA_CERTS has to name ${CA_FILE}`,
    );
  });
}

/** Where Kubernetes is: what a variable says, else the cluster that this runs in. */
async function reachOf(
  io: Io,
  reference: string,
): Promise<{ readonly url: string; readonly token?: string }> {
  const url = (io.env['SEALWRIGHT_KUBERNETES_URL'] ?? '').replace(/\/+$/, '');
  if (url !== '') {
    if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return { url };
    throw new CommandError('SEALWRIGHT_KUBERNETES_URL is an address such as http://127.0.0.1:8001');
  }
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = io.env;
  if (host === '' || !(await io.exists(TOKEN_FILE)))
    throw new CommandError(
      `${reference}: this runs in no cluster: run \`kubectl proxy\` and set SEALWRIGHT_KUBERNETES_URL=http://127.0.0.1:8001`,
    );
  const token = decodeUtf8(await io.readFile(TOKEN_FILE)).trim();
  return { url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, token };
}

async function answerOf(reference: string, response: Response): Promise<JsonObject> {
  const bytes = await about(reference, () => bodyOf(response, MAX_ANSWER));
  const json = response.headers.get('content-type')?.includes('json') === true ? parseJson(bytes) : undefined;
  if (!response.ok) {
    const message = isJsonObject(json) && typeof json['message'] === 'string' ? `: ${json['message']}` : '';
    throw failed(reference, `Kubernetes answers ${response.status}${message.slice(0, 256)}`);
  }
  if (isJsonObject(json)) return json;
  throw failed(reference, 'Kubernetes does not answer with an object');
}

function failed(reference: string, reason: string): CommandError {
  return new CommandError(`${reference}: ${reason}`, 'ERR_CLI_KUBERNETES', EXIT_FAILURE);
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_FILE = `${ACCOUNT}/token`;
const CA_FILE = `${ACCOUNT}/ca.crt`;
const MAX_ANSWER = 4 << 20;
