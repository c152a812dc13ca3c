/** The README's tables of flags, made of the command tree. */

import type { CommandName } from '../config/settings.js';
import { GLOBAL_OPTIONS, nodeOf, type OptionNode } from './tree.js';

/** A Markdown table of a command's own flags; without a command those of every command. */
export function readmeFlagTable(command?: CommandName): string {
  const everywhere = new Set(GLOBAL_OPTIONS.map((option) => option.flag));
  const options =
    command === undefined
      ? GLOBAL_OPTIONS
      : nodeOf(command)
          .groups.flatMap((group) => group.options)
          .filter((option) => !everywhere.has(option.flag));
  return `${['| flag | default | meaning |', '| --- | --- | --- |', ...options.map(row)].join('\n')}\n`;
}

function row({ short, flag, placeholder, default: value, help }: OptionNode): string {
  const name = `${short === undefined ? '' : `-${short}, `}--${flag} ${placeholder}`.trimEnd();
  return `| \`${cell(name)}\` | ${cell(value ?? '')} | ${cell(help)} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
