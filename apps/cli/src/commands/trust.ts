import type { Command } from 'commander';
import { collect } from '../collect.js';
import { command } from '../command.js';
import { refuse } from '../cosign-flags.js';
import type { InitializeFlags } from '../initialize.js';
import type { Io } from '../io.js';
import type { SigningConfigFlags, TrustedRootFlags } from '../trust-files.js';

const many = collect((text: string) => text);

/** `initialize`: fetch what a Sigstore instance is trusted by, as `cosign initialize`. */
export function initialize(io: Io): Command {
  const flags = command(
    'initialize',
    'Fetch and verify what a Sigstore instance is trusted by, and keep it: sign and verify use it without a network.',
    [
      'sealwright initialize',
      'sealwright initialize --mirror https://tuf.example.com --root root.json',
      'sealwright initialize --mirror file:///mnt/tuf --root root.json',
      'sealwright initialize --mirror https://tuf.example.com --root https://tuf.example.com/1.root.json --root-checksum 3f0c…',
    ],
  );
  return flags
    .option(
      '--mirror <url>',
      'the repository, https:// or file://; also TUF_MIRROR (default: that of the public instance)',
    )
    .option(
      '--root <file>',
      'root metadata to begin with: a file, or an address with --root-checksum (default: the pinned keys of the public instance)',
    )
    .option('--root-checksum <hex>', 'SHA-256 of that root, or sha512: and its SHA-512')
    .option('--staging', 'the staging instance; needs --root')
    .addHelpText('after', '\nKept in TUF_ROOT, else in ~/.sigstore/root, in a folder sealwright of its own.')
    .action(async (options: InitializeFlags) => {
      const { initializeTrust } = await import('../initialize.js');
      await initializeTrust(io, options);
    });
}

/** `trusted-root create`: write a trusted root, as of cosign. */
export function trustedRootCreate(io: Io): Command {
  const flags = command('create', 'Write a trusted_root.json: which authorities and logs are believed.', [
    'sealwright trusted-root create --fulcio=url=https://fulcio.example.com,certificate-chain=fulcio.pem --rekor=url=https://rekor.example.com,public-key=rekor.pub,start-time=2024-01-01T00:00:00Z --out trusted_root.json',
  ]);
  withService(flags, 'fulcio', 'url, certificate-chain; start-time, end-time');
  withService(flags, 'tsa', 'url, certificate-chain; start-time, end-time');
  withService(flags, 'rekor', 'url, public-key, start-time; end-time, origin');
  withService(flags, 'ctfe', 'url, public-key, start-time; end-time, origin');
  return flags
    .option('--with-default-services', 'begin with what `sealwright initialize` fetched')
    .option('--no-default-fulcio', 'without its authorities')
    .option('--no-default-ctfe', 'without its certificate logs')
    .option('--no-default-tsa', 'without its timestamping authorities')
    .option('--no-default-rekor', 'without its logs')
    .option('--out <file>', 'where it goes (default: standard output)')
    .action(async (options: TrustedRootFlags) => {
      const { createTrustedRoot } = await import('../trust-files.js');
      await createTrustedRoot(io, options);
    });
}

/** `signing-config create`: write a signing config, as of cosign. */
export function signingConfigCreate(io: Io): Command {
  const flags = command('create', 'Write a signing_config.json: which services are asked.', [
    'sealwright signing-config create --fulcio=url=https://fulcio.example.com,api-version=1,start-time=2024-01-01T00:00:00Z,operator=example.com --rekor=url=https://rekor.example.com,api-version=1,start-time=2024-01-01T00:00:00Z,operator=example.com --rekor-config=ANY --out signing_config.json',
  ]);
  for (const name of ['fulcio', 'oidc-provider', 'rekor', 'tsa'])
    withService(flags, name, 'url, api-version, start-time, operator; end-time');
  return refuse(flags, ['--with-default-rekor-v2'])
    .option('--rekor-config <selector>', 'how many logs: ANY, ALL or EXACT:<count>; needed with --rekor')
    .option('--tsa-config <selector>', 'how many timestamps; needed with --tsa')
    .option('--base-config <file>', 'begin with this one')
    .option('--with-default-services', 'begin with what `sealwright initialize` fetched')
    .option('--no-default-fulcio', 'without its authorities')
    .option('--no-default-oidc', 'without its issuers')
    .option('--no-default-rekor', 'without its logs')
    .option('--no-default-tsa', 'without its timestamping authorities')
    .option('--out <file>', 'where it goes (default: standard output)')
    .action(async (options: SigningConfigFlags) => {
      const { createSigningConfig } = await import('../trust-files.js');
      await createSigningConfig(io, options);
    });
}

function withService(to: Command, name: string, members: string): void {
  to.option(`--${name} <specification>`, `name=value with commas, more than once: ${members}`, many);
}
