/** A proxy on loopback in front of a socket or port, which can freeze, lose answers, or break its connections off. */

import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Connections that were made so far. */
  readonly connections: number;
  /** From now on nothing is passed on, in connections that are there and in new ones; nothing is closed either. */
  freeze(): void;
  thaw(): void;
  /** Breaks a connection off as soon as the server answers in it, once what the client has sent matches; so often. */
  loseAnswers(sent: RegExp, times: number): void;
  /** Changes what the server sends; for answers that are wrong. */
  rewrite(change: ((bytes: Buffer) => Buffer) | undefined): void;
  close(): Promise<void>;
}

export async function startProxy(target: { readonly path: string } | { readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let connections = 0;
  let losing: { sent: RegExp; times: number } | undefined;
  let change: ((bytes: Buffer) => Buffer) | undefined;
  const server = createServer((client) => {
    connections++;
    const upstream = connect(target);
    let isLosing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (isFrozen) return;
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (isFrozen) return;
      if (losing !== undefined && losing.times > 0 && losing.sent.test(bytes.toString('latin1'))) isLosing = true;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (isFrozen) return;
      if (isLosing && losing !== undefined) {
        losing.times--;
        client.destroy();
        upstream.destroy();
        return;
      }
      client.write(change === undefined ? bytes : change(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    get connections() {
      return connections;
    },
    freeze: () => void (isFrozen = true),
    thaw: () => void (isFrozen = false),
    loseAnswers: (sent, times) => void (losing = { sent, times }),
    rewrite: (changed) => void (change = changed),
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
