/** undici without its fetch, WebSocket, caches and mocks, which this program does not use: a third of the time to load. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}

/** Symbols of undici's internal properties. */
declare module 'undici/lib/core/symbols.js' {
  const symbols: { readonly kSocket: symbol; readonly kParser: symbol };
  export default symbols;
}

/** What undici itself reads the headers of an answer with. */
declare module 'undici/lib/core/util.js' {
  import type { IncomingHttpHeaders } from 'node:http';
  const util: { parseHeaders(raw: readonly Buffer[]): IncomingHttpHeaders };
  export default util;
}
