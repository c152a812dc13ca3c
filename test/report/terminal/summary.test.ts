import { stripVTControlCharacters } from 'node:util';

import { describe, expect, test } from 'vitest';

import type { StopReason } from '../../../src/core/results/run-info.js';
import { createStyle, styledWidth } from '../../../src/text/style.js';
import { printable } from '../../../src/text/printable.js';
import { endOf } from '../../../src/report/view.js';
import { renderSummary, summaryLogLine, verdict } from '../../../src/report/terminal/summary.js';
import {
  allGood,
  groupsOf,
  sampleCommand,
  sampleFailures,
  sampleRun,
  sampleSummary,
  sampleView,
} from '../../helpers/run-view.js';
import { failed, invalid } from '../../helpers/samples.js';

const HOSTILE = '\u001b[31mred\u001b]0;title\u0007\u202eevil\r\nnext\u009b2J';
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

describe('the summary', () => {
  test('of a run with failures groups them, says what to do, and ends with the verdict', () => {
    expect(renderSummary(sampleView())).toMatchInlineSnapshot(`
      "Failures
        9  http 422      Unprocessable Entity              CASE-0181, CASE-0207, CASE-0398 … and 6 more
                         "priority must be one of low, normal, high"
                         → the endpoint refuses these cases: fix them in the file, a retry will not help
        3  timeout       no answer within 5s, 3 attempts   CASE-0240, CASE-0991, CASE-1730
                         → slowest success took 4.6s: try --timeout 10s
        2  http 503      retry budget used up              CASE-2100, CASE-2101
                         → run again later with --resume; it calls only what is not enriched
      Invalid input
        2  no id         cases.ndjson:77, cases.ndjson:1203      → case-tracker validate cases.ndjson

        Cases      2,963   2,947 enriched · 14 failed · 2 invalid · 0 cancelled
        Calls      3,012   49 retries (1.02×) · most in flight 50 · 1 pause, 12s
        Time       19.4s   152 cases/s · p50 84ms · p90 210ms · p99 610ms · max 4.6s
        Output     run.ndjson

      Next   case-tracker enrich cases.ndjson -o run.ndjson --resume    # try the 14 again
             case-tracker report run.ndjson --format html > run.html    # see it in a browser

      ✗ 16 of 2,963 cases were not enriched (exit 1; --allow-failures 0)
      "
    `);
  });

  test('of a good run is four lines and the verdict', () => {
    const view = sampleView({ summary: allGood, groups: [], exitCode: 0 });
    expect(renderSummary(view)).toMatchInlineSnapshot(`
      "  Cases      2,963   2,963 enriched · 0 failed · 0 invalid · 0 cancelled
        Calls      2,963   0 retries · most in flight 50
        Time       19.4s   152 cases/s · p50 84ms · p90 210ms · p99 610ms · max 4.6s
        Output     run.ndjson
      ✓ 2,963 cases enriched
      "
    `);
  });

  test('fits into a narrow terminal; only commands go on beyond it, so that they can be copied', () => {
    const text = renderSummary(sampleView({ width: 50 }));
    const tooWide = text.split('\n').filter((line) => styledWidth(line) > 50);
    expect(tooWide.every((line) => line.includes('case-tracker '))).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Failures
        9  http 422
           Unprocessable Entity
           CASE-0181, CASE-0207, CASE-0398 … and 6 more
           "priority must be one of low, normal, high"
           → the endpoint refuses these cases: fix them
             in the file, a retry will not help
        3  timeout
           no answer within 5s, 3 attempts
           CASE-0240, CASE-0991, CASE-1730
           → slowest success took 4.6s: try --timeout
             10s
        2  http 503
           retry budget used up
           CASE-2100, CASE-2101
           → run again later with --resume; it calls
             only what is not enriched
      Invalid input
        2  no id         cases.ndjson:77 … and 1 more
           → case-tracker validate cases.ndjson

        Cases      2,963   2,947 enriched · 14 failed
                           2 invalid · 0 cancelled
        Calls      3,012   49 retries (1.02×)
                           most in flight 50
                           1 pause, 12s
        Time       19.4s   152 cases/s · p50 84ms
                           p90 210ms · p99 610ms
                           max 4.6s
        Output     run.ndjson

      Next   case-tracker enrich cases.ndjson -o run.ndjson --resume
               # try the 14 again
             case-tracker report run.ndjson --format html > run.html
               # see it in a browser

      ✗ 16 of 2,963 cases were not enriched (exit 1;
      --allow-failures 0)
      "
    `);
  });

  test.each([100, 80, 60, 40])('has no line wider than %i columns without commands in it', (width) => {
    const groups = groupsOf([
      failed('X'.repeat(300), { kind: 'network', code: 'E'.repeat(80), message: 'm '.repeat(300) }),
      failed('账户被锁定', {
        kind: 'http',
        httpStatus: 500,
        message: '500 内部错误'.repeat(20),
        body: '词'.repeat(500),
      }),
      invalid({ file: 'a-folder/'.repeat(20), line: 3 }, 'long '.repeat(100)),
    ]).groups();
    const text = renderSummary(sampleView({ groups, width }));
    const wide = text.split('\n').filter((line) => styledWidth(line) > width && !line.includes('case-tracker '));
    expect(wide).toEqual([]);
  });

  test('shows eight groups and says how many more there are', () => {
    const results = Array.from({ length: 11 }, (_, index) =>
      Array.from({ length: 20 - index }, () =>
        failed(`C${index}`, { kind: 'http', httpStatus: 430 + index, message: 'no' }),
      ),
    ).flat();
    const text = renderSummary(sampleView({ groups: groupsOf(results).groups() }));
    expect(text).toContain('http 437');
    expect(text).not.toContain('http 438');
    expect(text).toContain('  … 3 more kinds (33 cases)');
  });

  test('shows thresholds with their verdict, notices, resumed cases and the adaptive limit', () => {
    const text = renderSummary(
      sampleView({
        run: { ...sampleRun, limits: { ...sampleRun.limits, adaptive: true } },
        summary: {
          ...sampleSummary,
          resumed: 1200,
          attempts: 1810,
          limit: { configured: 50, settled: 34 },
          retriesDenied: 5,
        },
        command: { ...sampleCommand, deadLetter: 'dead.ndjson' },
        thresholds: [
          { flag: '--allow-failures 1%', measured: '16 (0.5%)', ok: true },
          { flag: '--max-failures 10', measured: '14', ok: false },
        ],
        notices: ['the torn end of run.ndjson is in run.ndjson.torn'],
        groups: [],
      }),
    );
    expect(text).toMatchInlineSnapshot(`
      "! the torn end of run.ndjson is in run.ndjson.torn

        Cases      2,963   2,947 enriched (1,200 by an earlier run) · 14 failed · 2 invalid · 0 cancelled
        Calls      1,810   49 retries (1.03×) · 5 more refused by the retry budget · most in flight 50
                           limit settled at 34 of 50 · 1 pause, 12s
        Time       19.4s   152 cases/s · p50 84ms · p90 210ms · p99 610ms · max 4.6s
        Output     run.ndjson · failed cases in dead.ndjson
        Thresholds ✓ --allow-failures 1%: 16 (0.5%)
                   ✗ --max-failures 10: 14

      Next   case-tracker enrich cases.ndjson -o run.ndjson --resume
               # try the 14 again, once the cause is mended
             case-tracker report run.ndjson --format html > run.html
               # see it in a browser

      ✗ 16 of 2,963 cases were not enriched (exit 1; --allow-failures 0)
      "
    `);
  });

  test('quiet: nothing when all is well, the summary without notices when not', () => {
    expect(renderSummary(sampleView({ quiet: true, exitCode: 0, summary: allGood, groups: [] }))).toBe('');
    expect(renderSummary(sampleView({ quiet: true, notices: ['a notice'] }))).toBe(renderSummary(sampleView()));
  });

  test('lets no control character from ids, messages, bodies, places, endpoint or flags through', () => {
    const groups = groupsOf([
      failed(HOSTILE, { kind: 'http', httpStatus: 401, message: `401 ${HOSTILE}`, body: HOSTILE }),
      failed(HOSTILE, { kind: 'network', code: HOSTILE, message: HOSTILE }),
      failed(HOSTILE, { kind: 'timeout', phase: 'connect', message: HOSTILE }),
      failed(HOSTILE, { kind: 'response', message: `redirect to https://${HOSTILE}`, body: `{"message":"${HOSTILE}` }),
      invalid({ file: HOSTILE, line: 1 }, HOSTILE),
    ]).groups();
    const command = {
      ...sampleCommand,
      argv: ['enrich', HOSTILE],
      files: [HOSTILE],
      output: `${HOSTILE}.ndjson`,
      allowFailures: HOSTILE,
      headers: [{ name: HOSTILE, from: HOSTILE }],
    };
    const stops: (StopReason | null)[] = [null, 'all-failing', 'strict', 'rate-limited'];
    for (const stoppedBy of stops) {
      const run = { ...sampleRun, endpoint: `http://${HOSTILE}`, stoppedBy };
      const view = sampleView({ groups, command, run, notices: [HOSTILE] });
      expect(renderSummary(view)).not.toMatch(CONTROL);
      expect(summaryLogLine(view)).not.toMatch(CONTROL);
      expect(JSON.parse(summaryLogLine(view))).toMatchObject({ run: { endpoint: `http://${HOSTILE}` } });
    }
  });

  test('in colour has the same text', () => {
    const coloured = renderSummary(sampleView({ style: createStyle(true) }));
    expect(coloured).toContain('\u001b[31m');
    expect(stripVTControlCharacters(coloured)).toBe(renderSummary(sampleView()));
  });
});

