/** Values of the token's settings: its header, and the statuses that refuse it. */

import { parseHeaderLine } from './headers.js';
import { accept, type Parsed, refuse } from './parse-values.js';

const PLACE = '{token}';
const HEADER_TAKES = "'Name: value' with {token} once in the value: 'X-Api-Key: {token}'";
const STATUSES_TAKE = 'statuses from 400 to 499, or none: 401,403';

/** `Name: value` with one `{token}` in the value. */
export function parseTokenHeader(text: string): Parsed<string> {
  const colon = text.indexOf(':');
  const places = text.split(PLACE).length - 1;
  if (colon < 1 || places !== 1 || text.indexOf(PLACE) < colon) {
    return refuse(`is no header with one ${PLACE}`, { takes: HEADER_TAKES });
  }
  const header = parseHeaderLine(text.replace(PLACE, 'x'));
  return header.ok ? accept(text.trim()) : header;
}

/** One status, or `none`. */
export function parseRefusal(text: string): Parsed<number | null> {
  const item = text.trim();
  if (item === 'none') return accept(null);
  if (!/^\d+$/.test(item)) return refuse('is no status', { takes: STATUSES_TAKE });
  const status = Number(item);
  return status >= 400 && status <= 499 ? accept(status) : refuse('is out of range', { takes: STATUSES_TAKE });
}

/** The header's name in lower case. */
export function tokenHeaderName(template: string): string {
  return template.slice(0, template.indexOf(':')).trim().toLowerCase();
}
