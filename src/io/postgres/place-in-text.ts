/** A place in a text of several lines, for people. */

const MOST_SHOWN = 80;

/** `line 2, column 7: select nmae from` for the place `at`, counted from 0. */
export function placeInText(text: string, at: number): string {
  const before = text.slice(0, at).split(/\r?\n/);
  const line = text.split(/\r?\n/)[before.length - 1] ?? '';
  const column = before.at(-1)?.length ?? 0;
  const from = Math.max(0, column - MOST_SHOWN / 2);
  return `line ${before.length}, column ${Array.from(before.at(-1) ?? '').length + 1}: ${line.slice(from, from + MOST_SHOWN).trimEnd()}`;
}
