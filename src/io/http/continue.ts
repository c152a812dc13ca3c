/** Unsolicited `100 Continue`: a client must ignore it (RFC 9110, 15.2), but undici closes the connection. */

import symbols from 'undici/lib/core/symbols.js';

/** The part of undici's parser used here: a callback with the status of each head received. */
interface Parser {
  onHeadersComplete(httpStatus: number, upgrade: boolean, keepAlive: boolean): number;
}

// undici ignores every other interim answer, such as this one.
const PROCESSING = 102;

/** Patches the parser of a new connection to treat status 100 as another interim answer, which undici ignores. */
export function passOverContinue(client: object): void {
  const parser = member(member(client, symbols.kSocket), symbols.kParser) as Parser | undefined;
  if (parser === undefined) return;
  const headersComplete = parser.onHeadersComplete.bind(parser);
  parser.onHeadersComplete = (httpStatus, upgrade, keepAlive) =>
    headersComplete(httpStatus === 100 ? PROCESSING : httpStatus, upgrade, keepAlive);
}

function member(owner: unknown, name: symbol): unknown {
  return (owner as Readonly<Record<symbol, unknown>> | null | undefined)?.[name] ?? undefined;
}
