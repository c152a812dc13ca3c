import { describe, expect, test } from 'vitest';
import { createRedactor, isStandardHeader, secretsOfHeaders } from '../../src/io/redact.js';

const SECRET = 'p/ä"s+s w';
const redactor = createRedactor([SECRET]);

describe('spellings', () => {
  test.each([
    ['raw', SECRET],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON-escaped with slashes too', JSON.stringify(SECRET).slice(1, -1).replace('/', '\\/')],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in small letters', encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ['as a form field', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['base64', Buffer.from(SECRET).toString('base64')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
  ])('%s', (_what, spelled) => {
    expect(redactor.redact(`before ${spelled}, ${spelled} after`)).toBe('before ***, *** after');
  });

  test('signs that mean something to a pattern are taken literally', () => {
    expect(createRedactor(['a.*$^(b)[c]{2}|\\-']).redact('x a.*$^(b)[c]{2}|\\- aXXb')).toBe('x *** aXXb');
  });

  test('the longer secret goes first', () => {
    expect(createRedactor(['abcd', 'abcdefgh']).redact('abcdefgh abcd')).toBe('*** ***');
  });

  test('short secrets are hidden as whole words only', () => {
    expect(createRedactor(['7', 'ab']).redact('7 of 17, ab, cab, "ab"')).toBe('*** of 17, ***, cab, "***"');
  });

  test('without secrets nothing changes', () => {
    expect(createRedactor(['', ' ']).redact('a b')).toBe('a b');
  });
});

describe('a text that was cut off', () => {
  const cut = createRedactor(['supersecret']);

  test.each([
    ['in a secret', 'token: supersec', 'token: ***'],
    ['right after a secret', 'token: supersecret', 'token: ***'],
    ['elsewhere', 'token: super', 'token: ***'],
    ['too early to give anything away', 'token: sup', 'token: sup'],
    ['in other words', 'it is super fine', 'it is super fine'],
  ])('%s', (_what, text, expected) => {
    expect(cut.redactCut(text)).toBe(expected);
  });
});

describe('headers', () => {
  test('standard ones are no secret, others are', () => {
    expect(['Accept', 'content-type', 'X-Request-Id'].every(isStandardHeader)).toBe(true);
    expect(['authorization', 'x-api-key', 'cookie', 'x-tenant'].some(isStandardHeader)).toBe(false);
  });

  test('values are hidden whole and by their parts', () => {
    const basic = Buffer.from('me:passw0rd').toString('base64');
    const secrets = secretsOfHeaders([
      ['accept', 'text/plain'],
      ['Authorization', 'Bearer abcdef123'],
      ['x-auth', `Basic ${basic}`],
      ['cookie', 'session=s3ss10n; theme=dark'],
    ]);
    const text = `text/plain Bearer abcdef123 | abcdef123 | ${basic} | passw0rd | s3ss10n`;
    expect(createRedactor(secrets).redact(text)).toBe('text/plain *** | *** | *** | *** | ***');
  });
});
