import {
  CosignError,
  createBundleVerifier,
  parseBundle,
  parseTrustedRoot,
  type SigstoreBundle,
  type TrustedRoot,
  type VerificationPolicy,
  type VerifiedBundle,
} from '@sealwright/cosign-sig';
import {
  encodeEnvelope,
  type VerifiedPayload,
  type Verifier,
  verifierFromKey,
  verifyEnvelope,
} from '@sealwright/in-toto';
import { certificateIdentity, keyIdentities, type SignerIdentity } from '@sealwright/slsa';
import type { Command } from 'commander';
import { statementsIn } from './attestations.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { publicKeyOf } from './keys.js';

/** The flags that say by whom a statement must be signed. */
export interface SignerFlags {
  readonly key?: string;
  readonly trustedRoot?: string;
}

/** A statement whose signature holds. */
export interface SignedStatement {
  /** The bytes that were signed. */
  readonly payload: VerifiedPayload;
  /** Who signed. */
  readonly signers: readonly SignerIdentity[];
}

/**
 * Add the flags that say by whom a statement must be signed.
 *
 * @param to - the command
 */
export function signerFlags(to: Command): Command {
  return to
    .option('--key <key>', 'the public key that signed: a file, env://NAME or https://…')
    .option('--trusted-root <file>', 'trusted_root.json: for Sigstore bundles with a certificate');
}

/**
 * The verifier of `--key`; `undefined` without it.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function keyVerifier(io: Io, { key, trustedRoot }: SignerFlags): Promise<Verifier | undefined> {
  if ((key === undefined) === (trustedRoot === undefined))
    throw new CommandError(
      'give --key for a signature with a key, or --trusted-root for a bundle with a certificate',
    );
  return key === undefined ? undefined : verifierFromKey(await publicKeyOf(io, key));
}

/**
 * The statements of a file, each with a signature that holds: by the key, or by a certificate under the trusted root. Who may have
 * signed is not judged here, who did is told.
 *
 * @param io - the world
 * @param file - with envelopes or bundles
 * @param flags - of the command line
 * @throws {@link CommandError}, and what the packages throw
 */
export async function verifiedStatements(
  io: Io,
  file: string,
  flags: SignerFlags,
): Promise<readonly SignedStatement[]> {
  const verifier = await keyVerifier(io, flags);
  const root = flags.trustedRoot === undefined ? undefined : await trustedRootOf(io, flags.trustedRoot);
  const bytes = await io.readFile(file);
  return about(file, () =>
    Promise.all(
      statementsIn(bytes).map(async ({ envelope, form, source }) => {
        if (envelope === undefined)
          throw new CommandError(
            'a bare statement is not signed by anybody',
            'ERR_CLI_UNSIGNED',
            EXIT_FAILURE,
          );
        if (verifier !== undefined) {
          const payload = await verifyEnvelope(encodeEnvelope(envelope), { verifiers: [verifier] });
          return { payload, signers: keyIdentities(payload) };
        }
        if (root === undefined || form !== 'bundle')
          throw new CommandError(
            'an envelope alone does not prove when it was signed: give the Sigstore bundle',
            'ERR_CLI_UNSIGNED',
            EXIT_FAILURE,
          );
        return certified(source, root);
      }),
    ),
  );
}

/**
 * The statement of a Sigstore bundle whose certificate, time and log entries hold under a trusted root.
 *
 * @param source - the bundle
 * @param root - whom to believe
 * @throws {@link CommandError}, {@link @sealwright/cosign-sig#CosignError}
 */
export async function certified(source: string, root: TrustedRoot): Promise<SignedStatement> {
  // who it was is judged against the trust list, and what it is about against the digests
  const { bundle, key, certificate } = await verifiedBundle(source, root, {
    dangerouslyAcceptAnyIdentity: true,
  });
  if (bundle.content.kind !== 'dsse' || key === undefined || certificate === undefined)
    throw new CommandError('this bundle has no certificate: give --key', 'ERR_CLI_UNSIGNED', EXIT_FAILURE);
  const envelope = encodeEnvelope(bundle.content.envelope);
  const payload = await verifyEnvelope(envelope, { verifiers: [verifierFromKey(key)] });
  return {
    payload,
    signers: certificate.names.map(({ value }) => certificateIdentity(value, certificate.extensions)),
  };
}

/**
 * Verify a bundle, whatever it is about. Exit codes of cosign are for what cosign does.
 *
 * @param source - the bundle
 * @param root - whom to believe
 * @param policy - who may have signed
 * @throws {@link CommandError} with the code of the refusal
 */
export async function verifiedBundle(
  source: string,
  root: TrustedRoot,
  policy: VerificationPolicy,
): Promise<VerifiedBundle & { readonly bundle: SigstoreBundle }> {
  try {
    const bundle = parseBundle(source);
    const asked = { ...policy, dangerouslySkipArtifact: true };
    return { ...(await createBundleVerifier(root).verify(bundle, undefined, asked)), bundle };
  } catch (error) {
    if (!(error instanceof CosignError)) throw error;
    throw new CommandError(error.message, error.code, EXIT_FAILURE);
  }
}

/**
 * The trusted root of `--trusted-root`.
 *
 * @param io - the world
 * @param file - its name
 */
export async function trustedRootOf(io: Io, file: string): Promise<TrustedRoot> {
  const bytes = await io.readFile(file);
  return about(file, () => parseTrustedRoot(bytes));
}
