import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { importPrivateKey, type Jwk, type PrivateKey, sign } from '@sealwright/crypto';
import { isJsonObject, parseJson } from '@sealwright/json';
import { parseResourcePath, parseResourceUri } from '@sealwright/kbs-protocol';
import { dangerouslySealUnsigned, sealSecret, type VaultPayload } from '@sealwright/sealed-secret';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE, failureOf } from '../failure.js';
import type { Io } from '../io.js';

interface SealFlags {
  readonly resource?: string;
  readonly from?: readonly string[];
  readonly secretName?: string;
  readonly namespace?: string;
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
    .option('--secret-name <name>', 'name of the Kubernetes Secret (default: signing-secrets)')
    .option('--namespace <name>', 'its namespace (default: tekton-chains)')
    .option('--signing-jwk, --signing-jwk-path <file>', 'private JWK of P-256 that signs')
    .option('--signing-kid <kid>', 'where a guest finds the public JWK')
    .option('--dangerously-unsigned', 'the unsigned form of old deployments')
    .action(async (options: SealFlags) => {
      if ((options.resource === undefined) === (options.from === undefined)) {
        throw new CommandError('give either --resource, or --from once or more');
      }
      const { secretName = 'signing-secrets', namespace = 'tekton-chains' } = options;
      if (options.resource !== undefined && (options.secretName ?? options.namespace) !== undefined)
        throw new CommandError('--secret-name and --namespace are for --from: one sealed text has neither');
      for (const name of [secretName, namespace]) {
        if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
          throw new CommandError(`${JSON.stringify(name)} is no name for Kubernetes`);
      }
      const sealer = await sealerOf(io, options);
      if (options.resource !== undefined) {
        const sealed = await sealer(options.resource);
        print(io, options.json, { sealed }, `${sealed}\n`);
        return;
      }
      const files = new Map<string, string>();
      for (const each of options.from ?? []) {
        const [name, uri] = splitOnce(each);
        if (files.has(name)) throw new CommandError(`--from names ${name} twice`);
        files.set(name, encodeBase64(encodeUtf8(await sealer(uri))));
      }
      const data = Object.fromEntries(files);
      const metadata = { name: secretName, namespace };
      const manifest = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', immutable: true, data };
      print(io, options.json, manifest, yamlOf(manifest));
    });
}

async function sealerOf(io: Io, options: SealFlags): Promise<(uri: string) => Promise<string>> {
  const { signingJwkPath, signingKid } = options;
  if (options.dangerouslyUnsigned === true && (signingJwkPath ?? signingKid) !== undefined)
    throw new CommandError('--dangerously-unsigned is without --signing-jwk-path and --signing-kid');
  if (options.dangerouslyUnsigned === true)
    return async (uri) => dangerouslySealUnsigned(await payloadOf(uri));
  if (signingJwkPath === undefined || signingKid === undefined) {
    throw new CommandError(
      '--signing-jwk-path and --signing-kid are needed: make a key with sealwright secret keygen',
    );
  }
  const key = await signingKey(io, signingJwkPath);
  return async (uri) =>
    sealSecret(await payloadOf(uri), {
      kid: signingKid,
      sign: (bytes) => sign(key, bytes, { encoding: 'raw' }),
    });
}

async function signingKey(io: Io, path: string): Promise<PrivateKey> {
  const bytes = await io.readFile(path);
  const jwk = await about(path, () => parseJson(decodeUtf8(bytes)));
  if (!isJsonObject(jwk) || typeof jwk['d'] !== 'string')
    throw new CommandError(`${path} is not a private JWK`, 'ERR_CLI_KEY', EXIT_FAILURE);
  const key = await about(path, () => importPrivateKey(jwk as unknown as Jwk)); // it checks each member
  if (key.kind !== 'ec-p256')
    throw new CommandError(
      `${path} is a key of ${key.kind}: sealing takes ec-p256`,
      'ERR_CLI_KEY',
      EXIT_FAILURE,
    );
  return key;
}

async function payloadOf(uri: string): Promise<VaultPayload> {
  if (/^kbs:\/\/[^/]/.test(uri)) {
    throw new CommandError(
      `${uri} takes its first part for a host: did you mean ${uri.replace('://', ':///')}?`,
    );
  }
  try {
    const { plugin, path } = parseResourceUri(uri);
    if (plugin === 'resource') parseResourcePath(path.join('/'));
  } catch (error) {
    throw new CommandError(`${JSON.stringify(uri)}: ${(await failureOf(error)).message}`);
  }
  return { type: 'vault', name: uri, provider: 'kbs', providerSettings: {}, annotations: {} };
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(name) || name === '.' || name === '..')
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
