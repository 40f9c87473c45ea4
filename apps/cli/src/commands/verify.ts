import { decodeUtf8 } from '@sealwright/bytes';
import { verifyImageSignatures } from '@sealwright/cosign-sig';
import { sshFingerprint } from '@sealwright/crypto';
import { type Command, Option } from 'commander';
import { annotation, checkingClaims, ignoringTlog, notYet, withoutEffect } from '../cosign-flags.js';
import { command, print, VERIFY_EXIT_CODES } from '../command.js';
import type { Io } from '../io.js';
import { publicKeyOf } from '../keys.js';
import { imageOf, placeOf, registryClient, registryFlags, type RegistryFlags } from '../registry.js';

interface VerifyFlags extends RegistryFlags {
  readonly key?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly checkClaims: boolean;
  readonly output: 'json' | 'text';
  readonly signatureDigestAlgorithm?: 'sha256' | 'sha384' | 'sha512';
  readonly json?: boolean;
}

/** `verify`: signatures of images, as `cosign verify --key`. */
export function verify(io: Io): Command {
  const flags = command('verify <image...>', 'Verify the signatures of images with a public key.', [
    'sealwright verify --key cosign.pub --insecure-ignore-tlog registry.example.com/shop/checkout:1.0',
    'sealwright verify --key env://COSIGN_PUBLIC_KEY --insecure-ignore-tlog -a env=prod registry.example.com/shop/checkout@sha256:…',
  ])
    .option('--key <key>', 'public key: a file, env://NAME or https://…')
    .option(
      '-a, --annotations <name=value>',
      'an annotation that the signature must carry, more than once',
      annotation,
    )
    .addOption(
      new Option('-o, --output <format>', 'how signatures are printed')
        .choices(['json', 'text'])
        .default('json'),
    )
    .addOption(
      new Option('--signature-digest-algorithm <name>', 'hash of the signature').choices([
        'sha256',
        'sha384',
        'sha512',
      ]),
    );
  checkingClaims(flags, 'do not compare the digest in the signature with that of the image');
  notYet(flags, ['signature']);
  return ignoringTlog(cosignVerifyFlags(registryFlags(flags))).action(
    async (images: string[], options: VerifyFlags) => {
      const key = await publicKeyOf(io, options.key);
      const registry = registryClient(io, options);
      const { repository, tagPrefix } = placeOf(io, options);
      const verified = [];
      for (const name of images) {
        const { digest, signatures } = await verifyImageSignatures(registry, await imageOf(name), {
          key,
          dangerouslySkipClaims: !options.checkClaims,
          ...(repository === undefined ? {} : { signatureRepository: repository }),
          ...(tagPrefix === undefined ? {} : { tagPrefix }),
          ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
          ...(options.signatureDigestAlgorithm === undefined
            ? {}
            : { hash: options.signatureDigestAlgorithm }),
        });
        const payloads = signatures.map(({ payload }) => decodeUtf8(payload));
        verified.push({
          image: name,
          digest,
          keyid: sshFingerprint(key),
          payloads: payloads.map((text): unknown => JSON.parse(text)),
        });
        if (options.json === true) continue;
        io.err(header(name, options));
        io.out(
          options.output === 'text'
            ? payloads.map((text) => `${text}\n`).join('')
            : `\n[${payloads.join(',')}]\n`,
        );
      }
      if (options.json === true) print(io, true, { verified }, '');
    },
  );
}

/**
 * What cosign says before what it verified.
 *
 * @param name - of the image
 * @param options - what was checked
 */
export function header(
  name: string,
  options: { readonly checkClaims: boolean; readonly annotations?: object },
): string {
  const checks = [
    ...(options.annotations === undefined ? [] : ['The specified annotations were verified.']),
    ...(options.checkClaims ? ['The cosign claims were validated'] : []),
    'The signatures were verified against the specified public key',
  ];
  const lines = checks.map((check) => `  - ${check}\n`).join('');
  return `\nVerification for ${name} --\nThe following checks were performed on each of these signatures:\n${lines}`;
}

/**
 * Flags that cosign's verifying commands share: those that change nothing, and those that are refused.
 *
 * @param to - the command
 */
export function cosignVerifyFlags(to: Command): Command {
  to.addHelpText('after', `Also, ${VERIFY_EXIT_CODES}`);
  withoutEffect(to, [
    '--new-bundle-format',
    '--no-new-bundle-format',
    '--offline',
    '--insecure-ignore-sct',
    '--max-workers <n>',
  ]);
  const values = [
    'certificate',
    'certificate-chain',
    'certificate-identity',
    'certificate-identity-regexp',
    'certificate-oidc-issuer',
    'certificate-oidc-issuer-regexp',
    'ca-roots',
    'ca-intermediates',
    'trusted-root',
    'rekor-url',
    'bundle',
    'policy',
    'payload',
    'sct',
    'slot',
    'timestamp-certificate-chain',
    'rfc3161-timestamp',
    'certificate-github-workflow-trigger',
    'certificate-github-workflow-sha',
    'certificate-github-workflow-name',
    'certificate-github-workflow-repository',
    'certificate-github-workflow-ref',
    'registry-cacert',
    'registry-client-cert',
    'registry-client-key',
    'registry-server-name',
    'registry-token',
    'registry-username',
    'registry-password',
  ];
  const switches = [
    'sk',
    'use-signed-timestamps',
    'local-image',
    'allow-certificate-chain',
    'k8s-keychain',
    'experimental-oci11',
    'private-infrastructure',
  ];
  return notYet(to, values, switches);
}
