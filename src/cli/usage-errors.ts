/** What commander found wrong, in our words: one line, and a hint with the command or flag to use instead. */

import type { CommanderError } from 'commander';
import { caseFormByEnding } from '../text/file-endings.js';
import { shellQuote } from '../text/shell.js';
import { closest } from '../text/did-you-mean.js';
import { UsageError } from '../errors.js';
import { COMMAND_TREE, type CommandNode, type OptionNode, optionsOf, PROGRAM } from './tree.js';

/** `node` is the command that was being parsed, undefined before there is one. */
export function usageErrorOf(
  error: CommanderError,
  node: CommandNode | undefined,
  args: readonly string[],
): UsageError {
  const word = /'(.*)'/s.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownCommand':
      return unknownCommand(word);
    case 'commander.unknownOption':
      return unknownOption(word, node, args);
    case 'commander.optionMissingArgument':
      return missingValue(optionOf(word, node));
    case 'commander.missingArgument':
      return missingArgument(node);
    case 'commander.excessArguments':
      return tooMany(node, args);
    default:
      return new UsageError(error.message.replace(/^error: /, ''), { hint: helpHint(node) });
  }
}

export function missingValue(option: OptionNode | undefined): UsageError {
  if (option === undefined) return new UsageError('a flag has no value');
  return new UsageError(`--${option.flag} needs a value`, { hint: `--${option.flag} ${option.example}` });
}

function unknownCommand(word: string): UsageError {
  if (caseFormByEnding(word) !== undefined) {
    const hint = `case-tracker list ${shellQuote(word)}, or case-tracker enrich ${shellQuote(word)}`;
    return new UsageError(`${shellQuote(word)} is a file: name the command first`, { hint });
  }
  const names = COMMAND_TREE.map((node) => node.name);
  const near = closest(word, names);
  const hint = near === undefined ? `the commands are ${names.join(', ')}` : `did you mean case-tracker ${near}?`;
  return new UsageError(`unknown command ${shellQuote(word)}`, { hint });
}

function unknownOption(word: string, node: CommandNode | undefined, args: readonly string[]): UsageError {
  const [flag = word] = word.split('=', 1);
  if (node === undefined) return unknownGlobal(flag, args);
  if (node.name === 'list' && (flag === '--limit' || flag === '--concurrency')) return listLimit(word, args);
  const negated = optionsOf(node).find((option) => flag === `--no-${option.flag}`);
  if (negated !== undefined) return cannotNegate(flag, negated);
  const near = closestFlag(flag, [node]);
  if (near !== undefined)
    return new UsageError(`unknown option ${shellQuote(flag)}`, { hint: `did you mean ${near}?` });
  const owners = commandsWith(flag);
  if (owners.length === 0) return new UsageError(`unknown option ${shellQuote(flag)}`, { hint: helpHint(node) });
  return new UsageError(`${node.name} has no ${flag}`, {
    hint: `${flag} belongs to ${owners.join(', ')}; ${helpHint(node)}`,
  });
}

/** A setting with a value has no opposite: it may have a word for it, else what turned it on is passed over. */
function cannotNegate(written: string, { flag, choices }: OptionNode): UsageError {
  const word = choices.find((choice) => choice === 'never' || choice === 'none');
  const hint = word === undefined ? `--unset ${flag} brings back its default` : `did you mean --${flag} ${word}?`;
  return new UsageError(`unknown option ${shellQuote(written)}`, { hint });
}

/** `--limit` means calls in flight; with `list` the user probably wants `--first`. */
function listLimit(word: string, args: readonly string[]): UsageError {
  const [flag = word, attached] = word.split('=');
  const value = attached ?? args[args.indexOf(word) + 1] ?? '';
  const count = /^[1-9]\d*$/.test(value) ? value : '10';
  const hint = `--first ${count} shows the first ${count} cases`;
  return new UsageError(`list has no ${flag}: that is how many calls enrich has in flight`, { hint });
}

function unknownGlobal(flag: string, args: readonly string[]): UsageError {
  const owners = commandsWith(flag);
  const command = args.find((word) => COMMAND_TREE.some((node) => node.name === word)) ?? owners[0];
  if (owners.length > 0) {
    return new UsageError(`${flag} comes after the command`, { hint: `case-tracker ${command ?? ''} ${flag} …` });
  }
  const near = closestFlag(flag, COMMAND_TREE);
  const hint = near === undefined ? helpHint(undefined) : `did you mean ${near}?`;
  return new UsageError(`unknown option ${shellQuote(flag)}`, { hint });
}

function missingArgument(node: CommandNode | undefined): UsageError {
  const argument = node?.argument;
  const choices = argument?.setting.type.choices;
  const what = `${argument?.setting.type.placeholder ?? 'an argument'}${choices ? `: ${choices.join(', ')}` : ''}`;
  return new UsageError(`${node?.name ?? PROGRAM.name} needs ${what}`, {
    hint: (node?.examples ?? []).slice(0, 1).join(''),
  });
}

function tooMany(node: CommandNode | undefined, args: readonly string[]): UsageError {
  const extra = args.slice(node?.argument === undefined ? 0 : 1).map(shellQuote);
  const name = node?.name ?? PROGRAM.name;
  const taken = node?.argument === undefined ? 'no argument' : `one ${node.argument.setting.type.placeholder}`;
  return new UsageError(`${name} takes ${taken}: ${extra.join(' ')} is too many`, { hint: helpHint(node) });
}

function optionOf(flags: string, node: CommandNode | undefined): OptionNode | undefined {
  const nodes = node === undefined ? COMMAND_TREE : [node];
  return nodes.flatMap(optionsOf).find((option) => flags.split(/[ ,]+/).includes(`--${option.flag}`));
}

function commandsWith(flag: string): readonly string[] {
  return COMMAND_TREE.filter((node) => flagsOf(node).includes(flag)).map((node) => node.name);
}

function flagsOf(node: CommandNode): readonly string[] {
  return [...optionsOf(node).map((option) => `--${option.flag}`), '--help', '--version'];
}

// Without their dashes: two of them would make any two short flags alike.
function closestFlag(flag: string, nodes: readonly CommandNode[]): string | undefined {
  const near = closest(
    flag.replace(/^-+/, ''),
    nodes.flatMap(flagsOf).map((name) => name.slice(2)),
  );
  return near && `--${near}`;
}

function helpHint(node: CommandNode | undefined): string {
  return node === undefined ? 'case-tracker --help' : `case-tracker ${node.name} --help lists its flags`;
}
