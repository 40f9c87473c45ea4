/**
 * Policies in CUE, judged by the program `cue`.
 *
 * @module
 */
import type { CueAnswer } from '@sealwright/cosign-sig/policy';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io, ProgramOutcome } from '../io.js';
import { printable } from '../printable.js';
import { cueModule, type CuePolicy, policyPath } from './cue-module.js';

/** Says whether a document (JSON) unifies with policies. */
export type CueJudge = (policies: readonly CuePolicy[], document: string) => Promise<CueAnswer>;

/**
 * Find `cue`, and learn which version of the language it speaks.
 *
 * @param io - the world
 * @throws {@link CommandError} `ERR_CLI_CUE` where it is missing or too old.
 */
export async function cueJudge(io: Io): Promise<CueJudge> {
  const { stdout } = await ask(io, ['version'], {});
  const [, language, minor] = LANGUAGE.exec(stdout) ?? [];
  if (language === undefined || (language.startsWith('v0.') && Number(minor) < OLDEST))
    throw refuse(`policies in CUE need v0.${OLDEST} of cue or newer, found ${language ?? 'no version'}`);
  return async (policies, document) => {
    const files = cueModule(policies, document, language);
    const { status, stdout, stderr } = await ask(
      io,
      ['export', '--out', 'json', '-e', 'verdict', '.'],
      files,
    );
    if (status === 0 && stdout === 'true\n') return { unifies: true, reason: '' };
    const vetted = await ask(io, ['vet', '--all-errors', './policy', 'document.json'], files);
    const reason = reasonIn(vetted.stderr, policies) || reasonIn(stderr, policies);
    return { unifies: false, reason: reason || 'cue did not say that it unifies' };
  };
}

/** Modules are not fetched, and nothing is read or left outside of the folder. */
async function ask(
  io: Io,
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<Extract<ProgramOutcome, { ended: 'itself' }>> {
  const outcome = await io.run({
    program: 'cue',
    args,
    files,
    env: { CUE_REGISTRY: 'none' },
    milliseconds: MAX_MILLISECONDS,
    maxBytes: MAX_OUTPUT,
  });
  switch (outcome.ended) {
    case 'itself':
      return outcome;
    case 'missing':
      throw refuse(
        `policies in CUE need the program cue: install v0.${OLDEST} or newer from https://cuelang.org, so that it is on the PATH`,
      );
    case 'time':
      throw refuse(`cue took more than ${MAX_MILLISECONDS / 1000} seconds`);
    case 'output':
      throw refuse(`cue wrote more than ${MAX_OUTPUT} bytes`);
  }
}

/** What cue complains of, in one line, with the names that the user knows. */
function reasonIn(stderr: string, policies: readonly CuePolicy[]): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^\.\/(?:judge\.cue|document\.json):/.test(line))
    .map((line) => line.replace(/^(\.\/policy\/\d+\.cue:\d+):\d+$/, '$1'))
    .map((line) =>
      policies.reduce((text, { file }, index) => text.replaceAll(`./${policyPath(index)}`, () => file), line),
    );
  return printable(lines.join(' ').slice(0, MAX_REASON));
}

function refuse(message: string): CommandError {
  return new CommandError(message, 'ERR_CLI_CUE', EXIT_FAILURE);
}

/** In what `cue version` says, now and in older versions. */
const LANGUAGE = /(?:CUE language version|cue\.lang\.version)[ \t]+(v\d+\.(\d+)\.\d+(?:-[\w.]+)?)$/m;
const OLDEST = 11;
const MAX_MILLISECONDS = 30_000;
const MAX_OUTPUT = 1 << 20;
const MAX_REASON = 1024;
