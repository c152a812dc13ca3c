/** An endpoint that holds its answers back until it is told to give them. */

import { createServer, type Server, type ServerResponse } from 'node:http';

export class GatedEndpoint {
  readonly url: string;
  /** Ids that are answered with 500. */
  readonly failing = new Set<string>();
  calls = 0;
  readonly #server: Server;
  #isHeld = false;
  #held: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on('request', (request, response) => {
      this.calls++;
      const id = (request.url ?? '').slice(1);
      if (this.#isHeld) this.#held.push(() => this.#answer(id, response));
      else this.#answer(id, response);
    });
  }

  static async start(): Promise<GatedEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new GatedEndpoint(server);
  }

  /** From now on calls wait. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Answers those that wait, and all to come at once. */
  open(): void {
    this.#isHeld = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(id: string, response: ServerResponse): void {
    const status = this.failing.delete(id) ? 500 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
  }
}
