import { describe, expect, test } from 'vitest';
import { hang, joinWithin, wrap } from '../../src/text/wrap.js';
import { countSegmented } from '../helpers/segmented.js';

describe('wrap', () => {
  test.each([
    ['', 5, ['']],
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 100, ['one two three']],
    ['a-word-that-is-long b', 5, ['a-word-that-is-long', 'b']],
    ['账户 账户 账户', 9, ['账户 账户', '账户']],
  ])('%j at %i columns', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  test('measures each word once, however long the line gets', () => {
    const counted = countSegmented();
    expect(wrap('账 '.repeat(3000), 1e9)).toHaveLength(1);
    expect(counted.all).toBeLessThanOrEqual(3001);
  });
});

test('a line that goes on keeps no separator at its end', () => {
  expect(joinWithin(['1 a', '2 b', '3 c'], ' · ', 9)).toEqual(['1 a · 2 b', '3 c']);
});

test('lines hang below the first one', () => {
  expect(hang('→ ', ['one', 'two'])).toEqual(['→ one', '  two']);
});
