/** The command line to an invocation, by commander. Nothing is run and nothing is written here. */

import { Command, type CommanderError, Option } from 'commander';
import type { CliValues } from '../config/given.js';
import { type CommandName } from '../config/settings/index.js';
import {
  COMMAND_TREE,
  type CommandNode,
  GLOBAL_OPTIONS,
  HELP_FLAGS,
  type OptionNode,
  optionsOf,
  PROGRAM,
} from './tree.js';
import { missingValue, usageErrorOf } from './usage-errors.js';

/** What the user asked for. */
export type Invocation =
  | { readonly kind: 'run'; readonly command: CommandName; readonly values: CliValues }
  | { readonly kind: 'help'; readonly command: CommandName | undefined; readonly full: boolean }
  | { readonly kind: 'version' };

/** The value of an option as commander keeps it. */
type Text = string | readonly string[];

/** Thrown from within commander's parsing when help or version is asked for: it wins over all flags that come after. */
class HelpRequested extends Error {
  readonly invocation: Invocation;

  constructor(invocation: Invocation) {
    super('help requested');
    this.invocation = invocation;
  }
}

/** Throws a UsageError. */
export function parseArguments(argv: readonly string[]): Invocation {
  let parsed: Invocation = { kind: 'help', command: undefined, full: false };
  const program = buildProgram(argv, (invocation) => (parsed = invocation));
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof HelpRequested)) throw error;
    return error.invocation;
  }
  return parsed;
}

function buildProgram(argv: readonly string[], found: (invocation: Invocation) => void): Command {
  const program = quietCommand(new Command(PROGRAM.name), undefined);
  program.enablePositionalOptions().helpCommand(false);
  addHelpFlags(program, undefined);
  for (const option of GLOBAL_OPTIONS) addOption(program, option);
  for (const node of COMMAND_TREE) {
    const command = quietCommand(program.command(node.name), node);
    // Only the command that is on the line needs its flags: to declare all of them takes time.
    if (!argv.includes(node.name)) continue;
    if (node.usage !== '') command.argument(commanderArgument(node));
    addHelpFlags(command, node.name);
    for (const option of optionsOf(node)) addOption(command, option);
    command.action(() => found({ kind: 'run', command: node.name, values: valuesOf(program, command, node) }));
  }
  return program;
}

function quietCommand(command: Command, node: CommandNode | undefined): Command {
  const ended = (error: CommanderError): never => {
    // Only flags, or nothing at all.
    if (error.code === 'commander.help') throw new HelpRequested({ kind: 'help', command: undefined, full: false });
    throw usageErrorOf(error, node, command.args);
  };
  return command
    .exitOverride(ended)
    .helpOption(false)
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
}

function commanderArgument({ argument }: CommandNode): string {
  const word = `${argument?.key ?? ''}${argument?.repeatable ? '...' : ''}`;
  return argument?.required ? `<${word}>` : `[${word}]`;
}

function addHelpFlags(command: Command, name: CommandName | undefined): void {
  for (const { flags, name: flag } of HELP_FLAGS) {
    command.addOption(new Option(flags));
    command.on(`option:${flag}`, () => {
      throw new HelpRequested(
        flag === 'version' ? { kind: 'version' } : { kind: 'help', command: name, full: flag === 'help' },
      );
    });
  }
}

// No option has a default here: "not given" must survive until the configuration is merged.
function addOption(command: Command, node: OptionNode): void {
  const short = node.short === undefined ? '' : `-${node.short}, `;
  const value = node.placeholder === '' ? '' : ' <value>';
  const option = new Option(`${short}--${node.flag}${value}`);
  if (node.placeholder !== '') option.argParser(collector(command, node));
  // The name of a switch can begin with `no-`: it is no other switch turned off.
  option.negate = false;
  command.addOption(option);
  if (node.placeholder === '' && node.environment !== undefined && !node.flag.startsWith('no-'))
    command.addOption(new Option(`--no-${node.flag}`));
}

// Commander's types do not say that there is no earlier value the first time.
function collector(command: Command, node: OptionNode): (text: string, earlier: Text | undefined) => Text | undefined {
  return (text, earlier = []) => {
    if (isFlag(command, text)) throw missingValue(node);
    return node.repeatable ? [earlier, text].flat() : text;
  };
}

// `-o --resume` is a forgotten value, not a file of that name.
function isFlag(command: Command, text: string): boolean {
  return text.startsWith('--') && command.options.some((option) => option.long === text);
}

function valuesOf(program: Command, command: Command, { argument }: CommandNode): CliValues {
  const values: Record<string, string | boolean | readonly string[]> = { ...program.opts(), ...command.opts() };
  if (argument === undefined || command.args.length === 0) return values;
  return { ...values, [argument.key]: command.args };
}
