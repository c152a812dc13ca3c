/** A server that works by jobs and counts: each submit is answered 202, the job takes a seeded time. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JobServer {
  /** For `--endpoint`, with POST. */
  readonly url: string;
  /** How often each case was submitted, and with which idempotency keys. */
  readonly submits: ReadonlyMap<string, readonly string[]>;
  readonly polls: number;
  /** Resolves once so many more requests were answered. */
  answers(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface JobOptions {
  readonly random: () => number;
  readonly maxJobMs: number;
}

/** Listens on a port of its own on loopback. */
export async function jobServer({ random, maxJobMs }: JobOptions): Promise<JobServer> {
  const submits = new Map<string, string[]>();
  const doneAt = new Map<string, number>();
  const waiting: { left: number; readonly done: () => void }[] = [];
  let polls = 0;
  const answered = (): void => {
    for (const one of waiting) if (--one.left === 0) one.done();
  };
  const submit = (id: string, key: string, response: ServerResponse): void => {
    submits.set(id, [...(submits.get(id) ?? []), key]);
    if (!doneAt.has(id)) doneAt.set(id, Date.now() + random() * maxJobMs);
    response.writeHead(202, { location: `/jobs/${id}?token=of-${id}` }).end('{"state":"queued"}');
  };
  const ask = (id: string, response: ServerResponse): void => {
    polls++;
    const due = doneAt.get(id);
    if (due === undefined) response.writeHead(404).end();
    else if (Date.now() < due) response.writeHead(202).end('{"state":"running"}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ of: id }));
  };
  const server = createServer((request: IncomingMessage, response) => {
    const id = new URL(request.url ?? '/', 'http://x').pathname.split('/').at(-1) ?? '';
    response.once('finish', answered);
    request.resume().on('end', () => {
      if (request.method === 'POST') submit(id, String(request.headers['idempotency-key']), response);
      else ask(id, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs/{id}`,
    submits,
    get polls() {
      return polls;
    },
    answers: (count) => new Promise((done) => waiting.push({ left: count, done })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
