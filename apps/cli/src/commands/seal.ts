import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  exportPrivateJwk,
  generateKeyPair,
  importPrivateKey,
  type Jwk,
  type PrivateKey,
  sign,
} from '@sealwright/crypto';
import { isJsonObject, parseJson } from '@sealwright/json';
import { parseResourceUri } from '@sealwright/kbs-protocol';
import { dangerouslySealUnsigned, sealSecret, type VaultPayload } from '@sealwright/sealed-secret';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { CommandError } from '../failure.js';
import type { Io } from '../io.js';

/** `secret keygen`: a key pair that signs sealed secrets. */
export function secretKeygen(io: Io): Command {
  return command('keygen', 'Make the key pair that signs sealed secrets, as two JWKs.', [
    'sealwright secret keygen --kid sealing --output-dir keys',
  ])
    .option('--kid <kid>', 'name of the key, and of the two files', 'sealed-signing')
    .option('--output-dir <dir>', 'where the files go', '.')
    .action(async (options: { kid: string; outputDir: string; json?: boolean }) => {
      const key = await generateKeyPair('ec-p256');
      const { kty, crv, d, x, y } = await exportPrivateJwk(key);
      const common = { kty, crv, alg: 'ES256', use: 'sig', kid: options.kid };
      const [privateFile, publicFile] = ['private', 'public'].map(
        (half) => `${options.outputDir}/${options.kid}-${half}.json`,
      );
      await io.writeFile(privateFile ?? '', encodeUtf8(`${JSON.stringify({ ...common, d, x, y })}\n`), 0o600);
      await io.writeFile(publicFile ?? '', encodeUtf8(`${JSON.stringify({ ...common, x, y })}\n`), 0o644);
      print(
        io,
        options.json,
        { privateKey: privateFile, publicKey: publicFile },
        `${privateFile}\n${publicFile}\n`,
      );
    });
}

interface SealFlags {
  readonly resource?: string;
  readonly from?: readonly string[];
  readonly secretName: string;
  readonly namespace: string;
  readonly signingJwkPath?: string;
  readonly signingKid?: string;
  readonly dangerouslyUnsigned?: boolean;
  readonly json?: boolean;
}

/** `seal`: one sealed secret, or a Kubernetes Secret of them. */
export function seal(io: Io): Command {
  return command('seal', 'Write what stands in for a secret: a signed text that names where the value is.', [
    'sealwright seal --resource kbs:///default/db/password --signing-jwk-path sealing-private.json --signing-kid kbs:///default/sealing/public',
    'sealwright seal --from cosign.key=kbs:///default/cosign-secrets/cosign.key \\',
    '    --from cosign.password=kbs:///default/cosign-secrets/cosign.password \\',
    '    --signing-jwk-path sealing-private.json --signing-kid kbs:///default/sealing/public > signing-secrets.yaml',
  ])
    .option('--resource <uri>', 'where the value is: kbs:///repository/type/tag')
    .option(
      '--from <name=uri>',
      'a file of a Kubernetes Secret, more than once',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('--secret-name <name>', 'name of the Kubernetes Secret', 'signing-secrets')
    .option('--namespace <name>', 'its namespace', 'tekton-chains')
    .option('--signing-jwk-path <file>', 'private JWK of P-256 that signs')
    .option('--signing-kid <kid>', 'where a guest finds the public JWK')
    .option('--dangerously-unsigned', 'the unsigned form of old deployments')
    .action(async (options: SealFlags) => {
      if ((options.resource === undefined) === (options.from === undefined)) {
        throw new CommandError('give either --resource, or --from once or more');
      }
      const sealer = await sealerOf(io, options);
      if (options.resource !== undefined) {
        const sealed = await sealer(options.resource);
        print(io, options.json, { sealed }, `${sealed}\n`);
        return;
      }
      const data: Record<string, string> = {};
      for (const each of options.from ?? []) {
        const [name, uri] = splitOnce(each);
        data[name] = encodeBase64(encodeUtf8(await sealer(uri)));
      }
      const metadata = { name: options.secretName, namespace: options.namespace };
      const manifest = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', immutable: true, data };
      print(io, options.json, manifest, yamlOf(manifest));
    });
}

async function sealerOf(io: Io, options: SealFlags): Promise<(uri: string) => Promise<string>> {
  if (options.dangerouslyUnsigned === true) return async (uri) => dangerouslySealUnsigned(payloadOf(uri));
  const { signingJwkPath, signingKid } = options;
  if (signingJwkPath === undefined || signingKid === undefined) {
    throw new CommandError(
      '--signing-jwk-path and --signing-kid are needed: make a key with sealwright secret keygen',
    );
  }
  const key = await signingKey(io, signingJwkPath);
  return (uri) =>
    sealSecret(payloadOf(uri), { kid: signingKid, sign: (bytes) => sign(key, bytes, { encoding: 'raw' }) });
}

async function signingKey(io: Io, path: string): Promise<PrivateKey> {
  const jwk = parseJson(decodeUtf8(await io.readFile(path)));
  if (!isJsonObject(jwk) || typeof jwk['d'] !== 'string')
    throw new CommandError(`${path} is not a private JWK`);
  return importPrivateKey(jwk as unknown as Jwk); // the import checks each member
}

function payloadOf(uri: string): VaultPayload {
  parseResourceUri(uri);
  if (/^kbs:\/\/[^/]/.test(uri)) {
    throw new CommandError(
      `${uri} takes its first part for a host: did you mean ${uri.replace('://', ':///')}?`,
    );
  }
  return { type: 'vault', name: uri, provider: 'kbs', providerSettings: {}, annotations: {} };
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(name))
    throw new CommandError(`--from is name=uri, not ${JSON.stringify(text)}`);
  return [name, text.slice(at + 1)];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly type: string;
  readonly immutable: boolean;
  readonly data: Readonly<Record<string, string>>;
}

/** Names and base64 need no quotes; what a person wrote gets them. */
function yamlOf({ apiVersion, kind, metadata, type, immutable, data }: Manifest): string {
  const rows = (map: Readonly<Record<string, string>>): string =>
    Object.entries(map)
      .map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`)
      .join('');
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n${rows(metadata)}type: ${type}\nimmutable: ${immutable}\ndata:\n${rows(data)}`;
}
