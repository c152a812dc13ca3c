import { expect, test } from 'vitest';
import { errnoWords } from '../../src/text/errno-words.js';

test.each([
  ['ENOENT', 'no such file', 'its folder does not exist'],
  ['ENOSPC', 'no space left on the disk', 'no space left on the disk'],
  ['EWHATEVER', undefined, undefined],
  [undefined, undefined, undefined],
])('%s', (code, reading, writing) => {
  expect([errnoWords(code, 'reading'), errnoWords(code, 'writing')]).toEqual([reading, writing]);
});
