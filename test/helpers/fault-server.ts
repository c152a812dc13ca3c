import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server on a free port of loopback that closes itself when the test ends. */
export interface FaultServer {
  readonly url: string;
  readonly port: number;
  /** Connections it has accepted. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** Resolves when `count` connections or requests have been seen. */
  seen(count?: number): Promise<void>;
  close(): Promise<void>;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Serves HTTP. */
export async function serve(listener: Listener): Promise<FaultServer> {
  const counter = new Counter();
  const server = createHttpServer((request, response) => {
    void listener(request, response);
    counter.add();
  });
  return listen(server, counter);
}

/** Serves raw bytes: `answer` is called with each connection and what it sent first. */
export async function serveRaw(answer: (socket: Socket, request: string) => void): Promise<FaultServer> {
  const counter = new Counter();
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      answer(socket, chunk.toString('latin1'));
      counter.add();
    });
  });
  return listen(server, counter);
}

/** A URL where nobody listens. */
export async function refusedUrl(): Promise<string> {
  const server = await listen(createTcpServer(), new Counter());
  await server.close();
  return server.url;
}

/** Everything that a request sends as its body. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export async function listen(server: Server, counter: Counter, protocol = 'http'): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    port,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    seen: (count = 1) => counter.reach(count),
    close,
  };
}

export class Counter {
  #count = 0;
  readonly #waiting = new Set<{ count: number; resolve: () => void }>();

  add(): void {
    this.#count++;
    for (const waiter of this.#waiting) {
      if (this.#count < waiter.count) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  reach(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ count, resolve }));
  }
}
