import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { NOTIFICATION_SCHEMA } from '../../../../src/core/results/json-schemas.js';
import type { RunEnd } from '../../../../src/core/results/run-end.js';
import type { RunInfo, Summary } from '../../../../src/core/results/run-info.js';
import {
  endNotification,
  eventOf,
  lostNotification,
  MOST_BYTES,
  notificationBody,
  stallNotification,
} from '../../../../src/io/watch/notify/message.js';
import type { Stall } from '../../../../src/io/watch/notify/stalls.js';
import { groupsOf, sampleProgress } from '../../../helpers/run-view.js';
import { failed, runInfo, summary } from '../../../helpers/samples.js';

const ENDPOINT = 'https://api.example.com/cases/{id}?a=<b>';
const HOURLY = { endpoint: ENDPOINT, durationMs: 723_000 };
const asIs = (text: string): string => text;

function endOf(exitCode: number, counts: Partial<Summary>, run: Partial<RunInfo> = {}): RunEnd {
  return { run: runInfo({ ...HOURLY, stoppedBy: null, ...run }), summary: summary(counts), exitCode, groups: [] };
}

function textOf(...end: Parameters<typeof endOf>): string {
  return endNotification(endOf(...end), 'finished', asIs).text;
}

const NONE = { enriched: 0, failed: 0, invalid: 0, cancelled: 0, resumed: 0 };

test.each([
  [0, 'finished'],
  [1, 'failed'],
  [2, undefined],
  [3, 'stopped'],
  [4, 'stopped'],
  [5, 'stopped'],
  [70, undefined],
  [129, 'stopped'],
  [130, 'stopped'],
  [143, 'stopped'],
])('exit code %i is told as %s', (exitCode, event) => {
  expect(eventOf(exitCode)).toBe(event);
});

describe('the text has the verdict in numbers, the host and the time', () => {
  const bad = { ...NONE, total: 2963, enriched: 2926, failed: 37 };
  test.each<[string, Parameters<typeof endOf>]>([
    [
      '✓ case-tracker: 2,963 cases enriched (exit 0), api.example.com, 12m 03s',
      [0, { ...NONE, total: 2963, enriched: 2963 }],
    ],
    ['✓ case-tracker: no case (exit 0), api.example.com, 12m 03s', [0, { ...NONE, total: 0 }]],
    ['✗ case-tracker: 37 of 2,963 failed (exit 1), api.example.com, 12m 03s', [1, bad]],
    ['✓ case-tracker: 37 of 2,963 failed, within what is allowed (exit 0), api.example.com, 12m 03s', [0, bad]],
    [
      '✗ case-tracker: 37 of 2,963 failed, 2 invalid, 1 cancelled (exit 1), api.example.com, 12m 03s',
      [1, { ...bad, invalid: 2, cancelled: 1 }],
    ],
    [
      '✗ case-tracker: 5 of 9 stale (exit 1), api.example.com, 12m 03s',
      [1, { ...NONE, total: 9, enriched: 9, stale: 5 }],
    ],
    [
      '✗ case-tracker: stopped by --max-failures, 37 of 2,963 failed (exit 4), api.example.com, 12m 03s',
      [4, bad, { stoppedBy: 'max-failures' }],
    ],
    [
      '✗ case-tracker: stopped by a signal, 1 case enriched (exit 130), demo, 12m 03s',
      [130, { ...NONE, total: 1, enriched: 1 }, { stoppedBy: 'signal', endpoint: 'demo' }],
    ],
    ['✗ case-tracker: interrupted, 37 of 2,963 failed (exit 130), api.example.com, 12m 03s', [130, bad]],
    [
      '✗ case-tracker: 37 of 2,963 failed (exit 1), api.example.com, shard 3/4, 12m 03s',
      [1, bad, { shard: { index: 3, count: 4 } }],
    ],
  ])('%s', (text, end) => {
    expect(textOf(...end)).toBe(text);
  });

  test('of a run that ended early it says how many cases are left, where that is known', () => {
    const end = endOf(143, { ...NONE, total: 151, enriched: 151 }, { stoppedBy: 'signal' });
    const text = (left: number): string => endNotification(end, 'stopped', asIs, left).text;
    expect(text(4849)).toContain('stopped by a signal, 151 cases enriched, 4,849 left (exit 143)');
    expect(text(0)).toContain('stopped by a signal, 151 cases enriched (exit 143)');
    const full = endOf(5, { ...NONE, total: 0 }, { stoppedBy: 'output' });
    expect(endNotification(full, 'stopped', asIs, 9).text).toContain('written, 0 cases enriched, 9 left (exit 5)');
    // As asked: --first, --only.
    expect(endNotification(endOf(0, { ...NONE, total: 5, enriched: 5 }), 'finished', asIs, 9).text).not.toContain(
      'left',
    );
  });

  test('& < > are escaped: nothing in it is a link or a mention', () => {
    const text = textOf(
      0,
      { ...NONE, total: 0 },
      { endpoint: 'https://<!channel>&x.example/{id}', stoppedBy: 'odd<word>' },
    );
    expect(text).toContain('stopped early (odd&lt;word&gt;)');
    expect(text).toContain('&lt;!channel&gt;&amp;x.example');
    expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  });

  test('what endpoint and cases say is data, not text', () => {
    const groups = groupsOf([
      failed('<!channel>', {
        kind: 'http',
        message: '422 <!here>',
        httpStatus: 422,
        retryable: false,
        body: 'look <!everyone>',
      }),
    ]).groups();
    const { text, groups: told } = endNotification({ ...endOf(1, {}), groups }, 'failed', asIs);
    expect(text).not.toContain('!');
    expect(told).toMatchObject([{ label: 'http 422', message: '422 <!here>', examples: ['<!channel>'], count: 1 }]);
  });
});

