/** The journal of a run so far, whole lines only, also parts of it. */

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { systemCode } from '../../../errors.js';
import type { FileOps } from '../../files/file-ops.js';
import { Refused } from '../refusal.js';

const LINE_BREAK = 10;
const BLOCK = 64 * 1024;

/** Answers with 200, 206 for a part, 416 where it has no such bytes. Nothing at all while there is no file. */
export async function resultsResponse(path: string, range: string | undefined, ops: FileOps): Promise<Response> {
  const size = await wholeLinesOf(path, ops);
  const part = range === undefined ? undefined : partOf(range, size);
  if (part === 'none') {
    throw new Refused(416, 'no_such_range', `the results so far have ${size} bytes`, {
      'content-range': `bytes */${size}`,
    });
  }
  const { first, last } = part ?? { first: 0, last: size - 1 };
  const headers = {
    'content-type': 'application/x-ndjson',
    'accept-ranges': 'bytes',
    'content-length': String(last - first + 1),
    ...(part === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${size}` }),
  };
  const body = last < first ? null : Readable.toWeb(createReadStream(path, { start: first, end: last }));
  return new Response(body as ReadableStream<Uint8Array> | null, { status: part === undefined ? 200 : 206, headers });
}

/** First and last byte that a `Range` header asks for, of so many: undefined where it is to be passed over, as several parts are. */
function partOf(range: string, size: number): { first: number; last: number } | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range.trim()) ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? 'none' : { first, last };
}

/** The number of bytes up to and with the last line break: what comes after it is still being written. */
async function wholeLinesOf(path: string, ops: FileOps): Promise<number> {
  let fd: number;
  try {
    fd = ops.open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
  try {
    const block = new Uint8Array(BLOCK);
    for (let end = ops.stat(fd).size; end > 0;) {
      const start = Math.max(0, end - BLOCK);
      const read = await ops.read(fd, block, 0, end - start, start);
      const at = block.subarray(0, read).lastIndexOf(LINE_BREAK);
      if (at >= 0) return start + at + 1;
      end = start;
    }
    return 0;
  } finally {
    ops.close(fd);
  }
}
