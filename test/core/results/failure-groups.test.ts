import { describe, expect, test } from 'vitest';

import { Case } from '../../../src/core/case.js';
import { endpointWords } from '../../../src/core/results/endpoint-words.js';
import { failureLabel } from '../../../src/core/results/failure-label.js';
import { placeText } from '../../../src/core/case.js';
import type { SavedResult } from '../../../src/core/results/run-info.js';
import { groupsOf, sampleFailures } from '../../helpers/run-view.js';
import { enriched, failed, invalid } from '../../helpers/samples.js';

describe('groups of failures', () => {
  test('take the same kind, status and reason together, most cases first', () => {
    expect(groupsOf(sampleFailures()).groups()).toMatchObject([
      {
        status: 'failed',
        kind: 'http',
        httpStatus: 422,
        count: 9,
        retryable: 0,
        examples: ['CASE-0181', 'CASE-0207', 'CASE-0398'],
        message: '422 Unprocessable Entity',
        words: 'priority must be one of low, normal, high',
        wordsVary: false,
      },
      { kind: 'timeout', phase: 'response', count: 3, retryable: 3 },
      { kind: 'http', httpStatus: 503, notRetried: 'budget', count: 2 },
      {
        status: 'invalid',
        kind: 'case',
        count: 2,
        examples: ['cases.ndjson:77', 'cases.ndjson:1203'],
        unsendable: false,
      },
    ]);
  });

  test('read a saved result like a fresh one', () => {
    const saved = JSON.parse(JSON.stringify(sampleFailures())) as SavedResult[];
    expect(groupsOf(saved).groups()).toEqual(groupsOf(sampleFailures()).groups());
  });

  test('tell messages apart where there is no code, but not by the parts that differ from case to case', () => {
    const groups = groupsOf([
      failed('a', { kind: 'response', message: 'not JSON at byte 12' }),
      failed('b', { kind: 'response', message: 'not JSON at byte 13' }),
      failed('c', { kind: 'response', message: 'not UTF-8' }),
      invalid({ file: 'f', line: 1 }, 'the id "x" was seen before'),
      invalid({ file: 'f', line: 2 }, 'the id "y" was seen before'),
    ]).groups();
    expect(groups.map(({ message, count }) => [message, count])).toEqual([
      ['not JSON at byte 12', 2],
      ['the id … was seen before', 2],
      ['not UTF-8', 1],
    ]);
  });

  test('know when the endpoint gave different reasons, answered with a web page, or could not be asked', () => {
    const unsendable = {
      ...invalid({ file: 'f', line: 1 }, '{customer} is missing'),
      case: new Case('a', '{"id":"a"}'),
    };
    const groups = groupsOf([
      failed('a', { kind: 'http', httpStatus: 422, message: '', body: 'one reason' }),
      failed('b', { kind: 'http', httpStatus: 422, message: '', body: 'another' }),
      failed('c', { kind: 'response', message: '', body: '<!DOCTYPE html><title>Sign in</title>' }),
      unsendable,
    ]).groups();
    expect(groups).toMatchObject([
      { words: 'one reason', wordsVary: true, html: false },
      { words: 'Sign in', html: true },
      { status: 'invalid', unsendable: true },
    ]);
  });

  test('say nothing about enriched and cancelled cases, but remember the slowest successful attempt', () => {
    const tries = [
      { startMs: 0, durationMs: 5000, outcome: 'timeout', waitMs: 0 },
      { startMs: 5200, durationMs: 700, outcome: 'ok', waitMs: 200 },
    ];
    const shared = enriched('a', { durationMs: 9000, attempts: 0, shared: true });
    const groups = groupsOf([
      enriched('a', { durationMs: 40 }),
      enriched('a', { durationMs: 5900, attempts: 2, tries }),
      shared,
      { ...failed('c', { kind: 'cancelled', message: 'over' }), status: 'cancelled' },
    ]);
    expect(groups.groups()).toEqual([]);
    expect(groups.slowestSuccessMs).toBe(700);
    expect(groupsOf([]).slowestSuccessMs).toBeUndefined();
  });

  test('are at most 64, then everything else is one', () => {
    const results = Array.from({ length: 10_000 }, (_, index) =>
      failed(`C${index}`, { kind: 'network', code: `E${index % 5000}`, message: 'm'.repeat(5000) }),
    );
    const groups = groupsOf(results).groups();
    expect(groups).toHaveLength(65);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
    expect(groups.at(-1)).toMatchObject({ kind: 'other', count: 10_000 - 128, examples: ['C64', 'C65', 'C66'] });
    expect(JSON.stringify(groups).length).toBeLessThan(65 * 1000);
  });
});

