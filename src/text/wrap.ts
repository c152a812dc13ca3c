/** Lines of a given width: wrapping at spaces, indenting. */

import { displayWidth } from './printable.js';

/** The text on lines of at most `width` columns, broken at spaces only: a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  return joinWithin(text.split(' '), ' ', width);
}

/** The parts joined by `separator` on as many lines as it takes; a line that goes on keeps no separator at its end. */
export function joinWithin(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[][] = [];
  const gap = displayWidth(separator);
  let used = 0;
  for (const part of parts) {
    const partWidth = displayWidth(part);
    const fits = lines.length > 0 && used + gap + partWidth <= width;
    if (fits) lines.at(-1)?.push(part);
    else lines.push([part]);
    used = fits ? used + gap + partWidth : partWidth;
  }
  return lines.map((line) => line.join(separator));
}

/** Hanging indent: `first` before the first line, spaces of the same width before the others. */
export function hang(first: string, lines: readonly string[]): string[] {
  const space = ' '.repeat(displayWidth(first));
  return lines.map((line, index) => (index === 0 ? first : space) + line);
}
