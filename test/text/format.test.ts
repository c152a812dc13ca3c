import { execFileSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { clip } from '../../src/text/clip.js';
import {
  durationFlag,
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatInstant,
  formatPercent,
  formatRate,
} from '../../src/text/format.js';
import { hang, wrap } from '../../src/text/wrap.js';
import { commandLine, shellQuote } from '../../src/text/shell.js';
import { displayWidth } from '../../src/text/printable.js';

test.each([
  [0, '0ms'],
  [0.02, '<0.1ms'],
  [0.44, '0.4ms'],
  [8.44, '8.4ms'],
  [9.96, '10ms'],
  [84.4, '84ms'],
  [999.4, '999ms'],
  [999.6, '1s'],
  [4600, '4.6s'],
  [12_000, '12s'],
  [59_940, '59.9s'],
  [59_960, '1m 00s'],
  [125_000, '2m 05s'],
  [3_599_600, '1h 00m'],
  [3_780_000, '1h 03m'],
  [86_400_000, '1d 00h'],
  [187_200_000, '2d 04h'],
  [-1, '–'],
  [Number.NaN, '–'],
])('%d ms is %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected);
});

test.each([
  [10_000, '10s'],
  [1500, '1500ms'],
  [120_000, '2m'],
  [90_000, '90s'],
])('%d ms as a flag is %s', (ms, expected) => {
  expect(durationFlag(ms)).toBe(expected);
});

test.each([
  [0, 10, '0%'],
  [1, 10_000, '<0.1%'],
  [1, 300, '0.3%'],
  [1, 3, '33%'],
  [9_999, 10_000, '99%'],
  [10, 10, '100%'],
  [0, 0, '0%'],
])('%d of %d is %s', (part, whole, expected) => {
  expect(formatPercent(part, whole)).toBe(expected);
});

test('an instant is shown in UTC, and what is no date as it is', () => {
  expect(formatInstant('2026-11-22T10:30:00.123+01:00')).toBe('2026-11-22 09:30:00 UTC');
  expect(formatInstant('soon')).toBe('soon');
});

test.each([
  ['abcdef', 'abc…'],
  ['abcd', 'abcd'],
  ['ab😀def', 'ab…'],
])('%s cut to four units is %s', (text, expected) => {
  expect(clip(text, 4)).toBe(expected);
});

test('counts, rates and sizes', () => {
  expect(formatCount(Number.NaN)).toBe('–');
  expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([formatCounted(1, 'case'), formatCounted(2947, 'retry', 'retries')]).toEqual(['1 case', '2,947 retries']);
  expect([0, 0.254, 8.46, 9.97, 411.6, 2500].map(formatRate)).toEqual(['0', '0.25', '8.5', '10', '412', '2,500']);
  expect([0, 1023, 1024, 1536, 1_048_525, 1_048_576, 2 ** 41].map(formatBytes)).toEqual([
    '0B',
    '1023B',
    '1KiB',
    '1.5KiB',
    '1MiB',
    '1MiB',
    '2TiB',
  ]);
});

describe('lines', () => {
  test('are broken at spaces and hang below their first', () => {
    expect(hang('- ', wrap('one two three', 8))).toEqual(['- one two', '  three']);
    expect(wrap('a-word-that-is-too-long here', 8)).toEqual(['a-word-that-is-too-long', 'here']);
    expect(wrap('', 8)).toEqual(['']);
    expect(displayWidth(wrap('账户 被锁定', 6)[0] ?? '')).toBe(4);
  });
});

describe('a shell word', () => {
  test.each([
    ['cases.ndjson', 'cases.ndjson'],
    ['--limit=10', '--limit=10'],
    ['my cases.json', "'my cases.json'"],
    ["it's", String.raw`'it'\''s'`],
    ['https://x/{id}?a=1&b', "'https://x/{id}?a=1&b'"],
    ['', "''"],
    ['=ls', "'=ls'"],
    ['~', "'~'"],
    ['\u001b[31m', String.raw`$'\U0000001b[31m'`],
  ])('%j is written %s', (word, expected) => {
    expect(shellQuote(word)).toBe(expected);
  });

  test('is what bash reads', () => {
    const words = [
      "a'b",
      '$HOME `id` "x" \\',
      '*?[a]{b,c}!',
      "tab\tquote'\\line\n",
      '\u202eé账',
      '#x',
      '-n',
      '\u009b',
      '\u{e0041}',
    ];
    const command = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`;
    const out = execFileSync('bash', ['-c', command], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    expect(out.split('\0').slice(0, -1)).toEqual(words);
  });

  test('joins to a command', () => {
    expect(commandLine(['list', 'a b'])).toBe("case-tracker list 'a b'");
  });
});
