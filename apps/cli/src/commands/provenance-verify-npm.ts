import { encodeHex } from '@sealwright/bytes';
import type { TrustedRoot } from '@sealwright/cosign-sig';
import { digest } from '@sealwright/crypto';
import { encodeEnvelope, type VerifiedPayload, verifierFromKey, verifyEnvelope } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { appraiseNpm, NPM_PUBLISH_V01, type NpmVerdict, provenanceOf } from '@sealwright/slsa';
import { npm } from '@sealwright/slsa/trust';
import type { Command } from 'commander';
import { checkLines, refusal, signerName } from '../checks.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { publicKeyOf } from '../keys.js';
import { printable } from '../printable.js';
import { type ExpectationFlags, expectationFlags, expectationsOf } from '../provenance-expectations.js';
import { certified, trustedRootOf, verifiedBundle } from '../verified-statements.js';

interface NpmFlags extends ExpectationFlags {
  readonly trustedRoot: string;
  readonly repository: string;
  readonly package: string;
  readonly tarball: string;
  readonly registryKey?: string;
  readonly json?: boolean;
}

/** `provenance verify-npm`: was this package built and published by a workflow of that repository? */
export function provenanceVerifyNpm(io: Io): Command {
  const flags = command(
    'verify-npm <attestations>',
    'Verify the provenance of an npm package, and that the registry published it.',
    [
      'sealwright provenance verify-npm --trusted-root trusted_root.json --registry-key npm.pem --repository https://github.com/example/shop --package @example/shop@1.2.0 --tarball shop-1.2.0.tgz attestations.json',
    ],
  )
    .requiredOption('--package <name@version>', 'the package')
    .requiredOption('--tarball <file>', 'the package as it was fetched')
    .requiredOption('--repository <url>', 'the repository whose workflows publish it')
    .requiredOption('--trusted-root <file>', 'trusted_root.json')
    .option(
      '--registry-key <key>',
      'the key that the registry attests with; without it only the workflow is asked',
    );
  return expectationFlags(flags).action(async (file: string, options: NpmFlags) => {
    const { name, version } = packageOf(options.package);
    const sha512 = encodeHex(digest('sha512', await io.readFile(options.tarball)));
    const root = await trustedRootOf(io, options.trustedRoot);
    const key = options.registryKey === undefined ? undefined : await publicKeyOf(io, options.registryKey);
    const registry = key === undefined ? undefined : verifierFromKey(key);
    const bytes = await io.readFile(file);
    const { digest: wanted, ...expect } = expectationsOf([`sha512:${sha512}`], options);
    const verdict = await about(file, async () => {
      const bundles = bundlesIn(bytes);
      const workflow = bundles.find(({ type }) => type !== NPM_PUBLISH_V01);
      const published = bundles.find(({ type }) => type === NPM_PUBLISH_V01);
      if (workflow === undefined)
        throw new CommandError('there is no provenance in it', 'ERR_CLI_NO_STATEMENT', EXIT_FAILURE);
      const { payload, signers } = await certified(workflow.source, root);
      const publish =
        registry === undefined || key === undefined || published === undefined
          ? undefined
          : await byRegistry(published.source, root, key);
      return appraiseNpm(
        { provenance: provenanceOf(payload, { signers }), ...(publish === undefined ? {} : { publish }) },
        {
          trust: npm({ repository: options.repository }),
          ...(registry === undefined ? {} : { registry: { keys: [registry.identity] } }),
          name,
          version,
          digest: `sha512:${sha512}`,
          expect,
        },
      );
    });
    const { provenance, checks, ok } = verdict;
    const { level, signer, view } = provenance;
    print(
      io,
      options.json,
      { ok, level: ok ? level : 0, signer, builderId: view.builderId, digest: wanted, checks },
      text(verdict),
    );
    if (!ok) throw refusal(file, checks);
  });
}

/** The registry's own word: signed with its key, and in the log. */
async function byRegistry(
  source: string,
  root: TrustedRoot,
  key: Parameters<typeof verifierFromKey>[0],
): Promise<VerifiedPayload> {
  const { bundle } = await verifiedBundle(source, root, { keys: [key] });
  if (bundle.content.kind !== 'dsse')
    throw new CommandError('the registry attests with an envelope', 'ERR_CLI_NO_STATEMENT', EXIT_FAILURE);
  return verifyEnvelope(encodeEnvelope(bundle.content.envelope), { verifiers: [verifierFromKey(key)] });
}

/** What the registry answers at `/-/npm/v1/attestations/…`. */
function bundlesIn(bytes: Uint8Array): readonly { readonly type: string; readonly source: string }[] {
  const document = parseJson(bytes);
  const list = isJsonObject(document) ? document['attestations'] : undefined;
  if (!Array.isArray(list))
    throw new CommandError(
      'expected what the registry answers: attestations',
      'ERR_CLI_NO_STATEMENT',
      EXIT_FAILURE,
    );
  return list.filter(isBundled).map(({ predicateType, bundle }) => ({
    type: typeof predicateType === 'string' ? predicateType : '',
    source: JSON.stringify(bundle),
  }));
}

function isBundled(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && 'bundle' in value;
}

function packageOf(text: string): { readonly name: string; readonly version: string } {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1)
    throw new CommandError(`--package is name@version, not ${JSON.stringify(text)}`);
  return { name: text.slice(0, at), version: text.slice(at + 1) };
}

function text({ ok, provenance, checks }: NpmVerdict): string {
  const head = [
    ok ? `accepted: SLSA build level ${provenance.level}` : 'not accepted',
    `signer   ${signerName(provenance.signer)}`,
    `builder  ${provenance.view.builderId}`,
  ];
  return `${head.map((line) => `${printable(line)}\n`).join('')}${checkLines(checks)}`;
}
