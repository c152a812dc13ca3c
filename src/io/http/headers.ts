/** The headers of every attempt, checked and put together once. */

import { UsageError } from '../../errors.js';

export type Header = readonly [name: string, value: string];

export interface HeaderOptions {
  /** The user's own; they replace accept, content-type, user-agent and authorization. */
  readonly headers: readonly Header[];
  readonly version: string;
  readonly authorization: string | undefined;
  readonly hasBody: boolean;
}

// Set by this program for each attempt, or for the connection.
const OURS: ReadonlySet<string> = new Set(['x-request-id', 'idempotency-key']);
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers of every attempt, names in lower case; throws a UsageError for one that can't be sent. */
export function standingHeaders(options: HeaderOptions): Header[] {
  const own = options.headers.map(([name, value]) => checked(name, value));
  const defaults: Header[] = [
    ['accept', 'application/json'],
    ['user-agent', `case-tracker/${options.version}`],
  ];
  if (options.hasBody) defaults.push(['content-type', 'application/json']);
  if (options.authorization !== undefined) defaults.push(['authorization', options.authorization]);
  return [...defaults.filter(([name]) => !own.some(([mine]) => mine === name)), ...own];
}

function checked(name: string, value: string): Header {
  const lower = name.toLowerCase();
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lower)) {
    throw new UsageError(`${JSON.stringify(name)} is not a header name`, { hint: "--header 'Name: value'" });
  }
  if (OURS.has(lower)) throw new UsageError(`the header ${lower} is set for each attempt and can't be given`);
  if (OF_THE_CONNECTION.has(lower))
    throw new UsageError(`the header ${lower} belongs to the connection and can't be given`);
  // The value may be a secret: the message gives only the position of the bad character.
  const bad = value.search(/[^\t\x20-\x7e\x80-\xff]/);
  if (bad !== -1)
    throw new UsageError(`the value of the header ${lower} has a forbidden character at position ${bad + 1}`);
  return [lower, value];
}
