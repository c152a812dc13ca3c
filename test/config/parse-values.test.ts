import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  durationText,
  parseBoolean,
  parseComparison,
  parseCount,
  type Parsed,
  parseDuration,
  parsePointer,
  parseRate,
  parseDelimiter,
  parseShard,
  parseShare,
  parseSize,
  parseSort,
} from '../../src/config/parse-values.js';

const ANY = { min: 0, max: Number.MAX_SAFE_INTEGER };
const problemOf = (parsed: Parsed<unknown>): string =>
  parsed.ok ? `accepted ${JSON.stringify(parsed.value)}` : parsed.problem;
const valueOf = (parsed: Parsed<unknown>): unknown => (parsed.ok ? parsed.value : parsed);

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['0.4ms', 0],
  ])('%s is %d ms', (text, ms) => expect(valueOf(parseDuration(text, ANY))).toBe(ms));

  test.each([
    ['30', 'needs a unit'],
    ['1.5', 'needs a unit'],
    ['5 s', 'is not a duration'],
    ['-5s', 'is not a duration'],
    ['5S', 'is not a duration'],
    ['5sec', 'is not a duration'],
    ['1m30s', 'is not a duration'],
    ['', 'is not a duration'],
    ['.5s', 'is not a duration'],
  ])('%j %s', (text, problem) => expect(problemOf(parseDuration(text, ANY))).toBe(problem));

  test('out of bounds says what is allowed in round units', () => {
    expect(parseDuration('2h', { min: 1, max: 60_000 })).toMatchObject({
      problem: 'is out of range',
      takes: '1ms to 1m',
    });
  });

  test('written out they parse back to the same', () => {
    const ms = fc.integer({ min: 0, max: 10 ** 10 });
    fc.assert(
      fc.property(ms, (value) => valueOf(parseDuration(durationText(value), ANY)) === value),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('sizes', () => {
  test.each([
    ['64KiB', 65_536],
    ['1MB', 1_000_000],
    ['10MiB', 10_485_760],
    ['1kb', 1000],
    ['512B', 512],
    ['1.5KiB', 1536],
  ])('%s is %d bytes', (text, bytes) => expect(valueOf(parseSize(text, ANY))).toBe(bytes));

  test.each([
    ['1024', 'needs a unit'],
    ['1M', 'is not a size'],
    ['1iB', 'is not a size'],
    ['1TiB', 'is not a size'],
    ['MB', 'is not a size'],
  ])('%j %s', (text, problem) => expect(problemOf(parseSize(text, ANY))).toBe(problem));
});

describe('rates', () => {
  test.each([
    ['50/s', 50, 1000, 50],
    ['600/m', 600, 60_000, 10],
    ['0.5/s', 0.5, 1000, 0.5],
    ['3600/h', 3600, 3_600_000, 1],
  ])('%s', (text, count, perMs, perSecond) => expect(valueOf(parseRate(text))).toEqual({ count, perMs, perSecond }));

  test.each([
    ['0/s', 'is too slow'],
    ['5', 'needs a unit of time'],
    ['5/d', 'is not a rate'],
    ['-1/s', 'is not a rate'],
    ['1000000/s', 'is too fast'],
    ['fast', 'is not a rate'],
  ])('%s %s', (text, problem) => expect(problemOf(parseRate(text))).toBe(problem));
});

describe('shares', () => {
  test.each([
    ['20', { count: 20 }],
    ['5%', { percent: 5 }],
    ['0.5%', { percent: 0.5 }],
    ['100%', { percent: 100 }],
  ])('%s', (text, share) => expect(valueOf(parseShare(text, 1))).toEqual(share));

  test.each([
    ['101%', 'is more than 100%'],
    ['0', 'is out of range'],
    ['0%', 'is out of range'],
    ['1.5', 'is not a whole number'],
    ['-1', 'is neither a number nor a percentage'],
    ['some', 'is neither a number nor a percentage'],
  ])('%s %s when none is not allowed', (text, problem) => expect(problemOf(parseShare(text, 1))).toBe(problem));

  test('none at all can be allowed', () => expect(valueOf(parseShare('0', 0))).toEqual({ count: 0 }));
});

describe('shards', () => {
  test('I of N', () => expect(valueOf(parseShard('3/8'))).toEqual({ index: 3, count: 8 }));
  test.each([
    ['3/2', 'is none of 2 parts'],
    ['2/1', 'is none of 1 part'],
    ['0/2', 'is none of 2 parts'],
    ['1/0', 'is out of range'],
    ['1/10001', 'is out of range'],
    ['1of2', 'is not I/N'],
  ])('%s %s', (text, problem) => expect(problemOf(parseShard(text))).toBe(problem));
});

describe('comparisons', () => {
  test.each([
    ['status=open', 'status', '=', 'open'],
    ['status!=open', 'status', '!=', 'open'],
    ['a.b=c=d', 'a.b', '=', 'c=d'],
    ['a!=b=c', 'a', '!=', 'b=c'],
    ['a=!=b', 'a', '=', '!=b'],
    ['note=', 'note', '=', ''],
    ['note=two\nlines', 'note', '=', 'two\nlines'],
    ['status', 'status', 'present', ''],
    [' a.b ', 'a.b', 'present', ''],
    ['!status', 'status', 'absent', ''],
    ['!a=b', '!a', '=', 'b'],
  ])('%j', (text, name, op, value) => expect(valueOf(parseComparison(text))).toEqual({ name, op, value }));

  test.each(['=open', '!=open', '', ' ', '!', 'age>5', 'age<5'])('%j is none', (text) => {
    expect(problemOf(parseComparison(text))).toBe('is no comparison');
  });
});

test.each([
  ['', ''],
  ['/a/0', '/a/0'],
  ['/a~1b', '/a~1b'],
])('the pointer %j is kept as it is', (text, value) => expect(valueOf(parsePointer(text))).toBe(value));

test.each([
  ['data.items', '/data/items'],
  ['$.data', '/data'],
  ['data', '/data'],
])('for %s a pointer is proposed', (text, value) => expect(parsePointer(text)).toMatchObject({ instead: [[value]] }));

test.each([
  ['priority', { field: 'priority', descending: false }],
  ['-priority', { field: 'priority', descending: true }],
])('sort by %s', (text, order) => expect(valueOf(parseSort(text))).toEqual(order));

test('a lone dash names no field to sort by', () => expect(problemOf(parseSort('-'))).toBe('names no field'));

test.each([
  ['1', true],
  ['true', true],
  ['TRUE', true],
  ['0', false],
  ['false', false],
])('%s is %s', (text, value) => expect(valueOf(parseBoolean(text))).toBe(value));

test('yes is no boolean', () => expect(problemOf(parseBoolean('yes'))).toBe('is neither true nor false'));

test.each(['1.5', '1e3', '0x10', '', ' 5', '٣'])('%j is no whole number', (text) => {
  expect(problemOf(parseCount(text, ANY))).toBe('is not a whole number');
});

describe('a delimiter', () => {
  test.each([
    [';', ';'],
    ['tab', '\t'],
    ['\\t', '\t'],
    ['\t', '\t'],
    [' ', ' '],
  ])('%j', (text, value) => expect(valueOf(parseDelimiter(text))).toBe(value));

  test.each([
    ['', 'is empty'],
    [';;', 'is not one character'],
    ['"', 'cannot divide cells: quotes and line breaks mean something else'],
    ['\n', 'cannot divide cells: quotes and line breaks mean something else'],
  ])('%j %s', (text, problem) => expect(problemOf(parseDelimiter(text))).toBe(problem));
});
