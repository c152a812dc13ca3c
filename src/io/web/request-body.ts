/** The body of a request, as far as a route reads it; what no route reads is thrown away, within limits. */

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/ports.js';
import { isBodyLeft } from './facts.js';
import { type Refusal, Refused } from './refusal.js';

/** The body has not arrived whole: reading it fails with this. The server answers it, where somebody still listens. */
export class BodyNotWhole extends Refused {
  constructor({ status, error, message }: Refusal) {
    super(status, error, message);
  }
}

/** A body of which nothing arrives for so long is given up. */
export const BODY_SILENCE_MS = 30_000;

/** How much of an unread body is thrown away, and for how long, so that its sender hears the answer. */
const MOST_DISCARDED_BYTES = 16 * 2 ** 20;
const DISCARDING_MS = 2_000;

/** The body as it arrives. Nothing is read ahead: who is slow to take it slows its sender. `onFirstRead` is called once. */
export function bodyOf(request: IncomingMessage, clock: Clock, onFirstRead: () => void): ReadableStream<Uint8Array> {
  let isBegun = false;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    if (!isBegun) onFirstRead();
    isBegun = true;
    const chunk = await nextChunk(request, clock);
    if (chunk === null) controller.close();
    else controller.enqueue(chunk);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** Null at the end. Chunks as they came: read in one go they would be copied together, and there twice. */
async function nextChunk(request: IncomingMessage, clock: Clock): Promise<Buffer | null> {
  if (request.readableEnded) return null;
  if (request.destroyed) throw new BodyNotWhole(CUT_OFF);
  const news = await newsOf(request, clock);
  if (news === 'silence') throw new BodyNotWhole(SILENT);
  if (news !== 'end') return news;
  if (request.readableEnded) return null;
  throw new BodyNotWhole(CUT_OFF);
}

const CUT_OFF: Refusal = { status: 400, error: 'body_cut_off', message: 'the body ended before its end' };
const SILENT: Refusal = {
  status: 408,
  error: 'body_timeout',
  message: `nothing of the body arrived for ${BODY_SILENCE_MS / 1000} s`,
};

/** The next chunk, the end of all, or too long a silence. */
function newsOf(request: IncomingMessage, clock: Clock): Promise<Buffer | 'end' | 'silence'> {
  return new Promise((resolve) => {
    const settle = (news: Buffer | 'end' | 'silence'): void => {
      timer.cancel();
      request.pause().off('data', settle).off('end', ended).off('close', ended);
      resolve(news);
    };
    const ended = (): void => settle('end');
    const timer = clock.setTimer(BODY_SILENCE_MS, () => settle('silence'));
    request.on('data', settle).on('end', ended).on('close', ended).resume();
  });
}

/** Resolves when the rest of the body has arrived and gone, its sender has, or the limits are reached. */
export function discardRest(request: IncomingMessage, clock: Clock): Promise<void> {
  if (!isBodyLeft(request) || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const settle = (): void => {
      timer.cancel();
      request.off('data', count).off('end', settle).off('close', settle).pause();
      resolve();
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MOST_DISCARDED_BYTES) settle();
    };
    const timer = clock.setTimer(DISCARDING_MS, settle);
    request.on('data', count).on('end', settle).on('close', settle).resume();
  });
}