test('a pause and an outage say how long, and how far the run is', () => {
  const run = runInfo(HOURLY);
  const state = { ...sampleProgress, done: 120, total: 2963, failed: 3, elapsedMs: 723_000 };
  const text = (stall: Partial<Stall>, more = {}): string => {
    const whole = { kind: 'pause', forMs: 0, leftMs: 45_000, httpStatus: 429, asked: true, ...stall } as const;
    return stallNotification(run, whole, { ...state, ...more }).text;
  };
  const finely = { ...state, elapsedMs: 262.597 };
  const stall = { kind: 'outage', forMs: 0, leftMs: null, httpStatus: null, asked: false } as const;
  expect(stallNotification(run, stall, finely).progress?.elapsedMs).toBe(263);
  const rest = '120 of 2,963 done, 3 failed, api.example.com, 12m 03s';
  expect(text({})).toBe(`⏸ case-tracker: paused for 45s after 429, as the endpoint asked, ${rest}`);
  expect(text({ asked: false, forMs: 8000, leftMs: 7000 })).toBe(
    `⏸ case-tracker: paused for 8s and 7s more after 429, ${rest}`,
  );
  expect(text({ kind: 'outage', forMs: 10_000, leftMs: null, httpStatus: null }, { total: null, failed: 0 })).toBe(
    '⏸ case-tracker: the endpoint has been down for 10s, calls wait, 120 done, api.example.com, 12m 03s',
  );
});

const validate = addFormats.default(new Ajv.default({ strict: false })).compile(NOTIFICATION_SCHEMA);

test('every notification is as its JSON Schema says, and what is not known is null', () => {
  const { finishedAt: _, durationMs: __, complete: ___, stoppedBy: ____, ...started } = runInfo(HOURLY);
  const stall = { kind: 'outage', forMs: 10_000, leftMs: null, httpStatus: 503, asked: false } as const;
  const paused = stallNotification(started, stall, sampleProgress);
  const lost = lostNotification(undefined, 3, 'stopped');
  const end = endNotification(endOf(1, {}), 'failed', asIs);
  for (const one of [paused, lost, lostNotification(started, 5, 'stopped'), end]) {
    validate(JSON.parse(notificationBody(one)));
    expect(validate.errors).toBeNull();
  }
  expect(paused).toMatchObject({ event: 'paused', summary: null, exitCode: null, groups: null });
  expect(lost).toMatchObject({ run: null, summary: null, groups: null, exitCode: 3 });
  expect(lost.text).toBe('✗ case-tracker: the input could not be read (exit 3)');
  expect(validate({ ...end, event: 'odd' })).toBe(false);
});

test('it says nothing of files, and its body is bounded whatever fails', () => {
  const long = '漢'.repeat(5_000);
  const files = Array.from({ length: 10_000 }, (_, n) => ({ file: `f${n}`, id: 'x' }));
  const groups = groupsOf(
    Array.from({ length: 64 }, (_, n) =>
      failed(`${n}${long}`, {
        kind: 'http',
        message: `${n} ${long}`,
        httpStatus: 400 + n,
        retryable: false,
        body: `{"message":"${n} ${long}"}`,
      }),
    ),
  ).groups();
  const end = { ...endOf(1, {}, { files, endpoint: `https://h/${'x'.repeat(40_000)}` }), groups };
  const body = notificationBody(endNotification(end, 'failed', asIs));
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MOST_BYTES);
  const told = JSON.parse(body);
  expect(told.groups.length).toBeGreaterThan(5);
  expect(told.groups.length).toBeLessThan(20);
  expect(told.run).not.toHaveProperty('files');
});

test('secrets in what the endpoint says are hidden', () => {
  const groups = groupsOf([
    failed('a', { kind: 'http', message: 'no, k3y-of-mine', httpStatus: 400, retryable: false }),
  ]);
  const hide = (text: string): string => text.replaceAll('k3y-of-mine', '***');
  const told = endNotification({ ...endOf(1, {}), groups: groups.groups() }, 'failed', hide);
  expect(told.groups).toMatchObject([{ message: 'no, ***' }]);
});
