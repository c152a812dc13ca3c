/** Help as text, made of the command tree: `-h` is one screen, `--help` has everything. */

import type { CommandName } from '../config/settings/index.js';
import { wrap } from '../text/wrap.js';
import {
  COMMAND_TREE,
  type CommandNode,
  GLOBAL_OPTIONS,
  HELP_FLAGS,
  nodeOf,
  type OptionNode,
  optionsOf,
  PROGRAM,
} from './tree.js';

const DEFAULT_WIDTH = 80;
const WIDEST = 100;
const NARROWEST = 40;
const LONGEST_TERM = 28;
const LEAST_TEXT = 20;

type Row = readonly [term: string, description: string];

/** Help of a command, or of the program; `columns` is the terminal's width. */
export function helpText(command: CommandName | undefined, full: boolean, columns?: number): string {
  const width = Math.max(NARROWEST, Math.min(columns ?? DEFAULT_WIDTH, WIDEST));
  const node = command === undefined ? undefined : nodeOf(command);
  const sections = node === undefined ? programSections(full) : commandSections(node, full);
  return `${sections.map((section) => section(width)).join('\n\n')}\n`;
}

type Section = (width: number) => string;

function programSections(full: boolean): readonly Section[] {
  const commands = COMMAND_TREE.map((node): Row => [`${node.name} ${node.usage}`.trim(), node.summary]);
  return [
    paragraph(PROGRAM.summary),
    examples(PROGRAM.examples),
    paragraph(PROGRAM.note),
    table('Commands', commands),
    ...(full ? [table('Flags of every command', [...GLOBAL_OPTIONS.map(optionRow), ...helpRows()])] : []),
    paragraph(
      `case-tracker COMMAND -h shows its most used flags, --help all.${full ? '' : ' case-tracker --help: more.'}`,
    ),
  ];
}

function commandSections(node: CommandNode, full: boolean): readonly Section[] {
  return [
    paragraph(`${node.summary}.`),
    examples(node.examples),
    table('Usage', [[`case-tracker ${node.name} [FLAG...] ${node.usage}`.trim(), '']]),
    ...(node.note === undefined ? [] : [paragraph(node.note)]),
    ...(full ? allFlags(node) : commonFlags(node)),
  ];
}

function allFlags(node: CommandNode): readonly Section[] {
  const { argument } = node;
  const groups = node.groups.map((group) => table(group.title, group.options.map(optionRow)));
  return [
    ...(argument === undefined ? [] : [table('Argument', [[node.usage, argument.help]])]),
    ...groups,
    table('Help', helpRows()),
    paragraph(
      'A flag without a value is turned off again with --no-FLAG. Every flag can also be set in the environment or in ' +
        'case-tracker.config.json: case-tracker help environment.',
    ),
  ];
}

function commonFlags(node: CommandNode): readonly Section[] {
  const common = optionsOf(node).filter((option) => option.common);
  const more = paragraph(`case-tracker ${node.name} --help has all flags.`);
  return common.length === 0 ? [more] : [table('Flags', common.map(briefRow)), more];
}

function optionRow(option: OptionNode): Row {
  return [optionTerm(option), withDefault(option, option.help)];
}

/** A row with the short help: the text before the first semicolon. */
function briefRow(option: OptionNode): Row {
  return [optionTerm(option), withDefault(option, option.help.replace(/;.*/s, ''))];
}

function withDefault({ default: value }: OptionNode, help: string): string {
  return value === undefined || value === 'none' ? help : `${help} (default: ${value})`;
}

/** `-o, --output FILE`; flags without a short form are indented, so that the long ones stand in a column. */
export function optionTerm({ short, flag, placeholder }: OptionNode): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${flag} ${placeholder}`.trimEnd();
}

function helpRows(): readonly Row[] {
  return HELP_FLAGS.map(({ flags, help }): Row => [flags.startsWith('--') ? `    ${flags}` : flags, help]);
}

function paragraph(text: string): Section {
  return (width) => wrap(text, width).join('\n');
}

// Never wrapped: an example is there to be copied.
function examples(lines: readonly string[]): Section {
  return () => ['Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
}

function table(title: string, rows: readonly Row[]): Section {
  return (width) => {
    const longest = Math.max(...rows.map(([term]) => term.length));
    const termWidth = Math.min(longest, LONGEST_TERM);
    return [`${title}:`, ...rows.map((row) => tableRow(row, termWidth, width))].join('\n');
  };
}

function tableRow([term, description]: Row, termWidth: number, width: number): string {
  if (description === '') return `  ${term}`;
  const indent = ' '.repeat(termWidth + 4);
  const text = wrap(description, Math.max(width - indent.length, LEAST_TEXT)).join(`\n${indent}`);
  const gap = term.length > termWidth ? `\n${indent}` : ' '.repeat(termWidth - term.length + 2);
  return `  ${term}${gap}${text}`;
}
