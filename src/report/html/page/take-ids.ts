/** Taking case ids out of the page: to the clipboard, or as a file. */

import { copyText, saveFile } from './take-text.js';

/** Resolves to whether the browser allowed it. */
export function copyIds(ids: readonly string[]): Promise<boolean> {
  return copyText(ids.join('\n'));
}

/** One `{"id": …}` a line. */
export function saveIds(ids: readonly string[]): void {
  const lines = ids.map((id) => `${JSON.stringify({ id })}\n`);
  saveFile('failed-ids.ndjson', 'application/x-ndjson', lines);
}
