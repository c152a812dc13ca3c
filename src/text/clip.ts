/**
 * At most `length` UTF-16 units of the text, `…` included;never half a surrogate pair. A copy, so that a short excerpt
 * does not keep a huge text in memory.
 */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 2)) ? length - 2 : length - 1;
  // V8 keeps the whole text behind a slice; going through JSON makes a copy.
  return JSON.parse(JSON.stringify(`${text.slice(0, end)}…`)) as string;
}
