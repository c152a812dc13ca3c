/** How the answer of a route, which is a web `Response`, goes out. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../core/ports.js';
import { isBodyLeft } from './facts.js';
import { BARE_POLICY, COMMON_HEADERS } from './refusal.js';
import { discardRest } from './request-body.js';

/** A client that takes nothing of its answer for so long is disconnected. */
export const STUCK_MS = 30_000;

/** Sends it, no faster than it is taken, and resolves when it is out or its reader has gone. Rejects when its body fails. */
export async function sendAnswer(
  answer: Response,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<void> {
  const early = isBodyLeft(request);
  // One that says its length may be large, and need not be held in memory for that.
  const needsLength = early && !answer.headers.has('content-length');
  const { body, length } = needsLength ? await whole(answer) : { body: answer.body, length: undefined };
  setHeaders(answer, response);
  if (length !== undefined) response.setHeader('content-length', length);
  // Who is answered before the end of its body shall hear that, and stop; the connection is good for nothing else.
  if (early) response.setHeader('connection', 'close');
  response.writeHead(answer.status);
  if (body !== null) await sendBody(body, response, clock);
  if (early) await discardRest(request, clock);
  response.end();
}

/** A body that is known to its end: the client needs no further sign that this was all. */
async function whole(answer: Response): Promise<{ body: ReadableStream<Uint8Array> | null; length?: number }> {
  if (answer.body === null) return { body: null };
  const bytes = await answer.arrayBuffer();
  return { body: new Response(bytes).body, length: bytes.byteLength };
}

function setHeaders(answer: Response, response: ServerResponse): void {
  for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value);
  response.setHeader('content-security-policy', BARE_POLICY);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
}

async function sendBody(body: ReadableStream<Uint8Array>, response: ServerResponse, clock: Clock): Promise<void> {
  const reader = body.getReader();
  try {
    for (;;) {
      if (response.destroyed) return;
      const { done, value } = await reader.read();
      if (done) return;
      if (!response.write(value) && !response.destroyed) await taken(response, clock);
    }
  } finally {
    // What it reads from is closed, whoever has ended this.
    await reader.cancel().catch(() => {});
  }
}

/** Resolves when what was written is taken, or the connection has ended; ends it after too long. */
function taken(response: ServerResponse, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      timer.cancel();
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    const timer = clock.setTimer(STUCK_MS, () => response.destroy());
    response.on('drain', settle).on('close', settle);
  });
}