test('a used up retry budget does not hide why the attempts failed', () => {
  const refused = failed('a', {
    kind: 'network',
    code: 'ECONNREFUSED',
    message: 'cannot connect to 127.0.0.1:1',
    notRetried: 'budget',
    retryable: true,
  });
  const text = renderSummary(sampleView({ groups: groupsOf([refused]).groups() }));
  expect(text).toContain('cannot connect to 127.0.0.1:1 (retry budget used up)');
});

describe('the verdict', () => {
  test.each([
    ['all enriched', { summary: allGood, exitCode: 0 }, '✓ 2,963 cases enriched'],
    ['one case', { summary: { ...allGood, total: 1, enriched: 1 }, exitCode: 0 }, '✓ 1 case enriched'],
    [
      'nothing selected',
      { summary: { ...allGood, total: 0, enriched: 0 }, exitCode: 0 },
      '✓ No case was selected, nothing to do',
    ],
    [
      'failures that are allowed',
      { command: { ...sampleCommand, allowFailures: '1%' }, exitCode: 0 },
      '✓ 2,947 of 2,963 cases enriched, within what is allowed (--allow-failures 1%)',
    ],
    [
      'one failure of one',
      { summary: { ...allGood, total: 1, enriched: 0, failed: 1 } },
      '✗ 1 of 1 case was not enriched (exit 1; --allow-failures 0)',
    ],
    [
      'a stopped run',
      { exitCode: 4, run: { ...sampleRun, stoppedBy: 'max-time' } },
      '✗ 16 of 2,963 cases were not enriched (exit 4; stopped by max-time)',
    ],
    ['an interrupted run', { exitCode: 130 }, '✗ 16 of 2,963 cases were not enriched (exit 130; interrupted)'],
    [
      'output that failed at the end',
      { exitCode: 5, summary: allGood },
      '✗ 2,963 cases enriched, but the run did not end well (exit 5; the results could not be written)',
    ],
  ] as const)('%s', (_, more, expected) => {
    expect(verdict(sampleView(more))).toBe(expected);
  });
});

