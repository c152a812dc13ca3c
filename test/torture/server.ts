/** An endpoint that counts what it was asked and what it has answered whole, and is slow by a seeded few milliseconds. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingEndpoint {
  /** For `--endpoint`. */
  readonly url: string;
  /** Requests that have arrived, by case id. */
  readonly asked: Counter;
  /** Answers that were handed to the system whole, by case id. */
  readonly answered: Counter;
  /** Resolves once so many more answers are out. */
  answers(count: number): Promise<void>;
  /** Resolves when no request is under way: those of a dead client have been given up. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Cases whose number is one of these in 17 are refused for good. */
export function isRefused(id: string): boolean {
  return Number(/\d+$/.exec(id)?.[0] ?? 0) % 17 === 3;
}

/** Listens on a port of its own on loopback. */
export async function countingEndpoint(random: () => number, maxDelayMs: number): Promise<CountingEndpoint> {
  const asked = new Counter();
  const answered = new Counter();
  const ended = new Counter();
  const server = createServer((request, response) => {
    const id = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    asked.add(id);
    response.once('finish', () => answered.add(id));
    response.once('close', () => ended.add(id));
    setTimeout(() => answer(id, response), random() * maxDelayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cases/{id}`,
    asked,
    answered,
    answers: (count) => answered.reaches(answered.total + count),
    idle: () => ended.reaches(asked.total),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(id: string, response: ServerResponse): void {
  response.writeHead(isRefused(id) ? 422 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ of: id, note: 'größer '.repeat(6) }));
}

/** How often each key was seen. */
export class Counter {
  readonly counts = new Map<string, number>();
  total = 0;
  #waiting: { readonly total: number; readonly resolve: () => void }[] = [];

  add(key: string): void {
    this.counts.set(key, this.of(key) + 1);
    this.total++;
    this.#waiting = this.#waiting.filter(({ total, resolve }) => this.total < total || resolve());
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** Resolves when so many were added. */
  reaches(total: number): Promise<void> {
    if (this.total >= total) return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push({ total, resolve }));
  }
}
