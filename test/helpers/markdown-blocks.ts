/** The fenced code blocks of a Markdown file, with how they are to be tested. */

import { COMMAND_TREE, nodeOf, optionsOf } from '../../src/cli/tree.js';
import { HELP_FLAGS } from '../../src/cli/tree.js';

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** Of the first line of code, from 1. */
  readonly line: number;
  /** What stands after `test:` behind the language; undefined without it. */
  readonly rule: string | undefined;
}

const BLOCK = /^```(\w*)(?: test: (.*))?\n([\s\S]*?)^```$/gm;

export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(BLOCK)].map((match) => {
    const [, language = '', rule, code = ''] = match;
    return { rule, language, code, line: markdown.slice(0, match.index).split('\n').length + 1 };
  });
}

/** Flags and commands in a text of shell lines that case-tracker does not have. */
export function unknownWords(shell: string): string[] {
  const joined = shell.replace(/\\\n\s*/g, ' ');
  const calls = [...joined.matchAll(/\bcase-tracker ([a-z]+)\b([^|;\n`)]*)/g)];
  return calls.flatMap(([, name = '', rest = '']) => unknownIn(name, withoutQuoted(rest)));
}

function unknownIn(name: string, rest: string): string[] {
  const node = COMMAND_TREE.find((command) => command.name === name);
  if (node === undefined) return [name];
  const options = optionsOf(nodeOf(node.name)).flatMap(({ flag, short }) => [`--${flag}`, `-${short ?? ''}`]);
  const known = new Set([...options, ...HELP_FLAGS.flatMap(({ flags }) => flags.split(', '))]);
  const flags = [...rest.matchAll(/(?:^|\s)(-{1,2}[a-z][\w-]*)/gi)].map((match) => match[1] ?? '');
  return flags.filter((flag) => !known.has(flag)).map((flag) => `${name} ${flag}`);
}

function withoutQuoted(text: string): string {
  return text.replace(/'[^']*'|"[^"]*"/g, 'X').replace(/\s#.*$/, '');
}
