/** A server that takes notifications, and keeps them. */

import type { ServerResponse } from 'node:http';
import { bodyOf, type FaultServer, serve } from './fault-server.js';

/** A notification as it came. */
export interface Heard {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface HookServer extends FaultServer {
  readonly heard: readonly Heard[];
}

/** `respond` is called with the number of the request, from 1; what is not ended by it hangs. */
export async function hookServer(
  respond: (response: ServerResponse, number: number) => unknown = (response) => response.end('ok'),
): Promise<HookServer> {
  const heard: Heard[] = [];
  const server = await serve(async (request, response) => {
    const { url = '', headers } = request;
    heard.push({ url, headers, body: JSON.parse(await bodyOf(request)) });
    respond(response, heard.length);
  });
  return Object.assign(server, { heard });
}

export function status(response: ServerResponse, code: number, headers: Record<string, string> = {}): void {
  response.writeHead(code, headers).end('what it says is not read');
}
