/** An endpoint for the cases of a test file, `/ID`: counts its calls, and fails when it is told to. */

import { createServer, type Server } from 'node:http';

export class CaseEndpoint {
  readonly url: string;
  readonly #server: Server;
  #ids: string[] = [];
  readonly #failing = new Map<string, { readonly status: number; times: number }>();

  private constructor(server: Server) {
    const { port } = server.address() as { port: number };
    this.url = `http://127.0.0.1:${port}`;
    this.#server = server;
    server.on('request', (request, response) => {
      const id = decodeURIComponent((request.url ?? '').slice(1));
      this.#ids.push(id);
      const failing = this.#failing.get(id);
      const status = failing !== undefined && failing.times-- > 0 ? failing.status : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
  }

  static async start(): Promise<CaseEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CaseEndpoint(server);
  }

  calls(): number {
    return this.#ids.length;
  }

  /** The ids that were asked for, sorted. */
  ids(): string[] {
    return this.#ids.toSorted();
  }

  fail(id: string, status: number, times = Number.POSITIVE_INFINITY): void {
    this.#failing.set(id, { status, times });
  }

  /** Forgets its calls and what it was told. */
  reset(): void {
    this.#ids = [];
    this.#failing.clear();
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
