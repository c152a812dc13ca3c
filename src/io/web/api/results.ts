/** The journal of a run so far, whole lines only, also parts of it. */

import { constants } from 'node:fs';
import { systemCode } from '../../../errors.js';
import type { FileOps } from '../../files/file-ops.js';
import { Refused } from '../refusal.js';

const LINE_BREAK = 10;
const BLOCK = 64 * 1024;

/** What is asked for of the results. */
export interface Asked {
  /** The `Range` header. */
  readonly range: string | undefined;
  /** Headers alone (HEAD): nobody will read the body. */
  readonly isHead: boolean;
}

/**
 * Answers with 200, 206 for a part, 416 where it has no such bytes. Nothing at all while there is no file. What has begun
 * is sent to its end, also when the run is deleted meanwhile; its body has to be read to the end or cancelled.
 */
export async function resultsResponse(path: string, { range, isHead }: Asked, ops: FileOps): Promise<Response> {
  const fd = openedIfThere(path, ops);
  let isTaken = false;
  try {
    const size = fd === undefined ? 0 : await wholeLinesOf(fd, ops);
    const part = range === undefined ? undefined : partOf(range, size);
    if (part === 'none') throw noSuchRange(size);
    const { first, last } = part ?? { first: 0, last: size - 1 };
    const headers = {
      'content-type': 'application/x-ndjson',
      'accept-ranges': 'bytes',
      'content-length': String(last - first + 1),
      ...(part === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${size}` }),
    };
    isTaken = !isHead && last >= first;
    const body = isTaken && fd !== undefined ? streamOf(fd, first, last, ops) : null;
    return new Response(body, { status: part === undefined ? 200 : 206, headers });
  } finally {
    if (fd !== undefined && !isTaken) ops.close(fd);
  }
}

function noSuchRange(size: number): Refused {
  const headers = { 'content-range': `bytes */${size}` };
  return new Refused(416, 'no_such_range', `the results so far have ${size} bytes`, headers);
}

/** Reads no sooner than it is asked to, and closes the file at its end, at a fault, and when it is cancelled. */
function streamOf(fd: number, first: number, last: number, ops: FileOps): ReadableStream<Uint8Array> {
  let at = first;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const block = new Uint8Array(Math.min(BLOCK, last - at + 1));
    const read = await ops.read(fd, block, 0, block.length, at);
    at += read;
    if (read > 0) controller.enqueue(block.subarray(0, read));
    else controller.error(new Error('the results have become shorter while they were sent'));
    if (read > 0 && at <= last) return;
    ops.close(fd);
    if (read > 0) controller.close();
  };
  return new ReadableStream({ pull, cancel: () => ops.close(fd) }, { highWaterMark: 0 });
}

/** First and last byte that a `Range` header asks for, of so many: undefined where it is to be passed over, as several parts are. */
export function partOf(range: string, size: number): { first: number; last: number } | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range.trim()) ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? 'none' : { first, last };
}

/** Never waits: somebody may have put a pipe there, which opens only when its other end does. Throws a Refused for one. */
function openedIfThere(path: string, ops: FileOps): number | undefined {
  let fd: number;
  try {
    fd = ops.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  if (ops.stat(fd).isFile()) return fd;
  ops.close(fd);
  throw new Refused(500, 'storage_failed', 'the results cannot be read: results.ndjson is no regular file any more');
}

/** The number of bytes up to and with the last line break: what comes after it is still being written. */
async function wholeLinesOf(fd: number, ops: FileOps): Promise<number> {
  const block = new Uint8Array(BLOCK);
  for (let end = ops.stat(fd).size; end > 0;) {
    const start = Math.max(0, end - BLOCK);
    const read = await ops.read(fd, block, 0, end - start, start);
    const at = block.subarray(0, read).lastIndexOf(LINE_BREAK);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}
