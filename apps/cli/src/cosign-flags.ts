import { type Command, Option } from 'commander';
import { commaList } from './collect.js';
import { CommandError } from './failure.js';
import type { Io } from './io.js';

/**
 * Let a command know flags of cosign that it refuses, so that it says by name what to do instead.
 *
 * @param to - the command
 * @param flags - as commander writes them
 */
export function refuse(to: Command, flags: readonly (keyof typeof REFUSED)[]): Command {
  const refused = flags.map((flag) => ({ option: new Option(flag).hideHelp(), reason: REFUSED[flag] }));
  for (const { option } of refused) to.addOption(option);
  return to.hook('preAction', (_outer, inner) => {
    const given = refused.find(({ option }) => {
      const name = option.attributeName();
      return inner.getOptionValueSource(name) === 'cli' && inner.getOptionValue(name) !== '';
    });
    if (given !== undefined)
      throw new CommandError(`${given.option.long ?? ''} is not supported: ${given.reason}`);
  });
}

/**
 * Let a command know a flag of cosign that changes nothing here, but does there: whoever gives it is told.
 *
 * @param io - the world
 * @param to - the command
 * @param flag - a switch
 */
export function warnOf(io: Io, to: Command, flag: string): Command {
  const option = new Option(flag).hideHelp();
  return to.addOption(option).hook('preAction', (_outer, inner) => {
    if (inner.getOptionValue(option.attributeName()) === true)
      io.err(`Warning: ${flag} changes nothing here\n`);
  });
}

/**
 * Let a command know flags of cosign that change nothing here.
 *
 * @param to - the command
 * @param flags - as commander writes them
 */
export function withoutEffect(to: Command, flags: readonly string[]): Command {
  for (const flag of flags) to.addOption(new Option(flag).hideHelp());
  return to;
}

/**
 * Add `--check-claims` and `--no-check-claims`.
 *
 * @param to - the command
 * @param off - what is not compared then
 */
export function checkingClaims(to: Command, off: string): Command {
  return to.addOption(new Option('--check-claims').default(true).hideHelp()).option('--no-check-claims', off);
}

/**
 * Write `-key` as `--key`: cosign still takes the names of flags with one dash.
 *
 * @param args - of the program
 * @param commands - that they are for
 */
export function twoDashes(args: readonly string[], commands: readonly Command[]): string[] {
  const end = args.indexOf('--');
  if (end >= 0) return [...twoDashes(args.slice(0, end), commands), ...args.slice(end)];
  const names = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
  return args.map((arg) => {
    const [name = ''] = arg.split('=', 1);
    return /^-[a-zA-Z]./.test(name) && names.has(`-${name}`) ? `-${arg}` : arg;
  });
}

/**
 * Write boolean flags as `--name` and `--no-name`: cosign also takes `--name=true` and `--name=false`.
 *
 * @param args - of the program
 * @param commands - that they are for
 */
export function plainBooleans(args: readonly string[], commands: readonly Command[]): string[] {
  const end = args.indexOf('--');
  if (end >= 0) return [...plainBooleans(args.slice(0, end), commands), ...args.slice(end)];
  const options = commands.flatMap((each) => each.options);
  const takesValue = ({ required, optional }: Option): boolean => required || optional;
  const valued = new Set(options.filter(takesValue).map(({ long }) => long));
  const switches = new Set(options.filter((each) => !takesValue(each)).map(({ long }) => long));
  return args.flatMap((arg) => {
    const [, flag = '', value = ''] =
      /^(--[a-z0-9-]+)=(true|false|1|0|t|f|T|F|True|False|TRUE|FALSE)$/.exec(arg) ?? [];
    if (!switches.has(flag) || valued.has(flag)) return [arg];
    if (/^(?:1|t)/i.test(value)) return [flag];
    const opposite = flag.startsWith('--no-') ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`;
    return switches.has(opposite) ? [opposite] : [];
  });
}

/**
 * Read `-a name=value`, given any number of times, or once with commas between.
 *
 * @param value - this one
 * @param before - those before it
 */
export function annotation(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const read = commaList(value).map((each) => {
    const at = each.indexOf('=');
    if (at < 1)
      throw new CommandError(
        `an annotation is name=value, not ${JSON.stringify(each)}: a comma parts two, except in '"name=value"'`,
      );
    return [each.slice(0, at), each.slice(at + 1)] as const;
  });
  return { ...before, ...Object.fromEntries(read) };
}

const HARDWARE = 'keys in hardware are not reached from here: give --key';
const SHOWN = 'client certificates are shown to nobody: let a proxy do that';
const BY_FILE = 'what is in files is signed with sign-blob and verified with verify-blob';

/** Flags of cosign, and why they are not flags of ours. */
const REFUSED = {
  '--sk': HARDWARE,
  '--slot <name>': HARDWARE,
  '--kms <uri>':
    'keys are made as files, or with k8s://namespace/name as a Secret; make those of a KMS with its own tools',
  '--k8s-keychain':
    'credentials are what docker login left, or --registry-username and --registry-password, or --registry-token',
  '--registry-cacert <file>': 'set NODE_EXTRA_CA_CERTS to the file',
  '--registry-client-cert <file>': SHOWN,
  '--registry-client-key <file>': SHOWN,
  '--registry-server-name <name>': SHOWN,
  '--timestamp-client-cacert <file>': 'set NODE_EXTRA_CA_CERTS to the file',
  '--timestamp-client-cert <file>': SHOWN,
  '--timestamp-client-key <file>': SHOWN,
  '--timestamp-server-name <name>': SHOWN,
  '--attachment <name>': 'name its tag as the image: `sealwright triangulate --type sbom` tells it',
  '--registry-referrers-mode <mode>':
    'referrers and tags are both read; --new-bundle-format=false writes tags',
  '--with-default-rekor-v2': 'name the log with --rekor and --rekor-config',
  '--payload <file>': BY_FILE,
  '--signature <file>': BY_FILE,
  '--certificate <file>': BY_FILE,
  '--bundle <file>': BY_FILE,
  '--rfc3161-timestamp <file>': BY_FILE,
} as const;
