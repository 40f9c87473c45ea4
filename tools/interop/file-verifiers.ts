import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import type { Cosign } from './components.js';
import { runTool } from './servers.js';

/** What is asked of a bundle. */
export interface FileQuestion {
  readonly bundle: string;
  readonly file: string;
  readonly identity: string;
  readonly issuer: string;
  /** Predicate type, where the bundle is an attestation. */
  readonly type?: string;
}

/** Whoever can say whether a bundle holds. */
export interface FileVerifiers {
  readonly cosign: readonly Cosign[];
  /** sigstore-go's program. */
  readonly sigstoreGo: string | undefined;
  /** The trusted root. */
  readonly root: string;
}

/** Ask everybody. The answers are named, so that a failure says who disagrees. */
export async function askAll(
  { cosign, sigstoreGo, root }: FileVerifiers,
  { bundle, file, identity, issuer, type }: FileQuestion,
): Promise<Readonly<Record<string, boolean>>> {
  const words = ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer];
  const asked = ['--bundle', bundle, '--trusted-root', root, ...words, file];
  const ours = async (command: string): Promise<[string, boolean]> => {
    const { exitCode } = await runProgram(programOf('apps/cli'), [command, ...asked]);
    return [`sealwright ${command}`, exitCode === 0];
  };
  const verify = type === undefined ? ['verify-blob'] : ['verify-blob-attestation', '--type', type];
  const theirs = cosign.map(async (each): Promise<[string, boolean]> => {
    const told = each.major === 2 ? ['--use-signed-timestamps'] : []; // cosign 3 finds out by itself
    const { status } = await each.run([...verify, '--new-bundle-format', ...told, ...asked], '');
    return [`cosign ${each.major}`, status === 0];
  });
  const go = async (program: string): Promise<[string, boolean]> => {
    const flags = ['-trustedrootJSONpath', root, '-expectedSAN', identity, '-expectedIssuer', issuer];
    const { status } = await runTool(program, [...flags, '-artifact', file, bundle], { cwd: '/' });
    return ['sigstore-go', status === 0];
  };
  return Object.fromEntries(
    await Promise.all([
      ours('verify-blob'),
      ours('verify-bundle'),
      ...theirs,
      ...(sigstoreGo === undefined ? [] : [go(sigstoreGo)]),
    ]),
  );
}
