import { decodeUtf8, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { type JsonValue, parseJson } from '@sealwright/json';
import { formatResourcePath, parseResourcePath } from '@sealwright/kbs-protocol';
import type { Command } from 'commander';
import { adminFlags, type AdminFlags, ask } from '../administrator.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import { giveValue, guestClient, type GuestFlags, guestFlags } from '../guest.js';
import type { Io } from '../io.js';

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
  const flags = command(
    'get-resource',
    'Fetch a secret as a guest does: with the evidence of the sample TEE, or with a token.',
    [
      'sealwright kbs get-resource --url http://127.0.0.1:8080 --path default/key/1 --output key',
      'sealwright kbs get-resource --url http://127.0.0.1:8080 --path default/key/1 --token-file token --tee-key-file tee.pem',
    ],
  )
    .requiredOption('--url <url>', 'the key broker')
    .requiredOption('--path <path>', 'repository/type/tag');
  return guestFlags(flags).action(
    async (options: GuestFlags & { url: string; path: string; output?: string; json?: boolean }) => {
      const path = pathOf(options.path);
      const value = await (await guestClient(io, options.url, options)).getResource(path);
      await giveValue(io, value, options, { path });
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
      const bytes = await io.readFile(options.policyFile);
      await about(options.policyFile, () => decodeUtf8(bytes)); // else the key broker refuses it
      const body = encodeUtf8(JSON.stringify({ policy: encodeBase64url(bytes) }));
      await ask(io, options, 'POST', 'resource-policy', body, 'application/json');
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
    const names = namesIn(await ask(io, options, 'GET', 'resource-policy'));
    print(io, options.json, { policies: names }, names.map((name) => `${name}\n`).join(''));
  });
}

function namesIn(answer: string): readonly string[] {
  const names = parsed(answer);
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new CommandError('the key broker answered no list of names', 'ERR_KBS_RESPONSE', EXIT_FAILURE);
}

function parsed(answer: string): JsonValue | undefined {
  try {
    return parseJson(answer);
  } catch {
    return undefined;
  }
}

function pathOf(text: string): string {
  try {
    return formatResourcePath(parseResourcePath(text));
  } catch {
    throw new CommandError(`--path is repository/type/tag, not ${JSON.stringify(text)}`);
  }
}
