import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identityOfPath, identityOfStats } from '../../../src/io/files/same-file.js';

const looked = (dev: number, ino: number) => Object.assign(statSync('.'), { dev, ino });

test('a file is told by its disk and its number there', () => {
  expect(identityOfStats(looked(1, 7), 'linux')).toBe('1:7');
});

test('on Windows the number of the disk, which depends on how one looks, does not count', () => {
  expect(identityOfStats(looked(0x1_0000_0001, 7), 'win32')).toBe(identityOfStats(looked(1, 7), 'win32'));
});

test('on Windows a path is the same in capitals', () => {
  expect(identityOfPath('C:\\Run.json', 'win32')).toBe(identityOfPath('c:\\run.JSON', 'win32'));
  expect(identityOfPath('/Run.json', 'linux')).not.toBe(identityOfPath('/run.json', 'linux'));
});
