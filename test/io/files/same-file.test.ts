import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identityOfStats } from '../../../src/io/files/same-file.js';

const looked = (dev: number, ino: number) => Object.assign(statSync('.'), { dev, ino });

test('a file is told by its disk and its number there', () => {
  expect(identityOfStats(looked(1, 7), 'linux')).toBe('1:7');
});

test('on Windows the number of the disk, which depends on how one looks, does not count', () => {
  expect(identityOfStats(looked(0x1_0000_0001, 7), 'win32')).toBe(identityOfStats(looked(1, 7), 'win32'));
});
