/** The tables of README and docs, made of the command tree. */

import type { CommandName } from '../config/settings/index.js';
import { EXIT_CODES } from './topics.js';
import { GLOBAL_OPTIONS, nodeOf, type OptionNode } from './tree.js';

/** A Markdown table of a command's own flags, or of the most used ones; without a command those of every command. */
export function readmeFlagTable(command?: CommandName, only: 'all' | 'common' = 'all'): string {
  const options = (command === undefined ? GLOBAL_OPTIONS : ownOptions(command)).filter(
    (option) => only === 'all' || option.common,
  );
  return table(['flag', 'default', 'meaning'], options.map(cells));
}

/** A Markdown table of what each exit code means. */
export function exitCodeTable(): string {
  return table(
    ['exit code', 'meaning'],
    EXIT_CODES.map(([code, meaning]) => [String(code), meaning]),
  );
}

function ownOptions(command: CommandName): readonly OptionNode[] {
  const everywhere = new Set(GLOBAL_OPTIONS.map((option) => option.flag));
  return nodeOf(command)
    .groups.flatMap((group) => group.options)
    .filter((option) => !everywhere.has(option.flag));
}

function cells({ short, flag, placeholder, default: value, help }: OptionNode): readonly string[] {
  const name = `${short === undefined ? '' : `-${short}, `}--${flag} ${placeholder}`.trimEnd();
  return [`\`${name}\``, value ?? '', help];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(escaped))];
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
}

function escaped(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