describe('the JSON line', () => {
  test('is one line with the verdict, the groups with their hints, and the commands', () => {
    const line = summaryLogLine(sampleView());
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      time: '2026-11-22T09:30:19.400Z',
      msg: '✗ 16 of 2,963 cases were not enriched (exit 1; --allow-failures 0)',
      exitCode: 1,
      summary: { total: 2963 },
      failures: [
        { kind: 'http', httpStatus: 422, count: 9 },
        { kind: 'timeout' },
        { notRetried: 'budget' },
        { status: 'invalid' },
      ],
      next: [
        'case-tracker enrich cases.ndjson -o run.ndjson --resume',
        'case-tracker report run.ndjson --format html > run.html',
      ],
    });
  });
});

describe('a stopped run', () => {
  const groups = groupsOf(sampleFailures()).groups();
  const message = 'cannot connect to http://localhost:3000 (ECONNREFUSED)';
  const refused = groupsOf(
    Array.from({ length: 20 }, (_, index) =>
      failed(`C${index}`, { kind: 'network', code: 'ECONNREFUSED', message, retryable: true }),
    ),
  ).groups();
  const nothing = {
    ...allGood,
    total: 40,
    enriched: 0,
    failed: 20,
    cancelled: 20,
    attempts: 40,
    latencyMs: null,
    casesPerSecond: 0,
  };

  test('because everything fails, though calls that were under way ended well, does not say that they were first', () => {
    const run = { ...sampleRun, stoppedBy: 'all-failing', complete: false } as const;
    const summary = { ...nothing, enriched: 5, cancelled: 15 };
    const text = renderSummary(sampleView({ run, summary, groups: refused, exitCode: 4 })).replace(/\s+/g, ' ');
    expect(text).toContain('the first ones all failed, 20 of the first 25 cases in the end');
  });

  test('because everything fails says why, and how to go on, and does not repeat the hint', () => {
    const run = {
      ...sampleRun,
      endpoint: 'http://localhost:3000/{id}',
      stoppedBy: 'all-failing',
      complete: false,
    } as const;
    expect(renderSummary(sampleView({ run, summary: nothing, groups: refused, exitCode: 4 }))).toMatchInlineSnapshot(`
      "error: cannot connect to http://localhost:3000 (ECONNREFUSED): 20 of the first 20 cases failed
        hint: is the server running? --endpoint demo uses the built-in one; --max-failures none goes on
              regardless

      Failures
        20  network ECONNREFUSED  cannot connect to http://localhost:3000 (ECONNREFUSED)
                                  C0, C1, C2 … and 17 more

        Cases      40      0 enriched · 20 failed · 0 invalid · 20 cancelled
                           the input was not read to its end
        Calls      40      0 retries · most in flight 50
        Time       19.4s   0 cases/s
        Output     run.ndjson

      Next   case-tracker enrich cases.ndjson -o run.ndjson --resume    # go on where it stopped
             case-tracker report run.ndjson --format html > run.html    # see it in a browser

      ✗ 40 of 40 cases were not enriched (exit 4; stopped by all-failing)
      "
    `);
  });

  test.each([
    ['signal', 130, 'stopped: interrupted'],
    ['signal', 143, 'stopped: terminated'],
    ['signal', 129, 'stopped: hang-up'],
    ['fail-fast', 4, 'stopped: a case failed (--on-failure fail-fast)'],
    ['max-failures', 4, 'stopped: 14 cases failed (--max-failures 10%)'],
    ['max-time', 4, 'stopped: the time for the run is over (--max-time 10m 00s)'],
    ['strict', 4, 'stopped: an invalid record (--strict): cases.ndjson:77: no id'],
    ['input', 3, 'error: the input could not be read to its end'],
    ['output', 5, 'error: the results could not be written'],
  ] as const)('by %s with exit code %i says so first', (stoppedBy, exitCode, first) => {
    const limits = { ...sampleRun.limits, maxTimeMs: 600_000 };
    const command = { ...sampleCommand, maxFailures: '10%' };
    const text = renderSummary(sampleView({ run: { ...sampleRun, limits, stoppedBy }, groups, exitCode, command }));
    expect(text.split('\n')[0]).toBe(first);
  });

  test('by a rate limit says when to come back', () => {
    const run = { ...sampleRun, stoppedBy: 'rate-limited', complete: false } as const;
    const summary = { ...sampleSummary, retryAt: '2026-11-22T09:45:45.400Z' };
    const command = { ...sampleCommand, maxRetryAfterMs: 60_000 };
    const text = renderSummary(sampleView({ run, summary, command, exitCode: 4, groups: [] }));
    expect(text.split('\n').slice(0, 3)).toEqual([
      'error: https://api.example.com asks to come back at 2026-11-22T09:45:45.400Z, in 15m 26s, longer',
      '       than --max-retry-after 1m 00s',
      '  hint: run again after that with --resume; it calls only what is missing',
    ]);
  });

  test('by its input lets no control character of the error through', () => {
    const cause = { message: HOSTILE, details: [HOSTILE], hint: `${HOSTILE}\nand` };
    const run = { ...sampleRun, stoppedBy: 'input' } as const;
    expect(renderSummary(sampleView({ run, exitCode: 3, cause }))).not.toMatch(CONTROL);
    expect(summaryLogLine(sampleView({ run, exitCode: 3, cause }))).not.toMatch(CONTROL);
  });

  test('by its input shows the error itself', () => {
    const cause = { message: 'cases.json is cut off', details: ['411 cases were read'], hint: 'get the file again' };
    const text = renderSummary(
      sampleView({ run: { ...sampleRun, stoppedBy: 'input' }, exitCode: 3, groups: [], cause }),
    );
    expect(text).toContain('error: cases.json is cut off\n  411 cases were read\n  hint: get the file again\n\n');
  });
});

test('results of another version: a reason to stop that is not known, or is the name of a method, is told as it is', () => {
  for (const reason of ['sleepy', 'constructor', HOSTILE]) {
    const run = { ...sampleRun, complete: false, stoppedBy: reason as StopReason };
    const text = renderSummary(sampleView({ run, exitCode: 4 }));
    expect(text).toContain(`stopped: ${printable(reason)}`);
    expect(text.replace(/\s+/g, ' ')).toContain(`stopped by ${printable(reason)})`);
    expect(text).not.toMatch(CONTROL);
    expect(endOf({ run, summary: sampleSummary, exitCode: 4 })).toBe(`stopped early (${printable(reason)})`);
  }
});
