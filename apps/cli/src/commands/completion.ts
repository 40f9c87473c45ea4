import type { Command } from 'commander';
import { command, print } from '../command.js';
import type { Shell } from '../completion.js';
import { CommandError } from '../failure.js';
import type { Io } from '../io.js';

/** `completion`: what lets a shell complete command lines. */
export function completion(io: Io): Command {
  return command(
    'completion <shell>',
    'Print a script that lets a shell complete command lines of sealwright.',
    [
      'source <(sealwright completion bash)',
      'sealwright completion zsh > "${fpath[1]}/_sealwright"',
      'sealwright completion fish > ~/.config/fish/completions/sealwright.fish',
      'sealwright completion powershell | Out-String | Invoke-Expression',
    ],
  ).action(async (shell: Shell, options: { readonly json?: boolean }) => {
    if (!SHELLS.includes(shell))
      throw new CommandError(`the shell is one of ${SHELLS.join(', ')}, not ${JSON.stringify(shell)}`);
    const { program } = await import('../program.js');
    const { completionScript, completionsOf } = await import('../completion.js');
    const root = await program(io);
    const script = completionScript(shell, completionsOf(root));
    print(io, options.json, { shell, script }, script);
  });
}

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish', 'powershell'];
