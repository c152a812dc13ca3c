/** undici without its fetch, WebSocket, caches and mocks, which this program does not use: a third of the time to load. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}

/** Symbols of undici's internal properties. */
declare module 'undici/lib/core/symbols.js' {
  const symbols: { readonly kSocket: symbol; readonly kParser: symbol };
  export default symbols;
}
