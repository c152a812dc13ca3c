import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { realClock } from '../../../src/host.js';
import { bodyOf } from '../../../src/io/web/request-body.js';

test('chunks that wait come one by one: nothing is copied together', async () => {
  const request = new Readable({ read: () => {} });
  for (const chunk of ['hello', 'you', null]) request.push(chunk);
  const lengths: number[] = [];
  for await (const { length } of bodyOf(request as IncomingMessage, realClock, () => {})) lengths.push(length);
  expect(lengths).toEqual([5, 3]);
});
