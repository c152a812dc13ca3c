/** Taking case ids out of the page: to the clipboard, or as a file. */

import { make } from './elements.js';

/** Resolves to whether the browser allowed it. */
export async function copyIds(ids: readonly string[]): Promise<boolean> {
  const text = ids.join('\n');
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page from disk may have no clipboard.
    return copySelection(text);
  }
}

/** One `{"id": …}` a line. */
export function saveIds(ids: readonly string[]): void {
  const lines = ids.map((id) => `${JSON.stringify({ id })}\n`);
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }));
  make('a', { href: url, download: 'failed-ids.ndjson' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function copySelection(text: string): boolean {
  const area = make('textarea', { value: text });
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  return isCopied;
}
