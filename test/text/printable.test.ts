import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { displayWidth, fit, fitPrintable, pad, printable } from '../../src/text/printable.js';
import { countSegmented } from '../helpers/segmented.js';

describe('printable', () => {
  test.each([
    ['plain text', 'Suspicious log-in', 'Suspicious log-in'],
    ['letters of any script', '账户 Ünïcode बैंक ขอ', '账户 Ünïcode बैंक ขอ'],
    ['line breaks and tabs by name', 'a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['an escape sequence', '\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['C1 controls and DEL', '\u009b31m\u007f', '\\x9b31m\\x7f'],
    ['marks that reorder text', 'abc\u202edcba\u2066', 'abc\\u202edcba\\u2066'],
    ['text that nobody sees', 'a\u200bb\u00ad\ufeff\u3164\u180e', 'a\\u200bb\\xad\\ufeff\\u3164\\u180e'],
    ['tag characters beyond the first plane', 'a\u{e0041}\u{e007f}', 'a\\u{e0041}\\u{e007f}'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['lone surrogates', '\ud83d!\udca9', '\\ud83d!\\udca9'],
    ['a joiner between Latin letters', 'CASE\u200d-\u200c1', 'CASE\\u200d-\\u200c1'],
  ])('%s', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test.each([
    ['a family', '👨\u200d👩\u200d👧'],
    ['an emoji with skin tone and variation selector', '👩🏽\u200d💻 ❤\ufe0f\u200d🔥'],
    ['Persian', 'می\u200cخواهم'],
    ['Hindi', 'क्\u200dष'],
  ])('joiners stay in %s', (_, text) => {
    expect(printable(text)).toBe(text);
  });

  test('what comes out is printable and on one line, whatever goes in', () => {
    const anything = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(anything, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect(printable(printable(text))).toBe(printable(text));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['Überweisung über 12 500 €', 25],
    ['–', 1],
    ['Ελλάδα', 6],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['账户被锁定', 10],
    ['ログイン', 8],
    ['ｱ', 1],
    ['한국', 4],
    ['\u1112\u1161\u11ab', 2],
    ['กำ', 2],
    ['ที่', 1],
    ['क्षि', 3],
    ['👨\u200d👩\u200d👧', 2],
    ['🇩🇪', 2],
    ['1\ufe0f\u20e3', 2],
    ['☎', 1],
    ['☎\ufe0f', 2],
    ['🔒', 2],
    ['…', 1],
    ['\u0301', 0],
  ])('%s takes %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

test('the short way for European text comes to what the long way comes to', () => {
  const differing = Array.from({ length: 0x3000 - 0x20 }, (_, n) => String.fromCodePoint(n + 0x20)).filter(
    (character) => {
      const shown = printable(character);
      const joins = /\p{M}|\p{Cf}/u.test(character);
      return (
        printable(`账${character}`) !== `账${shown}` ||
        (!joins && displayWidth(`账 ${shown}`) !== 3 + displayWidth(shown))
      );
    },
  );
  expect(differing).toEqual([]);
});

describe('fit', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['abcd', 1, '…'],
    ['abcd', 0, ''],
    ['', 0, ''],
    ['账户被锁定', 10, '账户被锁定'],
    ['账户被锁定', 9, '账户被锁…'],
    ['账户被锁定', 8, '账户被…'],
    ['账户', 1, '…'],
    ['abe\u0301d', 3, 'ab…'],
    ['abe\u0301', 3, 'abe\u0301'],
    ['ab👨\u200d👩\u200d👧', 3, 'ab…'],
    ['a👨\u200d👩\u200d👧b', 4, 'a👨\u200d👩\u200d👧b'],
  ])('%s in %i columns is %s', (text, width, expected) => {
    expect(fit(text, width)).toBe(expected);
  });

  test('the outcome fits, and a text that fits stays as it is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '账', 'e\u0301', '🔒', '👨\u200d👩\u200d👧', 'กำ') });
    fc.assert(
      fc.property(text, fc.nat(20), (any, width) => {
        expect(displayWidth(fit(any, width))).toBeLessThanOrEqual(width);
        if (displayWidth(any) <= width) expect(fit(any, width)).toBe(any);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('pad', () => {
  test.each([
    ['ab', 4, 'left', 'ab  '],
    ['ab', 4, 'right', '  ab'],
    ['账户', 5, 'left', '账户 '],
    ['abcd', 2, 'left', 'abcd'],
  ] as const)('%s to %i columns, %s', (text, width, side, expected) => {
    expect(pad(text, width, side)).toBe(expected);
  });
});

describe('a huge text', () => {
  const units = ['账', 'e\u0301', '🔒', '👨\u200d👩\u200d👧', '🇩🇪', 'กำ', 'क्\u200dष', 'a', `e${'\u0301'.repeat(30)}`];

  test('is measured in pieces: twice as long is twice the work, not four times', () => {
    const counted = countSegmented();
    for (const unit of units) displayWidth(unit.repeat(20_000 / unit.length));
    expect(counted.longest).toBeLessThanOrEqual(256);
    expect(counted.all).toBeLessThan(2 * 20_000 * units.length);
  });

  test('has the width of its parts, wherever a piece ends', () => {
    for (const unit of units) {
      for (let before = 250; before < 257; before++) {
        expect(displayWidth(`${'账'.repeat(before)}${unit}${unit}`)).toBe(2 * before + 2 * displayWidth(unit));
      }
    }
  });

  test('is cut without being looked at whole', () => {
    const counted = countSegmented();
    expect(fit('账'.repeat(1_000_000), 9)).toBe('账账账账…');
    expect(fitPrintable('账'.repeat(1_000_000), 9)).toBe('账账账账…');
    expect(counted.all).toBeLessThan(5000);
  });

  test('of marks that take no column does not fill a line for ever', () => {
    const counted = countSegmented();
    for (const text of [`e${'\u0301'.repeat(1_000_000)}`, `a${'\u034f\u0301'.repeat(500_000)}`]) {
      expect(fitPrintable(text, 10).length).toBeLessThan(2000);
      expect(fit(text, 10).length).toBeLessThan(2000);
    }
    expect(counted.all).toBeLessThan(20_000);
  });

  test('that is cut in the middle of a character is cut before it', () => {
    const cut = fit(`e${'\u0301'.repeat(254)}${'\u{1d165}'.repeat(1000)}`, 3);
    expect(cut).not.toMatch(/\p{Cs}/u);
  });
});
