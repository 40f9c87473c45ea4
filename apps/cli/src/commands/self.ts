import { type Command, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { command, print } from '../command.js';
import type { Io } from '../io.js';

/** `version`: of this program, as `cosign version`. */
export function version(io: Io): Command {
  return command('version', 'Print the version.', ['sealwright version', 'sealwright version --json']).action(
    (options: { readonly json?: boolean }) => {
      const said = {
        gitVersion: `v${manifest.version}`,
        nodeVersion: process.version,
        platform: `${process.platform}/${process.arch}`,
      };
      const text = `GitVersion:    ${said.gitVersion}\nNodeVersion:   ${said.nodeVersion}\nPlatform:      ${said.platform}\n`;
      print(io, options.json, said, text);
    },
  );
}

/** `env`: which variables are listened to, as `cosign env`. */
export function env(io: Io): Command {
  return command('env', 'Print the environment variables that are listened to.', [
    'sealwright env',
    'sealwright env --show-descriptions=false',
  ])
    .addOption(new Option('--show-descriptions').default(true).hideHelp())
    .option('--no-show-descriptions', 'only names and values')
    .option('--show-sensitive-values', 'secrets too, in the clear')
    .action((options: EnvironmentFlags) => {
      const said = VARIABLES.map(({ name, what, expects, isSecret }) => {
        const held = io.env[name] ?? '';
        const value =
          isSecret === true && held !== '' && options.showSensitiveValues !== true ? '******' : held;
        return { name, value, description: what, expects };
      });
      const lines = said.map(({ name, value, description, expects }) =>
        options.showDescriptions
          ? `# ${name} ${description}\n# Expects: ${expects}\n${name}=${value}\n`
          : `${name}=${value}\n`,
      );
      print(io, options.json, { variables: said }, lines.join(''));
    });
}

interface EnvironmentFlags {
  readonly showDescriptions: boolean;
  readonly showSensitiveValues?: boolean;
  readonly json?: boolean;
}

/** Every variable that is read, in the order of names. */
const VARIABLES: readonly {
  readonly name: string;
  readonly what: string;
  readonly expects: string;
  readonly isSecret?: true;
}[] = [
  {
    name: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    what: 'asks GitHub Actions for an identity token',
    expects: 'a bearer token',
    isSecret: true,
  },
  {
    name: 'ACTIONS_ID_TOKEN_REQUEST_URL',
    what: 'is where GitHub Actions gives identity tokens',
    expects: 'a URL',
  },
  {
    name: 'COSIGN_PASSWORD',
    what: 'is the password of private keys',
    expects: 'a password; without it, it is asked for',
    isSecret: true,
  },
  {
    name: 'COSIGN_REPOSITORY',
    what: 'is where signatures are, instead of beside the image',
    expects: 'a repository',
  },
  { name: 'DOCKER_CONFIG', what: 'has the credentials of docker login', expects: 'a folder (~/.docker)' },
  {
    name: 'HOME',
    what: 'has .docker and .sigstore, where nothing else says where they are',
    expects: 'a folder',
  },
  {
    name: 'NODE_EXTRA_CA_CERTS',
    what: 'has authorities of one’s own for TLS; Node reads it',
    expects: 'a file with certificates in PEM',
  },
  {
    name: 'OCICRYPT_KEYPROVIDER_CONFIG',
    what: 'says what runs for the key providers of encrypted images',
    expects: 'a file',
  },
  { name: 'REGISTRY_AUTH_FILE', what: 'has the credentials of registries, and alone', expects: 'a file' },
  { name: 'REKOR_REKOR_SERVER', what: 'is the log of `rekor`, as for rekor-cli', expects: 'a URL' },
  {
    name: 'SEALWRIGHT_KUBERNETES_URL',
    what: 'is the Kubernetes of k8s:// keys, outside of a cluster',
    expects: 'a URL, such as that of kubectl proxy',
  },
  {
    name: 'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE',
    what: 'is the certificate log to trust',
    expects: 'a file with a public key in PEM',
  },
  {
    name: 'SIGSTORE_ID_TOKEN',
    what: 'says who signs without a key',
    expects: 'an identity token',
    isSecret: true,
  },
  {
    name: 'SIGSTORE_REKOR_PUBLIC_KEY',
    what: 'is the transparency log to trust',
    expects: 'a file with a public key in PEM',
  },
  {
    name: 'SIGSTORE_ROOT_FILE',
    what: 'is the authority to trust that certifies',
    expects: 'a file with certificates in PEM',
  },
  {
    name: 'SIGSTORE_TSA_CERTIFICATE_FILE',
    what: 'is the authority to trust that stamps',
    expects: 'a file with certificates in PEM',
  },
  { name: 'TUF_MIRROR', what: 'is where initialize fetches from', expects: 'a URL' },
  {
    name: 'TUF_ROOT',
    what: 'is where initialize keeps what it fetched',
    expects: 'a folder (~/.sigstore/root)',
  },
  {
    name: 'XDG_RUNTIME_DIR',
    what: 'has the credentials of podman login, in containers/auth.json',
    expects: 'a folder',
  },
];
