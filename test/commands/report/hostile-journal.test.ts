/** Journals that were edited, damaged on purpose, or written by a newer version. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closingLine, resultLine } from '../../../src/core/results/result-text.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';
import { runMain } from '../../helpers/run-main.js';

const FORMATS = ['summary', 'json', 'ndjson', 'html', 'junit', 'markdown', 'table'];

const good = saved(enriched('a'));
const bad = saved(unenriched('b'));
const END = { run: runInfo(), summary: summary({ total: 1, enriched: 1 }) };

function folderWith(...lines: unknown[]): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'run.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(join(cwd, 'cases.ndjson'), '{"id":"a"}\n');
  return cwd;
}

const RESUME = ['enrich', 'cases.ndjson', '--endpoint', 'http://127.0.0.1:9/{id}', '-o', 'run.ndjson', '--resume'];

describe('a journal with a value that no version writes is exit 3 with file and line, for report and --resume alike', () => {
  const run = (more: object): object => ({ ...END, run: { ...END.run, ...more } });
  const counts = (more: object): object => ({ ...END, summary: { ...END.summary, ...more } });

  test.each([
    [
      'a number as error.code',
      [{ ...bad, error: { ...bad.error, code: 7 } }],
      'line 1 (byte 0) is not a result: error.code',
    ],
    [
      'a kind that is a number',
      [{ ...bad, error: { ...bad.error, kind: 7 } }],
      'line 1 (byte 0) is not a result: error.kind',
    ],
    ['no error.retryable', [{ ...bad, error: { kind: 'http', message: 'm' } }], 'is not a result: no error.retryable'],
    ['a duration without end', [{ ...good, durationMs: 1e300 }], 'line 1 (byte 0) is not a result: durationMs'],
    ['a negative duration', [{ ...good, durationMs: -1 }], 'is not a result: durationMs'],
    ['a time that makes no date', [{ ...good, at: '+275760-09-13T00:00:00Z' }], 'is not a result: at'],
    ['a try without outcome', [{ ...good, tries: [{ startMs: 0, durationMs: 0, waitMs: 0 }] }], 'no tries[0].outcome'],
    ['a line that is a text', [{ ...good, source: { file: 'f', line: '7' } }], 'is not a result: source.line'],
    ['a trillion shards', [good, run({ shard: { index: 1, count: 1e12 } })], 'line 2 (byte'],
    ['a run without end', [run({ durationMs: 1e300 })], 'is not the end of a run: run.durationMs'],
    ['a stop reason that is an object', [run({ stoppedBy: {} })], 'is not the end of a run: run.stoppedBy'],
    ['limits without numbers', [run({ limits: { ...END.run.limits, retries: undefined } })], 'no run.limits.retries'],
    ['counts that are absent', [counts({ retries: undefined })], 'is not the end of a run: no summary.retries'],
    ['latencies that are absent', [counts({ latencyMs: {} })], 'is not the end of a run: no summary.latencyMs.p50'],
    ['pauses without numbers', [counts({ pauses: {} })], 'is not the end of a run: no summary.pauses.count'],
    ['a limit without numbers', [counts({ limit: {} })], 'is not the end of a run: no summary.limit.configured'],
    ['a date that is none', [counts({ retryAt: 'soon' })], 'is not the end of a run: summary.retryAt'],
  ])('%s', async (_, lines, message) => {
    const cwd = folderWith(...lines);
    for (const argv of [...FORMATS.map((format) => ['report', 'run.ndjson', '--format', format]), RESUME]) {
      const { code, stdout, stderr } = await runMain(argv, { cwd });
      expect([code, stdout, stderr.includes('error: run.ndjson: line ')]).toEqual([3, '', true]);
      expect(stderr).toContain(message);
    }
  });

  test('arrays that nest without end', async () => {
    const cwd = folderWith({ ...good, enrichedCase: { id: 'a', enrichment: 'DEEP' } }, good);
    const deep = (text: string): string => text.replace('"DEEP"', '['.repeat(200_000) + ']'.repeat(200_000));
    const text = deep(readFileSync(join(cwd, 'run.ndjson'), 'utf8'));
    const end = { ...END, run: { ...END.run, more: 'DEEP' } };
    const journals = [text, `${JSON.stringify(good)}\n${deep(JSON.stringify(end))}\n`];
    for (const [index, journal] of journals.entries()) {
      writeFileSync(join(cwd, 'run.ndjson'), journal);
      for (const argv of [...FORMATS.map((format) => ['report', 'run.ndjson', '--format', format]), RESUME]) {
        const { code, stderr } = await runMain(argv, { cwd });
        expect(stderr).toMatch(
          new RegExp(`^error: run.ndjson: line ${index + 1} .*it is nested deeper than 1,000 levels\\n`),
        );
        expect(code).toBe(3);
      }
    }
  });

  test('a case and an answer of 1,000 levels are no hostile journal', async () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    const enrichedCase = { id: 'a', text: 'CASE', enrichment: 'ANSWER' };
    const cwd = folderWith({ ...good, enrichedCase }, END);
    const text = readFileSync(join(cwd, 'run.ndjson'), 'utf8')
      .replace('"CASE"', deep(999))
      .replace('"ANSWER"', deep(1000));
    writeFileSync(join(cwd, 'run.ndjson'), text);
    for (const format of FORMATS)
      expect((await runMain(['report', 'run.ndjson', '--format', format], { cwd })).code).toBe(0);
  });

  test.each([
    ['results', (text: string, deep: string) => text.replace('"good"', deep), 'run.json: results[0] is not a result'],
    [
      'what is around them',
      (text: string, deep: string) => text.replace('"end"', deep),
      'nested deeper than 1,000 levels',
    ],
  ])('%s of a JSON report, nested without end', async (_, damage, message) => {
    const cwd = folderWith();
    const run = { ...END.run, more: 'end' };
    const whole = { schemaVersion: 1, results: [{ ...good, more: 'good' }], run, summary: END.summary };
    writeFileSync(join(cwd, 'run.json'), damage(JSON.stringify(whole), '['.repeat(20_000) + ']'.repeat(20_000)));
    const { code, stderr } = await runMain(['report', 'run.json'], { cwd });
    expect([code, stderr]).toEqual([3, expect.stringContaining(message)]);
    expect(stderr).toContain('nested deeper than 1,000 levels');
  });

  test('a JSON report names the result', async () => {
    const cwd = folderWith();
    const { run: itsRun, summary: itsSummary } = END;
    const results = [good, { ...bad, error: { ...bad.error, code: 7 } }];
    const whole = { schemaVersion: 1, results, run: itsRun, summary: itsSummary };
    writeFileSync(join(cwd, 'run.json'), JSON.stringify(whole));
    const first = await runMain(['report', 'run.json'], { cwd });
    expect([first.code, first.stderr]).toEqual([
      3,
      expect.stringContaining('run.json: results[1] is not a result: error.code'),
    ]);
    const edited = { ...whole, results: [], summary: { ...itsSummary, pauses: {} } };
    writeFileSync(join(cwd, 'run.json'), JSON.stringify(edited));
    const second = await runMain(['report', 'run.json'], { cwd });
    expect([second.code, second.stderr]).toEqual([3, expect.stringContaining('no summary.pauses.count')]);
  });
});

describe('what only a newer version knows', () => {
  const error = { ...bad.error, kind: 'quota', phase: 'poll', notRetried: 'outage', news: [1] };
  const tries = [
    { startMs: 0, durationMs: 1, outcome: 'quota', waitMs: 0 },
    { startMs: 9, durationMs: 1, outcome: 'quota', waitMs: 8, waitFor: 'token' },
  ];
  const lines = [
    { ...good, stale: true },
    { ...bad, error, tries, attempts: 2, durationMs: 10 },
    { ...saved(unenriched('c')), error: { ...error, kind: 'constructor' } },
    {
      run: { ...END.run, stoppedBy: 'quota', news: {} },
      summary: { ...summary({ total: 9 }), failuresByKind: { quota: 1, constructor: 1 }, outages: { count: 1, ms: 5 } },
    },
  ];

  test.each(FORMATS)('is shown and kept, in %s', async (format) => {
    const cwd = folderWith(...lines);
    const { code, stdout, stderr } = await runMain(['report', 'run.ndjson', '--format', format], { cwd });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    if (format !== 'summary') expect(stdout).toContain('quota');
    if (format === 'json' || format === 'ndjson') expect(stdout).toContain('"stale":true');
    if (format === 'json') {
      const { run, summary: counts } = JSON.parse(stdout) as { run: object; summary: object };
      expect(run).toMatchObject({ stoppedBy: 'quota', news: {} });
      expect(counts).toMatchObject({
        failuresByKind: { quota: 1, constructor: 1 },
        waitedMs: { token: 8 },
        retries: 0,
      });
    }
    if (format === 'summary') expect(stdout).toContain('stopped: quota');
  });

  test('is an early stop for --exit-code', async () => {
    const { code } = await runMain(['report', 'run.ndjson', '--exit-code'], { cwd: folderWith(...lines) });
    expect(code).toBe(4);
  });

  test('is resumed from', async () => {
    const cwd = folderWith(...lines);
    writeFileSync(join(cwd, 'cases.ndjson'), '');
    expect((await runMain(RESUME, { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'run.ndjson'), 'utf8').split('\n')).toHaveLength(6);
  });
});

test('the largest values that are taken crash no format, and what report writes of them can be read again', async () => {
  const most = {
    durationMs: 1e15,
    attempts: 1_000_000,
    index: Number.MAX_SAFE_INTEGER,
    at: '2199-12-31T23:59:59.999Z',
  };
  const tries = [{ startMs: 1e15, durationMs: 1e15, outcome: 'x', waitMs: 1e15, waitFor: 'backoff' }];
  const run = { ...END.run, durationMs: 1e15, startedAt: '1970-01-01T00:00:00Z', finishedAt: '2199-01-01T00:00:00Z' };
  const lines = [
    { ...good, ...most, tries: [...tries, ...tries] },
    { ...bad, ...most, tries },
    { run: { ...run, shard: { index: 1, count: 10_000 } }, summary: { ...summary(), maxInFlight: 2 ** 53 - 1 } },
  ];
  const cwd = folderWith(...lines);
  for (const format of FORMATS) {
    const { code, stderr } = await runMain(['report', 'run.ndjson', '--format', format], { cwd });
    expect([format, code, stderr]).toEqual([format, 0, expect.not.stringContaining('error')]);
  }
  for (const name of ['again.ndjson', 'again.json']) {
    await runMain(['report', 'run.ndjson', '-o', name], { cwd });
    expect((await runMain(['report', name, '--format', 'json'], { cwd })).code).toBe(0);
  }
});

test('many runs in one journal overflow no stack', async () => {
  const cwd = temporaryFolder();
  const line = `${closingLine(END.run, END.summary)}\n`;
  writeFileSync(join(cwd, 'run.ndjson'), `${resultLine(enriched('a'))}\n${line.repeat(150_000)}`);
  expect((await runMain(['report', 'run.ndjson', '--format', 'json'], { cwd })).code).toBe(0);
}, 60_000);
