import { describe, expect, test } from 'vitest';
import { endOfLife, tokenIn } from '../../../../src/io/http/auth/token-text.js';

const ASKED = Date.parse('2026-11-22T09:30:00Z');

test.each<[string, object]>([
  ['abc', { value: 'abc' }],
  ['abc\n', { value: 'abc' }],
  ['  abc \r\nuser: me\r\n', { value: 'abc' }],
  ['\ufeffabc\n', { value: 'abc' }],
  ['{"token":"abc"}', { value: 'abc' }],
  ['\ufeff\n { "access_token": "abc", "token_type": "Bearer" }\n', { value: 'abc' }],
  ['{"token":"abc","expires_in":60}', { value: 'abc', expiresAt: ASKED + 60_000 }],
  ['{"token":"abc","expires_in":"3600"}', { value: 'abc', expiresAt: ASKED + 3_600_000 }],
  ['{"token":"abc","expires_in":1e9}', { value: 'abc', expiresAt: ASKED + 1e12 }],
  ['{"token":"abc","expires_in":0}', { value: 'abc' }],
  ['{"token":"abc","expires_in":-1}', { value: 'abc' }],
  ['{"token":"abc","expires_in":null,"expires_at":null}', { value: 'abc' }],
  ['{"token":"abc","expires_in":"soon"}', { value: 'abc' }],
  ['{"token":"abc","expires_at":1764000000}', { value: 'abc', expiresAt: 1_764_000_000_000 }],
  ['{"token":"abc","expires_at":"1764000000.5"}', { value: 'abc', expiresAt: 1_764_000_000_500 }],
  ['{"token":"abc","expires_at":"2026-11-22T10:30:00+01:00"}', { value: 'abc', expiresAt: ASKED }],
  ['{"token":"abc","expires_at":"2026-11-22 09:30:00Z"}', { value: 'abc', expiresAt: ASKED }],
  ['{"token":"abc","expires_at":0}', { value: 'abc' }],
])('%j is a token', (text, token) => {
  expect(tokenIn(text, ASKED)).toEqual(token);
});

describe('what is none says why, and not what it is', () => {
  test.each([
    ['', 'is empty'],
    [' \n\n', 'is empty'],
    ['\nc4n4ry', 'has an empty first line, where the token should be'],
    ['{"token":"c4n4', 'begins like JSON and is none'],
    ['{c4n4ry}', 'begins like JSON and is none'],
    ['{"accessToken":"c4n4ry"}', 'is JSON without a text "token" or "access_token"'],
    ['{"token":4711}', 'is JSON without a text "token" or "access_token"'],
    ['{"token":""}', 'is JSON with an empty token'],
    [
      '{"token":"c4n4ry","expires_at":"tomorrow"}',
      'has an "expires_at" that is neither ISO 8601 nor seconds since 1970',
    ],
    ['{"token":"c4n4ry","expires_at":{}}', 'has an "expires_at" that is neither ISO 8601 nor seconds since 1970'],
  ])('%j', (text, message) => {
    expect(() => tokenIn(text, ASKED)).toThrow(new Error(message));
  });
});

test.each([[Number.NaN], [Infinity], ['1e3'], [''], [true], [undefined], [[5]]])('%j is no life', (seconds) => {
  expect(endOfLife(seconds, ASKED)).toBeUndefined();
});