test.each([
  [{ kind: 'http', httpStatus: 503 }, 'http 503'],
  [{ kind: 'network', code: 'ECONNRESET' }, 'network ECONNRESET'],
  [{ kind: 'timeout', phase: 'response' }, 'timeout'],
  [{ kind: 'timeout', phase: 'body' }, 'timeout body'],
  [{ kind: 'response' }, 'response'],
  [{ kind: 'response', httpStatus: 200 }, 'response'],
  [{ kind: 'other' }, 'other'],
] as const)('%j is called %s', (failure, expected) => {
  expect(failureLabel(failure)).toBe(expected);
});

test.each([
  [{ file: 'a.ndjson', line: 7 }, 'a.ndjson:7'],
  [{ file: 'a.json', index: 0 }, 'a.json[0]'],
  [{ file: 'a.json' }, 'a.json'],
])('the place %j is %s', (place, expected) => {
  expect(placeText(place)).toBe(expected);
});

describe("the endpoint's words", () => {
  test.each([
    ['the message of a JSON object', '{"code":1,"message":"no such\\n thing"}', 'no such thing'],
    ['a nested error', '{"error":{"code":7,"message":"bad"}}', 'bad'],
    ['the first of several errors', '{"errors":[{"detail":"first"},{"detail":"second"}]}', 'first'],
    ['RFC 9457', '{"type":"about:blank","title":"Refused","detail":"because"}', 'because'],
    ['a JSON string', '"just words"', 'just words'],
    ['JSON that is cut off', '{"trace":["a"],"message":"it \\"ended', 'it "ended'],
    ['JSON without words', '{"ok":false}', '{"ok":false}'],
    ['the title of a web page', '<!doctype html>\n<html><head><title> Sign in </title>', 'Sign in'],
    ['a web page without a title', '<html><body>', 'an HTML page'],
    ['the first line of text', '\n  upstream timed out\nat line 3', 'upstream timed out'],
    ['a long text, cut', 'x'.repeat(500), `${'x'.repeat(159)}…`],
  ])('%s', (_, body, expected) => {
    expect(endpointWords(body)).toBe(expected);
  });

  test.each([[undefined], [''], [' \n ']])('none in %j', (body) => {
    expect(endpointWords(body)).toBeUndefined();
  });
});

describe('a huge answer in a file of results', () => {
  test.each([
    ['a page', `<html>${' '.repeat(5000)}<title>late</title>`, 'an HTML page'],
    ['a page of titles that do not end', `<html>${'<title'.repeat(200_000)}`, 'an HTML page'],
    ['JSON', `{"x":"${'x'.repeat(5000)}","message":"late"}`, undefined],
  ])('is looked at only where it begins: %s', (_, body, words) => {
    expect(endpointWords(body)).not.toContain('late');
    if (words !== undefined) expect(endpointWords(body)).toBe(words);
  });

  test('and names of a kind, cause or code do not make groups, labels or keys huge', () => {
    const huge = 'k'.repeat(1_000_000);
    const error = { kind: huge, code: huge, notRetried: huge, phase: huge, message: huge, body: huge };
    const saved = JSON.parse(JSON.stringify({ ...failed('a', { kind: 'http', message: '' }), error })) as SavedResult;
    const [group] = groupsOf([saved]).groups();
    expect(JSON.stringify(group).length).toBeLessThan(3000);
    expect(failureLabel(saved.error as never).length).toBeLessThan(100);
  });
});
