/** The completion script for bash, 3.2 (macOS) and later. */

import { allOptions, argumentOffer, type Offer, spellings, valueOffer } from './words.js';
import type { CommandNode, OptionNode } from '../tree.js';

export function bashCompletion(tree: readonly CommandNode[]): string {
  const names = tree.map((node) => node.name);
  return `# bash completion for case-tracker: source this file, or put it where bash-completion looks.

_case_tracker_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_case_tracker_list() {
  local done=
  [[ $cur == *,* ]] && done=\${cur%,*},
  COMPREPLY=($(compgen -P "$done" -W "$1" -- "\${cur##*,}"))
}

_case_tracker_files() {
  local file
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$cur")
}

_case_tracker_at_files() {
  local file
  [[ $cur == @* ]] || return 0
  while IFS= read -r file; do COMPREPLY+=("@$file"); done < <(compgen -f -- "\${cur#@}")
}

_case_tracker() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= i
  COMPREPLY=()
  # --flag=value comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = && COMP_CWORD -gt 1 ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')})
        command=\${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  case $command in
${tree.map((node) => commandCase(node.name, allOptions(node), argumentOffer(node))).join('\n')}
${commandCase('*', allOptions(), { kind: 'words', words: names })}
  esac
}

complete -F _case_tracker case-tracker
`;
}

function commandCase(pattern: string, options: readonly OptionNode[], argument: Offer): string {
  return `    ${pattern})
      case $prev in
${valueCases(options)}
      esac
      if [[ $cur == -* ]]; then
        _case_tracker_words "${options.flatMap(spellings).join(' ')}"
      else
        ${offerLine(argument)}
      fi
      ;;`;
}

function valueCases(options: readonly OptionNode[]): string {
  const flagsByLine = new Map<string, string[]>();
  for (const option of options) {
    const offer = valueOffer(option);
    if (offer === undefined) continue;
    const line = offerLine(offer);
    flagsByLine.set(line, [...(flagsByLine.get(line) ?? []), ...spellings(option)]);
  }
  return [...flagsByLine]
    .map(([line, flags]) => `        ${flags.join('|')})\n          ${line}\n          return\n          ;;`)
    .join('\n');
}

function offerLine(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `_case_tracker_words "${offer.words.join(' ')}"`;
    case 'list':
      return `_case_tracker_list "${offer.words.join(' ')}"`;
    case 'files':
      return '_case_tracker_files';
    case 'at-files':
      return '_case_tracker_at_files';
    case 'nothing':
      return ':';
  }
}
