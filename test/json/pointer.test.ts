import { describe, expect, test } from 'vitest';
import { pointer, pointerTokens } from '../../src/json/pointer.js';

describe('pointerTokens', () => {
  test.each([
    ['', []],
    ['/', ['']],
    ['/a/0/b', ['a', '0', 'b']],
    ['/a~1b/m~0n/~01', ['a/b', 'm~n', '~1']],
  ])('%j is %j, and back', (text, tokens) => {
    expect(pointerTokens(text)).toEqual(tokens);
    expect(pointer(tokens)).toBe(text);
  });

  test.each(['a', '/a~2', '/a~'])('%j is none', (text) => expect(pointerTokens(text)).toBeUndefined());
});
