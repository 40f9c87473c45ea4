import { type Command, Option } from 'commander';
import { CommandError } from './failure.js';

/**
 * Let a command know flags of cosign that it cannot honour yet, so that it refuses them by name.
 *
 * @param to - the command
 * @param names - of flags that take a value
 * @param switches - of flags that take none
 */
export function notYet(to: Command, names: readonly string[], switches: readonly string[] = []): Command {
  for (const name of names) to.addOption(new Option(`--${name} <value>`).hideHelp());
  for (const name of switches) to.addOption(new Option(`--${name}`).hideHelp());
  return to.hook('preAction', (_outer, inner) => {
    const given = [...names, ...switches].find((name) => inner.getOptionValueSource(camel(name)) === 'cli');
    if (given !== undefined) throw new CommandError(`--${given} is not supported yet`);
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
 * Write boolean flags as `--name` and `--no-name`: cosign also takes `--name=true` and `--name=false`.
 *
 * @param args - of the program
 */
export function plainBooleans(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  if (end >= 0) return [...plainBooleans(args.slice(0, end)), ...args.slice(end)];
  return args.flatMap((arg) => {
    const [, name = '', value = ''] =
      /^--([a-z0-9-]+)=(true|false|1|0|t|f|True|False|TRUE|FALSE)$/.exec(arg) ?? [];
    if (!BOOLEANS.has(name)) return [arg];
    if (/^(?:1|t)/i.test(value)) return [`--${name}`];
    return NEGATABLE.has(name) ? [`--no-${name}`] : [];
  });
}

/**
 * Read `-a name=value`, given any number of times.
 *
 * @param value - this one
 * @param before - those before it
 */
export function annotation(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = value.indexOf('=');
  if (at < 1) throw new CommandError('an annotation is name=value');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

function camel(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

const NEGATABLE: ReadonlySet<string> = new Set([
  'check-claims',
  'tlog-upload',
  'new-bundle-format',
  'use-signing-config',
  'upload',
  'offline',
]);
const BOOLEANS: ReadonlySet<string> = new Set([
  ...NEGATABLE,
  'insecure-ignore-tlog',
  'insecure-ignore-sct',
  'allow-http-registry',
  'allow-insecure-registry',
  'use-signed-timestamps',
  'local-image',
  'allow-certificate-chain',
  'k8s-keychain',
  'experimental-oci11',
  'private-infrastructure',
  'recursive',
  'sk',
  'yes',
  'replace',
  'force',
  'json',
  'no-upload',
  'insecure-skip-verify',
  'issue-certificate',
  'oidc-disable-ambient-providers',
  'record-creation-timestamp',
  'base-image-only',
  'sig-only',
  'staging',
]);
