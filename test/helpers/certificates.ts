/** The certificates of test/io/http/tls, and a server that speaks TLS with one of them. */

import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Counter, type FaultServer, listen } from './fault-server.js';

/** Unlocks `locked.key`, `locked-ec.key`, `client.pfx` and `legacy.pfx`. */
export const PASSPHRASE = 'c4n4ry-passphrase';

const FOLDER = new URL('../io/http/tls/', import.meta.url);

/** The content of a file there. */
export function pem(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

/** Its path. */
export function pemPath(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

export interface TlsServer extends FaultServer {
  /** Who called, by the common name of the client certificate, and what for. */
  readonly calls: readonly { readonly client: string | undefined; readonly url: string | undefined }[];
}

/**
 * A server whose certificate is signed by middle.pem, which is signed by root.pem. It wants a client certificate of
 * root.pem unless told otherwise, and answers with its name; `/from/ID` redirects to `/x/ID`.
 */
export async function serveTls(options: ServerOptions = {}, answer: Answer = namesClient): Promise<TlsServer> {
  const calls: { client: string | undefined; url: string | undefined }[] = [];
  const own = { cert: Buffer.concat([pem('server.pem'), pem('middle.pem')]), key: pem('server.key') };
  const server = createServer({ ...own, ca: pem('root.pem'), requestCert: true, ...options }, (request, response) => {
    calls.push({ client: clientOf(request), url: request.url });
    answer(request, response);
  });
  server.on('tlsClientError', () => {});
  return Object.assign(await listen(server, new Counter(), 'https'), { calls });
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

function namesClient(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.startsWith('/from/')) response.writeHead(302, { location: request.url.replace('from', 'x') });
  response.end(JSON.stringify(clientOf(request) ?? 'nobody'));
}

function clientOf(request: IncomingMessage): string | undefined {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN?: string } };
  return subject?.CN;
}
