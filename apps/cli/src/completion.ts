import type { Command, Option } from 'commander';

/** A shell that completes command lines. */
export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** What may follow a command. */
export interface Completion {
  /** The words of the command, without the program; none for the program itself. */
  readonly path: readonly string[];
  /** The commands below it. */
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** Its flags. */
  readonly flags: readonly {
    readonly name: string;
    readonly summary: string;
    readonly takesValue: boolean;
  }[];
}

/**
 * What may follow each command.
 *
 * @param root - the program, with the code of all commands
 */
export function completionsOf(root: Command): readonly Completion[] {
  return below(root, []);
}

function below(root: Command, path: readonly string[]): readonly Completion[] {
  const own: Completion = {
    path,
    commands: root.commands.flatMap((each) =>
      [each.name(), ...each.aliases()].map((name) => ({ name, summary: each.description() })),
    ),
    flags: [
      ...root.options.filter(({ hidden }) => !hidden).flatMap(flagOf),
      { name: '--help', summary: 'show help', takesValue: false },
    ],
  };
  const deeper = root.commands.flatMap((each) =>
    [each.name(), ...each.aliases()].flatMap((name) => below(each, [...path, name])),
  );
  return [own, ...deeper];
}

function flagOf({ long, description, required, optional }: Option): Completion['flags'] {
  if (long === null || long === undefined) return [];
  return [{ name: long, summary: description, takesValue: required || optional }];
}

/**
 * The script of a shell.
 *
 * @param shell - which
 * @param completions - of every command
 */
export function completionScript(shell: Shell, completions: readonly Completion[]): string {
  return SCRIPTS[shell](completions);
}

function bash(completions: readonly Completion[]): string {
  return `# completion of sealwright for bash
_sealwright() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${pathsOf(completions)}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${wordsOf(completions)}
  esac
  COMPREPLY=()
  while IFS='' read -r i; do COMPREPLY+=("$i"); done < <(compgen -W "$words" -- "$cur")
}
complete -o default -F _sealwright sealwright
`;
}

function zsh(completions: readonly Completion[]): string {
  return `#compdef sealwright
# completion of sealwright for zsh
_sealwright() {
  local seen='' all='' i
  for ((i = 2; i < CURRENT; i++)); do
    case "$seen \${words[i]}" in
      ${pathsOf(completions)}) seen="$seen \${words[i]}" ;;
    esac
  done
  case "$seen" in
${wordsOf(completions).replaceAll("words='", "all='")}
  esac
  compadd -- \${(s: :)all}
  _files
}
if [ "$funcstack[1]" = _sealwright ]; then _sealwright "$@"; else compdef _sealwright sealwright; fi
`;
}

function fish(completions: readonly Completion[]): string {
  const lines = completions.flatMap(({ path, commands, flags }) => {
    const at = `-n ${quoted(`__sealwright_at ${quotedFish(path.join(' '))}`)}`;
    return [
      ...commands.map(
        ({ name, summary }) => `complete -c sealwright -f ${at} -a ${name} -d ${quoted(summary)}`,
      ),
      ...flags.map(
        ({ name, summary, takesValue }) =>
          `complete -c sealwright ${at} -l ${name.slice(2)}${takesValue ? ' -r' : ''} -d ${quoted(summary)}`,
      ),
    ];
  });
  const paths = completions.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  return `# completion of sealwright for fish
set -g __sealwright_paths ${paths.join(' ')}
function __sealwright_at
  set -l path
  for word in (commandline -opc)[2..-1]
    set -l longer (string join ' ' $path $word)
    contains -- "$longer" $__sealwright_paths; and set path $path $word
  end
  test (string join ' ' $path) = "$argv"
end
${lines.join('\n')}
`;
}

function powershell(completions: readonly Completion[]): string {
  const rows = completions.map(({ path, commands, flags }) => {
    const names = [...commands, ...flags].map(({ name }) => `'${name}'`).join(', ');
    return `    '${path.join(' ')}' = @(${names})`;
  });
  return `# completion of sealwright for PowerShell
Register-ArgumentCompleter -Native -CommandName sealwright -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $known = @{
${rows.join('\n')}
  }
  $path = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $longer = "$path $element".Trim()
    if ($known.ContainsKey($longer)) { $path = $longer }
  }
  $known[$path] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

/** Patterns of paths, each word after a space. */
function pathsOf(completions: readonly Completion[]): string {
  const paths = completions.filter(({ path }) => path.length > 0);
  return paths.map(({ path }) => `' ${path.join(' ')}'`).join(' | ');
}

function wordsOf(completions: readonly Completion[]): string {
  return completions
    .map(({ path, commands, flags }) => {
      const words = [...commands, ...flags].map(({ name }) => name).join(' ');
      return `    '${path.map((word) => ` ${word}`).join('')}') words='${words}' ;;`;
    })
    .join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}

function quotedFish(text: string): string {
  return `"${text}"`;
}

const SCRIPTS: Readonly<Record<Shell, (completions: readonly Completion[]) => string>> = {
  bash,
  zsh,
  fish,
  powershell,
};
