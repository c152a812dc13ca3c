/** The completion script for zsh: to be found in `fpath` as `_case-tracker`, or sourced. */

import { allOptions, argumentOffer, type Offer, spellings, valueOffer } from './words.js';
import type { CommandNode, OptionNode } from '../tree.js';

export function zshCompletion(tree: readonly CommandNode[]): string {
  return `#compdef case-tracker

_case-tracker_at_files() {
  compset -P @ && _files
}

_case-tracker() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands
  commands=(
${tree.map((node) => `    ${quote(`${node.name}:${escaped(node.summary)}`)}`).join('\n')}
  )
  _arguments -s -C \\
${specLines(allOptions().flatMap(optionSpecs), '    ')} \\
    '1: :->command' '*:: :->arguments'
  case $state in
    command)
      _describe -t commands 'case-tracker command' commands
      ;;
    arguments)
      case $words[1] in
${tree.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _case-tracker ]]; then
  _case-tracker "$@"
else
  compdef _case-tracker case-tracker
fi
`;
}

function commandCase(node: CommandNode): string {
  const specs = [...allOptions(node).flatMap(optionSpecs), ...argumentSpecs(node)];
  return `        ${node.name})
          _arguments -s \\
${specLines(specs, '            ')}
          ;;`;
}

function specLines(specs: readonly string[], indent: string): string {
  return specs.map((spec) => `${indent}${quote(spec)}`).join(' \\\n');
}

function optionSpecs(option: OptionNode): readonly string[] {
  const names = spellings(option);
  const excluded = option.repeatable ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  const offer = valueOffer(option);
  const about = `[${escaped(option.help)}]`;
  if (offer === undefined) return names.map((name) => `${excluded}${name}${about}`);
  const value = `:${escaped(option.placeholder)}:${action(offer)}`;
  return names.map((name) => `${excluded}${name}${name.startsWith('--') ? '=' : '+'}${about}${value}`);
}

function argumentSpecs(node: CommandNode): readonly string[] {
  if (node.argument === undefined) return [];
  const { argument } = node;
  return [`${argument.repeatable ? '*' : '1'}:${argument.setting.type.placeholder}:${action(argumentOffer(node))}`];
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.map(escaped).join(' ')})`;
    case 'list':
      return `_sequence compadd - ${offer.words.join(' ')}`;
    case 'files':
      return '_files';
    case 'at-files':
      return '_case-tracker_at_files';
    case 'nothing':
      return ' ';
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
