/** The man page, made of the command tree: roff in the man(7) macros. */

import { HELP_FLAGS } from './tree.js';
import { COMMAND_TREE, type CommandNode, GLOBAL_OPTIONS, type OptionNode, PROGRAM } from './tree.js';
import { EXIT_CODES, TOPIC_TEXTS } from './topics.js';

/** case-tracker(1) as roff, with a line break at its end. */
export function manPage(version: string): string {
  const lines = [
    `.TH CASE\\-TRACKER 1 "" "case\\-tracker ${escaped(version)}" "User Commands"`,
    ...section('NAME', [`case\\-tracker \\- ${escaped(lowerFirst(PROGRAM.summary.replace(/\.$/, '')))}`]),
    ...section('SYNOPSIS', COMMAND_TREE.flatMap(synopsis).slice(0, -1)),
    ...section('DESCRIPTION', [escaped(PROGRAM.summary), '.PP', escaped(PROGRAM.note)]),
    ...section('COMMANDS', COMMAND_TREE.flatMap(commandLines)),
    ...section('FLAGS OF EVERY COMMAND', [...GLOBAL_OPTIONS.flatMap(optionLines), ...HELP_FLAGS.flatMap(helpLines)]),
    ...section('ENVIRONMENT AND FILES', literal(TOPIC_TEXTS.environment)),
    ...section('FORMATS', literal(TOPIC_TEXTS.formats)),
    ...section(
      'EXIT STATUS',
      EXIT_CODES.flatMap(([code, meaning]) => item(String(code), meaning)),
    ),
    ...section('EXAMPLES', literal(PROGRAM.examples.join('\n'))),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title}`, ...lines];
}

function synopsis({ name, usage }: CommandNode): readonly string[] {
  return [`.B case\\-tracker ${escaped(name)}`, `[\\fIFLAG\\fR...] ${escaped(usage)}`.trimEnd(), '.br'];
}

function commandLines(node: CommandNode): readonly string[] {
  const everywhere = new Set(GLOBAL_OPTIONS.map((option) => option.flag));
  const options = node.groups.flatMap((group) => group.options).filter((option) => !everywhere.has(option.flag));
  return [
    `.SS ${escaped(`${node.name} ${node.usage}`.trim())}`,
    `${escaped(node.summary)}.`,
    ...(node.note === undefined ? [] : [`${escaped(node.note)}`]),
    ...options.flatMap(optionLines),
  ];
}

function optionLines({ short, flag, placeholder, help, default: value }: OptionNode): readonly string[] {
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${flag}`].join(', ');
  const term = `\\fB${escaped(names)}\\fR${placeholder === '' ? '' : ` \\fI${escaped(placeholder)}\\fR`}`;
  return ['.TP', term, escaped(`${help}${value === undefined ? '' : ` (default: ${value})`}`)];
}

function helpLines({ flags, help }: (typeof HELP_FLAGS)[number]): readonly string[] {
  return ['.TP', `\\fB${escaped(flags)}\\fR`, escaped(help)];
}

function item(term: string, text: string): readonly string[] {
  return ['.TP', `\\fB${escaped(term)}\\fR`, escaped(text)];
}

function literal(text: string): readonly string[] {
  return ['.nf', ...text.trimEnd().split('\n').map(escaped), '.fi'];
}

// A leading dot or quote would be a macro; a plain hyphen may be printed as another character.
function escaped(text: string): string {
  const plain = text.replaceAll('\\', String.raw`\e`).replaceAll('-', String.raw`\-`);
  return /^[.']/.test(plain) ? String.raw`\&${plain}` : plain;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
