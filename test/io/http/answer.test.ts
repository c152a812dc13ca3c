import { expect, test } from 'vitest';
import { beginningOf } from '../../../src/io/http/answer.js';

const TEXT = 'no access for tökén';
const little = Buffer.from(TEXT, 'utf16le');
const big = Buffer.from(little).swap16();

test.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-16 little-endian', little],
  ['UTF-16 big-endian', big],
  ['UTF-16 little-endian with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
  ['UTF-16 big-endian with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
])('the beginning of a body is read as %s', (_what, body) => {
  expect(beginningOf(body)).toBe(TEXT);
});

test('no character of a long body is cut in half', () => {
  expect(beginningOf(Buffer.from('ä'.repeat(300)))).toBe('ä'.repeat(256));
  expect(beginningOf(Buffer.from(`x${'ä'.repeat(300)}`))).toBe(`x${'ä'.repeat(255)}`);
  expect(beginningOf(Buffer.from('x'.repeat(300), 'utf16le'))).toBe('x'.repeat(256));
});
