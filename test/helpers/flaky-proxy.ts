/** A proxy before a server that is slow, or cuts connections, as a bad network does. */

import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyOptions {
  /** Cuts a connection after so many pieces from the client. */
  readonly cutAfter?: number;
  /** Holds each answer back for so long. */
  readonly delayMs?: number;
}

/** Resolves with its port, and how often it has cut. */
export async function flakyProxy(
  port: number,
  { cutAfter = Number.POSITIVE_INFINITY, delayMs = 0 }: ProxyOptions,
): Promise<{ readonly port: number; cuts(): number }> {
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    let pieces = 0;
    const upstream = connect(port, '127.0.0.1');
    const both = [client, upstream];
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => both.forEach((one) => one.destroy()));
    }
    client.on('data', (bytes) => {
      upstream.write(bytes);
      if (++pieces < cutAfter) return;
      cuts++;
      client.destroy();
    });
    upstream.on('data', (bytes) => {
      if (delayMs === 0) client.write(bytes);
      else setTimeout(() => client.destroyed || client.write(bytes), delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cuts: () => cuts };
}
