/** Commands that can be pasted into a shell as they stand. */

import { printable } from './printable.js';

// Shells that take `!` for history leave `!=` alone.
const PLAIN_WORD = /^[A-Za-z0-9_./:,@%+-](?:[A-Za-z0-9_./:,@%+=-]|!(?==))*$/;

/** The argument quoted for bash, zsh and fish where it needs it; control characters as `$'…'` escapes (bash, zsh). */
export function shellQuote(argument: string): string {
  if (PLAIN_WORD.test(argument)) return argument;
  if (printable(argument) === argument) return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${Array.from(argument, escapeInAnsiC).join('')}'`;
}

/** `case-tracker` with these arguments, as a command line. */
export function commandLine(args: readonly string[]): string {
  return ['case-tracker', ...args.map(shellQuote)].join(' ');
}

function escapeInAnsiC(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (printable(character) === character) return character;
  return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}
