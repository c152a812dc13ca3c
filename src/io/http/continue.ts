/** `100 Continue` that nobody asked for: a client passes over it (RFC 9110, 15.2); undici ends the connection. */

import symbols from 'undici/lib/core/symbols.js';

/** As undici's parser has it: called with the status of each head that came. */
interface Parser {
  onHeadersComplete(httpStatus: number, upgrade: boolean, keepAlive: boolean): number;
}

// undici passes over every other interim answer, such as this one.
const PROCESSING = 102;

/** Has the parser of a connection that has just been made take 100 for another interim answer. */
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
