/** Taking text out of the page: to the clipboard, or as a file. */

import { make } from './elements.js';

/** Resolves to whether the browser allowed it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page from disk, or over http from elsewhere, may have no clipboard.
    return copySelection(text);
  }
}

/** Offers the parts, joined, as a download. */
export function saveFile(name: string, type: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  make('a', { href: url, download: name }).click();
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
