import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase64, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import {
  exportPublicPem,
  generateKeyPair,
  importPrivateKey,
  sign,
  type PrivateKey,
} from '@sealwright/crypto';
import { createKbsClient, type Attester, type KbsClient } from '@sealwright/kbs-protocol';
import { createLog, listen } from '@sealwright/service';
import { onTestFinished } from 'vitest';
import { buildKbs, MAX_HEADER_BYTES } from '../src/build.js';
import { parseConfig } from '../src/config/parse.js';
import { mustBeSound, mustBeSupported } from '../src/config/supported.js';

/** The sample TEE's evidence, which proves nothing. */
export const sampleAttester: Attester = {
  tee: 'sample',
  evidence: async (reportData) => ({ svn: '1', report_data: encodeBase64(reportData) }),
};

/** Reference values under which the sample TEE is affirming. */
export const AFFIRMING_SAMPLE = `
[sealwright.reference_values]
svn = ["1"]
launch_digest = ["abcde"]
major_version = 1
minimum_minor_version = 4
`;

export interface Broker {
  readonly url: string;
  /** Log lines so far. */
  readonly lines: LogLine[];
  readonly clock: { now: number };
  /** The `Authorization` header of an administrator. */
  readonly admin: Readonly<Record<string, string>>;
  client(options?: Partial<Parameters<typeof createKbsClient>[0]>): KbsClient;
  put(path: string, value: string | Uint8Array): Promise<Response>;
  uploadPolicy(text: string): Promise<Response>;
  stop(): Promise<void>;
}

export interface LogLine {
  readonly event: string;
  readonly [name: string]: unknown;
}

export interface BrokerOptions {
  /** Where the files are; a fresh folder, removed afterwards, unless given. */
  readonly folder?: string;
  /** The policy until one is uploaded. Default `allow_all`. */
  readonly policy?: string;
  /** More of `[sealwright]` and tables after it. */
  readonly more?: string;
  /** Gives so many random bytes, for challenges and session ids. */
  readonly random?: (length: number) => Uint8Array;
  /** In place of the tables before `[sealwright]`. */
  readonly base?: string;
}

const adminKeys = new Map<string, PrivateKey>();

/** A whole key broker on a loopback port, with one administrator. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const folder = options.folder ?? temporaryFolder();
  const key = adminKeys.get(folder) ?? (await generateKeyPair('ed25519'));
  adminKeys.set(folder, key);
  writeFileSync(join(folder, 'admin.pub.pem'), exportPublicPem(key.publicKey));
  const clock = { now: 1_787_000_000_000 };
  const lines: LogLine[] = [];
  const parsed = parseConfig(configText(folder, options), 'kbs-config.toml');
  mustBeSound(parsed);
  const log = createLog('kbs', {
    level: 'debug',
    write: (line) => void lines.push(JSON.parse(line) as LogLine),
  });
  const kbs = await buildKbs(mustBeSupported(parsed), {
    log,
    now: () => clock.now,
    ...(options.random === undefined ? {} : { random: options.random }),
  });
  const server = await listen(
    kbs.handler,
    { host: '127.0.0.1', port: 0 },
    { maxHeaderBytes: MAX_HEADER_BYTES },
  );
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= server.close().then(() => kbs.close()));
  onTestFinished(stop);
  const admin = { authorization: `Bearer ${await adminToken(key, clock.now)}` };
  const { url } = server;
  return {
    url,
    lines,
    clock,
    admin,
    stop,
    client: (more = {}) =>
      createKbsClient({
        url,
        attester: sampleAttester,
        sleep: async () => {},
        handshakeAttempts: 1,
        ...more,
      }),
    put: (path, body) =>
      fetch(`${url}/kbs/v0/resource/${path}`, { method: 'POST', headers: admin, body: bodyOf(body) }),
    uploadPolicy: (text) =>
      fetch(`${url}/kbs/v0/resource-policy`, {
        method: 'POST',
        headers: admin,
        body: JSON.stringify({ policy: encodeBase64url(encodeUtf8(text)) }),
      }),
  };
}

export function configText(folder: string, options: BrokerOptions = {}): string {
  const base =
    options.base ??
    `[http_server]
insecure_http = true
payload_request_size = 1

[attestation_service]
type = "coco_as_builtin"

[admin]
authorization_mode = "AuthenticatedAuthorization"
[admin.authentication.bearer_jwt]
identity_providers = [{ issuer = "test", public_key_uri = ${JSON.stringify(join(folder, 'admin.pub.pem'))} }]
[admin.authorization.regex_acl]
acls = [{ role = "admin", allowed_endpoints = "^/kbs/.+$" }]

[[plugins]]
name = "resource"
`;
  return `${base}
[sealwright]
database = ${JSON.stringify(join(folder, 'kbs.sqlite'))}
resource_policy = ${JSON.stringify(options.policy ?? 'allow_all')}
${options.more ?? ''}
`;
}

/** A folder that goes when the test does. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sealwright-kbs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A token of the test's identity provider. */
export async function adminToken(
  key: PrivateKey | string,
  now: number,
  claims: object = {},
): Promise<string> {
  const signer = typeof key === 'string' ? await importPrivateKey(key) : key;
  const exp = Math.floor(now / 1000) + 86_400 * 365;
  const payload = { iss: 'test', sub: 'tester', role: 'admin', exp, ...claims };
  const signed = [{ typ: 'JWT', alg: 'EdDSA' }, payload]
    .map((part) => encodeBase64url(encodeUtf8(JSON.stringify(part))))
    .join('.');
  return `${signed}.${encodeBase64url(await sign(signer, encodeUtf8(signed)))}`;
}

/** Status, name and detail of a refusal. */
export async function refusalOf(
  response: Response,
): Promise<{ status: number; name: string; detail: string }> {
  const body = (await response.json()) as { type: string; detail: string };
  return {
    status: response.status,
    name: body.type.slice(body.type.lastIndexOf('/') + 1),
    detail: body.detail,
  };
}

function bodyOf(value: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
  return typeof value === 'string' ? value : new Uint8Array(value);
}
