import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { gunzipped } from '../../../../src/io/sources/file/gunzip.js';

/** What comes out of these pieces, each overwritten once the next is asked for; and the message at the end, if any. */
async function gunzip(pieces: Iterable<Buffer>): Promise<{ text: string; problem?: string }> {
  async function* chunks(): AsyncGenerator<Buffer> {
    await Promise.resolve();
    for (const piece of pieces) {
      const lent = Buffer.from(piece);
      yield lent;
      lent.fill(0xaa);
    }
  }
  const out: Buffer[] = [];
  try {
    for await (const piece of gunzipped('x.gz', chunks())) out.push(Buffer.from(piece));
  } catch (error) {
    return { text: Buffer.concat(out).toString(), problem: (error as Error).message };
  }
  return { text: Buffer.concat(out).toString() };
}

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A member with everything in its header that may be there. */
function withFullHeader(text: string): Buffer {
  const fields = [Buffer.from([3, 0, 1, 2, 3]), Buffer.from('name.json\0'), Buffer.from('a comment\0')];
  const header = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3]), ...fields]);
  const sums = Buffer.alloc(10);
  sums.writeUInt16LE(crc32(header) & 0xffff);
  sums.writeUInt32LE(crc32(text), 2);
  sums.writeUInt32LE(text.length, 6);
  return Buffer.concat([header, sums.subarray(0, 2), deflateRawSync(text), sums.subarray(2)]);
}

test('whatever the members and however they are cut, all of their content comes, and then what is wrong', async () => {
  const member = fc.tuple(fc.string({ maxLength: 300, unit: 'grapheme-ascii' }), fc.boolean());
  const rest = fc.constantFrom('', 'rubbish', '\0\0\0', '\0rubbish');
  const size = fc.integer({ min: 1, max: 200 });
  await fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 5 }), rest, size, async (members, tail, bytes) => {
      const whole = Buffer.concat(members.map(([text, full]) => (full ? withFullHeader(text) : gzipSync(text))));
      const problem = `x.gz goes on with something that is not gzip (byte ${whole.length})`;
      expect(await gunzip(cut(Buffer.concat([whole, Buffer.from(tail)]), bytes))).toEqual({
        text: members.map(([text]) => text).join(''),
        ...(tail.includes('r') ? { problem } : {}),
      });
    }),
    { numRuns: 60, seed: 15 },
  );
});

test('wherever it is cut off, that is said, and what came before is given', async () => {
  const whole = Buffer.concat([gzipSync('first'), withFullHeader('second')]);
  const firstLength = gzipSync('first').length;
  for (let length = 2; length < whole.length; length++) {
    const { text, problem } = await gunzip([whole.subarray(0, length)]);
    const isWhole = length === firstLength;
    // Of the second's beginning one byte is there, which is none yet.
    const isRubbish = length === firstLength + 1;
    if (length >= firstLength) expect(text).toMatch(/^first/);
    if (isWhole) expect(problem).toBeUndefined();
    else expect(problem).toContain(isRubbish ? 'goes on with something' : 'is cut off: the compressed data ends early');
  }
});

test.each([
  ['another method', 2, 9, 'unknown compression method'],
  ['flags that nobody knows', 3, 0x20, 'unknown header flags set'],
  ['a block of no known type', 10, 0xff, 'invalid block type'],
])('%s is damage', async (_, at, byte, problem) => {
  const bytes = gzipSync('text');
  bytes[at] = byte;
  expect(await gunzip([bytes])).toEqual({ text: '', problem: `x.gz is damaged: ${problem}` });
});
