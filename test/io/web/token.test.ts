import { expect, test } from 'vitest';
import { parseAccessToken } from '../../../src/config/access-token.js';
import { newToken } from '../../../src/io/web/token.js';

test('a new token has 192 random bits, each time others, and is one that a user could have given', () => {
  const tokens = Array.from({ length: 200 }, newToken);
  expect(new Set(tokens).size).toBe(200);
  for (const token of tokens) {
    expect(Buffer.from(token, 'base64url')).toHaveLength(24);
    expect(parseAccessToken(token)).toEqual({ ok: true, value: token });
  }
});
