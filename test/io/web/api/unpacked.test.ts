import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { unpacked } from '../../../../src/io/web/api/unpacked.js';

test('gzip that goes on for ever and has nothing in it ends at the limit', async () => {
  const nothing = Buffer.concat(Array.from({ length: 100 }, () => gzipSync('')));
  let sent = 0;
  const endless = Readable.from(
    (function* () {
      for (; sent < 100 * nothing.length; sent += nothing.length) yield nothing;
    })(),
  );
  const reading = unpacked(endless, { isGzip: true, mostBytes: 4 * nothing.length }).next();
  await expect(reading).rejects.toMatchObject({ refusal: { status: 413, error: 'too_large' } });
});
