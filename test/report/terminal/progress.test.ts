import type { RunState } from '../../../src/core/results/run-state.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  failureLine,
  firstSample,
  nextSample,
  pauseLine,
  PauseNotices,
  plainLine,
  progressFrame,
} from '../../../src/report/terminal/progress.js';
import { timeLeftMs } from '../../../src/core/results/run-state.js';
import { createStyle, styledWidth } from '../../../src/text/style.js';
import { sampleProgress } from '../../helpers/run-view.js';
import { failed } from '../../helpers/samples.js';

const plain = createStyle(false);

function frame(more: Partial<RunState> = {}, width = 100): string[] {
  return progressFrame({ ...sampleProgress, ...more }, width, plain);
}

describe('the live lines', () => {
  test('show how far, how fast, how long, and what became of the cases', () => {
    expect(frame()).toEqual([
      '  ━━━━━━━━━━━━━━━━━━━━━─────────────  1,842 of 2,963    62%   412/s   about 3s left',
      '  1,829 enriched   11 failed   2 invalid   │ 50 in flight · 37 retries · p50 84ms p99 610ms',
    ]);
  });

  test.each([
    ['no bar while the total is not known', { total: null }, 0, '  1,842 so far   412/s   00:10'],
    ['no time left while nothing moves', { recentRate: 0 }, 0, /62%   0\/s$/],
    ['100% not before the last case', { done: 2962 }, 0, /  99%   /],
    ['the limit that was found', { adaptive: true, inFlight: 34 }, 1, /│ 34 of 50 in flight · /],
    ['what the journal had', { resumed: 1200 }, 1, /^  1,829 enriched \(1,200 before\)   /],
    ['cancelled cases', { cancelled: 3 }, 1, /2 invalid   3 cancelled   │/],
    ['no latency before the first success', { p50Ms: null, p99Ms: null }, 1, /37 retries$/],
    ['the wait for a token', { isTokenAwaited: true, pauseLeftMs: 7400 }, 1, /│ waiting for a token · 50 in flight/],
    ['the pause', { pauseLeftMs: 7400 }, 1, /│ paused 8s · 50 in flight/],
    ['one call', { phase: 'finishing', inFlight: 1 }, 1, '  finishing 1 call … Ctrl-C again to cancel them'],
    [
      'a stop that somebody has asked for',
      { phase: 'finishing', inFlight: 2, isStopRequested: true },
      1,
      '  finishing 2 calls … Ctrl-C to cancel them',
    ],
    ['the second interruption', { phase: 'cancelling' }, 1, '  cancelling 50 calls … Ctrl-C again to end at once'],
  ] as const)('%s', (_, more, line, expected) => {
    const text = frame(more)[line] ?? '';
    if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });

  test('an empty run is a full bar', () => {
    expect(frame({ done: 0, total: 0 })[0]).toBe(`  ${'━'.repeat(34)}  0 of 0   100%   412/s`);
  });

  test('the bar gets shorter, then goes, then the text is cut', () => {
    expect([60, 50, 30].map((width) => frame({}, width)[0])).toEqual([
      '  ━━━━━━╸────  1,842 of 2,963    62%   412/s   about 3s left',
      '  1,842 of 2,963    62%   412/s   about 3s left',
      '  1,842 of 2,963    62%   412…',
    ]);
  });

  test('numbers that do not fit are left out, not cut', () => {
    expect(frame({}, 80)[1]).toBe('  1,829 enriched   11 failed   2 invalid   │ 50 in flight · 37 retries');
    expect(frame({}, 62)[1]).toBe('  1,829 enriched   11 failed   2 invalid   │ 50 in flight');
  });

  test('are two, and never wider than asked', () => {
    const count = fc.nat(10_000_000);
    const counts = fc.record({
      done: count,
      enriched: count,
      failed: count,
      invalid: count,
      retries: count,
      resumed: count,
    });
    const style = createStyle(true);
    fc.assert(
      fc.property(counts, fc.option(count), fc.nat(150), (more, total, width) => {
        const lines = progressFrame({ ...sampleProgress, ...more, total }, width, style);
        expect(lines).toHaveLength(2);
        for (const line of lines) expect(styledWidth(line)).toBeLessThanOrEqual(width);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('the plain line', () => {
  test.each([
    ['with a total', {}, '[00:10] 1,842/2,963 62% ok 1,829 failed 11 invalid 2 412/s about 3s left'],
    ['without one', { total: null }, '[00:10] 1,842 ok 1,829 failed 11 invalid 2 412/s'],
    [
      'after an hour',
      { elapsedMs: 3_723_000 },
      '[1:02:03] 1,842/2,963 62% ok 1,829 failed 11 invalid 2 412/s about 3s left',
    ],
    [
      'while calls wait for a token',
      { isTokenAwaited: true, recentRate: 0 },
      '[00:10] 1,842/2,963 62% ok 1,829 failed 11 invalid 2 0/s waiting for a token',
    ],
    [
      'when interrupted in a pause',
      { phase: 'finishing', cancelled: 4, pauseLeftMs: 900 },
      '[00:10] 1,842/2,963 62% ok 1,829 failed 11 invalid 2 cancelled 4 412/s paused 900ms finishing 50',
    ],
  ] as const)('%s', (_, more, expected) => {
    expect(plainLine({ ...sampleProgress, ...more })).toBe(expected);
  });
});

describe('single events', () => {
  test.each([
    [
      failed('CASE-0181', {
        kind: 'http',
        httpStatus: 422,
        message: '422 Unprocessable Entity',
        body: '{"message":"bad priority"}',
      }),
      '✗ CASE-0181  http 422    bad priority',
    ],
    [
      failed('C2', { kind: 'timeout', phase: 'response', message: 'no answer within 5s after 3 attempts' }),
      '✗ C2         timeout     no answer within 5s after 3 attempts',
    ],
    [
      failed('a\u001b[2J\nb', { kind: 'http', httpStatus: 500, message: '500', body: 'x\u009b\u202ey' }),
      '✗ a\\x1b[2J\\nb  http 500    x\\x9b\\u202ey',
    ],
  ])('a failure: %#', (result, expected) => {
    expect(failureLine(result, plain)).toBe(expected);
  });

  test('a pause', () => {
    const pause = { host: 'api.example.com', httpStatus: 429, waitMs: 12_000, asked: true };
    expect(pauseLine(pause, plain)).toBe('! 429 from api.example.com: waiting 12s, as it asked (Retry-After)');
    expect(pauseLine({ ...pause, asked: false }, plain)).toBe('! 429 from api.example.com: waiting 12s');
  });

  test('of pauses that come one after another only some are told, long ones always', () => {
    const notices = new PauseNotices();
    const told = Array.from({ length: 25 }, (_, second) => second).filter((second) => notices.tell(second * 1000, 900));
    expect(told).toEqual([0, 10, 20]);
    expect([notices.tell(25_000, 12_000), notices.tell(26_000, 12_000), notices.tell(27_000, 900)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('rate and time left', () => {
  test('a steady rate is found at once and kept', () => {
    let sample = firstSample(1000);
    for (let second = 1; second <= 60; second++) {
      sample = nextSample(sample, 1000 + second * 1000, second * 50);
      expect(sample.perSecond).toBeCloseTo(50, 6);
    }
  });

  test('a change shows within seconds, and a moment without time changes nothing', () => {
    let sample = nextSample(firstSample(0), 10_000, 1000);
    sample = nextSample(sample, 15_000, 1000);
    expect(sample.perSecond).toBeGreaterThan(25);
    expect(sample.perSecond).toBeLessThan(50);
    expect(nextSample(sample, 15_000, 2000)).toBe(sample);
  });

  test('does not depend on how often it is sampled', () => {
    let often = firstSample(0);
    for (let ms = 10; ms <= 8000; ms += 10) often = nextSample(often, ms, ms / 4);
    expect(often.perSecond).toBeCloseTo(nextSample(firstSample(0), 8000, 2000).perSecond, 6);
  });

  test.each([
    [{}, (2963 - 1842) / 0.412],
    [{ total: null }, undefined],
    [{ recentRate: 0 }, undefined],
    [{ phase: 'finishing' }, undefined],
    [{ done: 2963 }, undefined],
  ] as const)('time left with %j', (more, expected) => {
    expect(timeLeftMs({ ...sampleProgress, ...more })).toBe(expected);
  });
});
