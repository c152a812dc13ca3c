/** The completion script for fish 3. */

import { allOptions, argumentOffer, type Offer, valueOffer } from './words.js';
import type { CommandNode, OptionNode } from '../tree.js';

export function fishCompletion(tree: readonly CommandNode[]): string {
  return `# fish completion for case-tracker

function __case_tracker_command
    for word in (commandline -opc)[2..-1]
        if contains -- $word ${tree.map((node) => node.name).join(' ')}
            echo $word
            return
        end
    end
end

function __case_tracker_in
    set -l command (__case_tracker_command)
    test "$argv[1]" = "$command"
end

function __case_tracker_at_files
    string match -q '@*' -- (commandline -ct)
    and printf '@%s\\n' (__fish_complete_path (string sub -s 2 -- (commandline -ct)) | string split -f 1 \\t)
end

complete -c case-tracker -f
${tree.map(commandLine).join('\n')}
${optionLines('""', allOptions()).join('\n')}
${tree.flatMap(linesOf).join('\n')}
`;
}

function commandLine(node: CommandNode): string {
  return `complete -c case-tracker -n '__case_tracker_in ""' -a ${node.name} -d ${quote(node.summary)}`;
}

function linesOf(node: CommandNode): readonly string[] {
  const argument = argumentPart(argumentOffer(node));
  const first = argument === '' ? [] : [`${startOf(node.name)} ${argument}`];
  return [...first, ...optionLines(node.name, allOptions(node))];
}

function optionLines(command: string, options: readonly OptionNode[]): readonly string[] {
  return options.map((option) => `${startOf(command)} ${optionPart(option)} -d ${quote(option.help)}`);
}

function startOf(command: string): string {
  return `complete -c case-tracker -n '__case_tracker_in ${command}'`;
}

function optionPart(option: OptionNode): string {
  const names = `${option.short === undefined ? '' : `-s ${option.short} `}-l ${option.flag}`;
  const offer = valueOffer(option);
  if (offer === undefined) return names;
  const argument = argumentPart(offer);
  return offer.kind === 'files' ? `${names} -r ${argument}` : `${names} -x ${argument}`.trimEnd();
}

function argumentPart(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `-a ${quote(offer.words.join(' '))}`;
    case 'list':
      return `-a ${quote(`(__fish_append , ${offer.words.join(' ')})`)}`;
    case 'files':
      return '-F';
    case 'at-files':
      return `-a '(__case_tracker_at_files)'`;
    case 'nothing':
      return '';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
