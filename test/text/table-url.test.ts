import { expect, test } from 'vitest';
import { isTableUrl, namesTable, passwordsIn, splitPassword, withoutPassword } from '../../src/text/table-url.js';

test.each(['postgres://h/db', 'postgresql://h/db?table=a', 'POSTGRES://h/db'])('%s is a table', (name) => {
  expect(isTableUrl(name)).toBe(true);
});

test.each(['cases.json', 'postgres.json', 'postgres:h', 'http://h/postgres://', '-', undefined])(
  '%s is none',
  (name) => {
    expect(isTableUrl(name)).toBe(false);
  },
);

test('a table is named by its parameter alone', () => {
  expect(
    ['postgres://h/table=a', 'postgres://h/d?table=a', 'postgres://h/d?sslmode=disable&table=a'].map(namesTable),
  ).toEqual([false, true, true]);
});

test.each([
  ['postgres://u:geheim@h/db?table=a', 'postgres://u@h/db?table=a', 'geheim'],
  ['postgres://u:a%40b%3A%25%22@h:1/db', 'postgres://u@h:1/db', 'a%40b%3A%25%22'],
  ['postgres://u:a:b@h/db', 'postgres://u@h/db', 'a:b'],
  ['postgres://:only@h/db', 'postgres://@h/db', 'only'],
  ['postgres://u@h:5432/db?table=a@b', 'postgres://u@h:5432/db?table=a@b', undefined],
  ['postgres://h:5432/db?table=a@b', 'postgres://h:5432/db?table=a@b', undefined],
  ['postgres://%2Fvar%2Frun/db', 'postgres://%2Fvar%2Frun/db', undefined],
])('%s is shown as %s', (url, shown, password) => {
  expect(splitPassword(url)).toEqual(password === undefined ? { shown } : { shown, password });
});

test.each([
  'postgres://u:pass@word@h/db',
  'postgres://u:pa/ss@h/db',
  'postgres://u:pa?ss@h/db',
  'postgres://u:pa#ss@h/db',
])('nothing of %s is shown: its password may be anywhere', (url) => {
  expect(splitPassword(url)).toBeUndefined();
  expect(withoutPassword(url)).toBe('postgres://***');
  expect(passwordsIn([`--files=${url}`])[0]).toMatch(/^pa/);
});

test('passwords are found in any text, as written and decoded; short ones with what stands around them', () => {
  expect(passwordsIn(['-o=postgres://u:s%40fe%25@h/db', undefined, 'postgresql://u:abc@h', 'x'])).toEqual([
    's%40fe%25',
    's@fe%',
    ':abc@',
  ]);
});
