/** The page as a file: what stands in it now, with no script, no token and nothing to click on. */

import { find, make } from './elements.js';

/** Nothing runs in it and nothing is fetched, wherever it is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** What only works while a process answers. */
const LIVE_PARTS = 'script, noscript, dialog, button, input, #way-in, #notices, #said, .tip, .cross';

/** The document as HTML. `note` says what it was saved of. */
export function savedPage(note: string): string {
  const copy = document.documentElement.cloneNode(true) as HTMLElement;
  for (const part of copy.querySelectorAll(LIVE_PARTS)) part.remove();
  const meta = make('meta', { httpEquiv: 'Content-Security-Policy', content: POLICY });
  find('meta[charset]', copy).after(meta);
  find('#foot', copy).append(` · ${note}`);
  return `<!doctype html>\n${copy.outerHTML}\n`;
}

/** A name that every system takes. */
export function savedName(runId: string): string {
  return `case-tracker-${runId.replace(/[^\w-]+/g, '_').slice(0, 60)}.html`;
}
