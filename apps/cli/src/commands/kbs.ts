import { decodeUtf8, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { importPrivateKey, sign } from '@sealwright/crypto';
import { formatResourcePath, parseResourcePath, parseWireError } from '@sealwright/kbs-protocol';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import { guestClient, urlOf, writeValue } from '../guest.js';
import type { Io } from '../io.js';

interface AdminFlags {
  readonly url: string;
  readonly authPrivateKey?: string;
  readonly authIssuer?: string;
  readonly authRole: string;
  readonly adminTokenFile?: string;
  readonly json?: boolean;
}

/** `kbs set-resource`: store a secret. */
export function setResource(io: Io): Command {
  return adminFlags(
    command('set-resource', 'Store a secret in a key broker.', [
      'sealwright kbs set-resource --url http://127.0.0.1:8080 --auth-private-key admin.pem --auth-issuer me \\',
      '    --path default/cosign-secrets/cosign.key --resource-file cosign.key',
    ]),
  )
    .requiredOption('--path <path>', 'repository/type/tag')
    .requiredOption('--resource-file <file>', 'the value; - is standard input')
    .action(async (options: AdminFlags & { path: string; resourceFile: string }) => {
      const path = pathOf(options.path);
      await ask(io, options, 'POST', `resource/${path}`, await io.readFile(options.resourceFile));
      print(io, options.json, { path }, `stored ${path}\n`);
    });
}

/** `kbs delete-resource`: remove a secret. */
export function deleteResource(io: Io): Command {
  return adminFlags(
    command('delete-resource', 'Delete a secret of a key broker.', [
      'sealwright kbs delete-resource --url http://127.0.0.1:8080 --auth-private-key admin.pem --auth-issuer me --path default/key/1',
    ]),
  )
    .requiredOption('--path <path>', 'repository/type/tag')
    .action(async (options: AdminFlags & { path: string }) => {
      const path = pathOf(options.path);
      await ask(io, options, 'DELETE', `resource/${path}`);
      print(io, options.json, { path }, `deleted ${path}\n`);
    });
}

/** `kbs get-resource`: fetch a secret as a guest does. */
export function getResource(io: Io): Command {
  return command('get-resource', 'Fetch a secret with the evidence of the sample TEE, as a guest does.', [
    'sealwright kbs get-resource --url http://127.0.0.1:8080 --path default/key/1 --output key',
  ])
    .requiredOption('--url <url>', 'the key broker')
    .requiredOption('--path <path>', 'repository/type/tag')
    .option('--init-data <file>', 'init-data to attest with')
    .option('--output <file>', 'write the value here, mode 0600, instead of standard output')
    .action(
      async (options: { url: string; path: string; initData?: string; output?: string; json?: boolean }) => {
        const path = pathOf(options.path);
        const value = await (await guestClient(io, options.url, options.initData)).getResource(path);
        if (options.json !== true) return writeValue(io, value, options.output);
        if (options.output === undefined)
          return print(io, true, { path, value: Buffer.from(value).toString('base64') }, '');
        await writeValue(io, value, options.output);
        return print(io, true, { path, output: options.output }, '');
      },
    );
}

/** `kbs set-resource-policy`: say who gets what. */
export function setResourcePolicy(io: Io): Command {
  return adminFlags(
    command('set-resource-policy', 'Say who gets which secrets. The file goes to the key broker as it is.', [
      'sealwright kbs set-resource-policy --url http://127.0.0.1:8080 --auth-private-key admin.pem --auth-issuer me --policy-file policy.json',
    ]),
  )
    .requiredOption('--policy-file <file>', 'the policy; - is standard input')
    .action(async (options: AdminFlags & { policyFile: string }) => {
      const policy = encodeBase64url(await io.readFile(options.policyFile));
      await ask(io, options, 'POST', 'resource-policy', encodeUtf8(JSON.stringify({ policy })));
      print(io, options.json, { policyFile: options.policyFile }, 'the policy is in force\n');
    });
}

/** `kbs get-resource-policy`: which policies there are. */
export function getResourcePolicy(io: Io): Command {
  return adminFlags(
    command('get-resource-policy', 'Names of the policies that the key broker holds.', [
      'sealwright kbs get-resource-policy --url http://127.0.0.1:8080 --auth-private-key admin.pem --auth-issuer me',
    ]),
  ).action(async (options: AdminFlags) => {
    const names = JSON.parse(await ask(io, options, 'GET', 'resource-policy')) as readonly string[];
    print(io, options.json, { policies: names }, names.map((name) => `${name}\n`).join(''));
  });
}

function adminFlags(to: Command): Command {
  return to
    .requiredOption('--url <url>', 'the key broker')
    .option(
      '--auth-private-key <file>',
      "the administrator's private key, in PEM: a token is made for this request",
    )
    .option('--auth-issuer <name>', 'who the key broker knows that key by')
    .option('--auth-role <name>', "the administrator's role", 'admin')
    .option('--admin-token-file <file>', 'a token that somebody else made, instead of a key');
}

async function ask(
  io: Io,
  flags: AdminFlags,
  method: string,
  path: string,
  body?: Uint8Array,
): Promise<string> {
  const url = urlOf(flags.url);
  const headers = { authorization: `Bearer ${await tokenOf(io, flags)}` };
  const init = {
    method,
    headers,
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  };
  const response = await fetch(`${url}/kbs/v0/${path}`, init).catch(() => {
    throw new CommandError(
      `${url} cannot be reached: is the key broker running?`,
      'ERR_KBS_NETWORK',
      EXIT_FAILURE,
    );
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new CommandError(
    `the key broker answered ${response.status}: ${reasonOf(text)}`,
    'ERR_KBS_REFUSED',
    EXIT_FAILURE,
  );
}

async function tokenOf(io: Io, flags: AdminFlags): Promise<string> {
  if (flags.adminTokenFile !== undefined) return decodeUtf8(await io.readFile(flags.adminTokenFile)).trim();
  if (flags.authPrivateKey === undefined || flags.authIssuer === undefined) {
    throw new CommandError(
      'an administrator needs --auth-private-key with --auth-issuer, or --admin-token-file',
    );
  }
  const key = await importPrivateKey(decodeUtf8(await io.readFile(flags.authPrivateKey)));
  const alg = ALGORITHMS.get(key.kind);
  if (alg === undefined)
    throw new CommandError(`a token cannot be signed with a key of the kind ${key.kind} yet`);
  const part = (value: object): string => encodeBase64url(encodeUtf8(JSON.stringify(value)));
  const exp = Math.floor(io.now() / 1000) + 300;
  const signed = `${part({ alg, typ: 'JWT' })}.${part({ iss: flags.authIssuer, role: flags.authRole, exp })}`;
  const signature = await sign(key, encodeUtf8(signed), key.kind === 'ed25519' ? {} : { encoding: 'raw' });
  return `${signed}.${encodeBase64url(signature)}`;
}

function pathOf(text: string): string {
  return formatResourcePath(parseResourcePath(text));
}

function reasonOf(body: string): string {
  try {
    const { name, detail } = parseWireError(body);
    return `${name}: ${detail}`;
  } catch {
    return body.slice(0, 200);
  }
}

const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['ed25519', 'EdDSA'],
  ['ec-p256', 'ES256'],
  ['ec-p384', 'ES384'],
  ['ec-p521', 'ES512'],
]);
