/** Header lines: parsed, checked, and merged by name. Messages never show a value: it may be a secret. */

import { isStandardHeader } from '../core/secrets.js';
import { accept, type Parsed, refuse } from './parse-values.js';

/** A header of every call. `secret` values are shown as `***`. */
export interface Header {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

// RFC 9110, 5.6.2 (token) and 5.5 (field value).
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Set for each call; a fixed one would break the exchange or name all cases as one. */
const OWN = new Set([
  'connection',
  'content-length',
  'expect',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]);

/** `Name: value` as on the wire. */
export function parseHeaderLine(line: string): Parsed<Header> {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const value = line.slice(colon + 1).trim();
  if (colon < 1 || name === '')
    return refuse("is not 'Name: value'", { takes: "'Name: value', or @FILE with one a line" });
  if (!NAME.test(name)) return refuse('has a name with a character that headers do not allow');
  if (OWN.has(name.toLowerCase())) return refuse(`sets ${name.toLowerCase()}, which case-tracker sets for each call`);
  if (value === '') return refuse(`has no value for ${name}`);
  if (!VALUE.test(value)) return refuse(`has a value for ${name} with a character that headers do not allow`);
  return accept({ name, value, secret: !isStandardHeader(name) });
}

/** One list of the headers of each source, highest source first: a name in a higher one replaces those in lower ones. */
export function mergeHeaders(sources: readonly (readonly Header[])[]): readonly Header[] {
  const seen = new Set<string>();
  const merged: Header[] = [];
  for (const headers of sources) {
    const fresh = headers.filter((header) => !seen.has(header.name.toLowerCase()));
    merged.push(...fresh);
    for (const { name } of fresh) seen.add(name.toLowerCase());
  }
  return merged;
}

/** What must be hidden of these headers: each secret value, and what follows the scheme in it (`Bearer …`). */
export function headerSecrets(headers: readonly Header[]): readonly string[] {
  const values = headers.filter((header) => header.secret).map((header) => header.value);
  return [...values, ...values.flatMap(credentials)];
}

function credentials(value: string): readonly string[] {
  const match = /^(?:Basic|Bearer|Digest|Token|ApiKey|Negotiate)\s+(\S.*)$/i.exec(value);
  return match?.[1] === undefined ? [] : [match[1]];
}
