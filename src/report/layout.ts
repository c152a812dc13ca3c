/** Lines of a given width: wrapping at spaces, indenting. */

import { displayWidth } from './text.js';

/** The text on lines of at most `width` columns, broken at spaces only: a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  return joinWithin(text.split(' '), ' ', width);
}

/** The parts joined by `separator` on as many lines as it takes; a line that goes on keeps no separator at its end. */
export function joinWithin(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)}${separator}${part}`;
    if (lines.length > 0 && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

/** The lines with `first` before the first and as many spaces before the others. */
export function hang(first: string, lines: readonly string[]): string[] {
  const space = ' '.repeat(displayWidth(first));
  return lines.map((line, index) => (index === 0 ? first : space) + line);
}
