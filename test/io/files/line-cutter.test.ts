import { expect, test } from 'vitest';
import { LineCutter } from '../../../src/io/files/line-cutter.js';

/** What the sink is told of these bytes, cut into chunks of `size`: with each line its number and byte offset. */
function toldOf(bytes: Buffer, size: number, maxBytes = 100): unknown[] {
  const told: unknown[] = [];
  const lines = new LineCutter(maxBytes, {
    line: (text, number) => told.push([text, number, lines.offset]),
    notUtf8: (line, number) => told.push([line.toString('latin1'), number, lines.offset, 'not UTF-8']),
    tooLong: (number) => told.push([number, lines.offset, 'too long']),
  });
  for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size));
  told.push(['rest', lines.rest?.toString(), lines.number, lines.offset]);
  lines.endLine();
  return told;
}

const SIZES = [1, 2, 3, 5, 7, 11, 1000];

test.each(SIZES)('lines have their numbers and byte offsets, in chunks of %i bytes', (size) => {
  expect(toldOf(Buffer.from('one\r\n\nzwölf\n€ and 😀\nlast'), size)).toEqual([
    ['one\r', 1, 0],
    ['', 2, 5],
    ['zwölf', 3, 6],
    ['€ and 😀', 4, 13],
    ['rest', 'last', 5, 26],
    ['last', 5, 26],
  ]);
});

test.each(SIZES)('a line that is not UTF-8 spoils no other, in chunks of %i bytes', (size) => {
  expect(toldOf(Buffer.from('ok\nb\xffd\nok again\n', 'latin1'), size)).toEqual([
    ['ok', 1, 0],
    ['b\xffd', 2, 3, 'not UTF-8'],
    ['ok again', 3, 7],
    ['rest', '', 4, 16],
  ]);
});

test.each(SIZES)('the limit is in bytes and without the end of the line, in chunks of %i bytes', (size) => {
  expect(toldOf(Buffer.from('12345\r\n123456\nääx\näää\n\xff\n1234567'), size, 5)).toEqual([
    ['12345\r', 1, 0],
    [2, 7, 'too long'],
    ['ääx', 3, 14],
    [4, 20, 'too long'],
    ['\xff', 5, 27],
    ['rest', undefined, 6, 30],
    [6, 30, 'too long'],
  ]);
});
