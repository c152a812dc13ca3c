import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { pageScript } from '../../../src/commands/shared/page-script.js';
import { REPORT_SCHEMA } from '../../../src/core/results/json-schemas.js';
import type { RunInfo, Summary } from '../../../src/core/results/run-info.js';
import { closingLine, resultLine } from '../../../src/core/results/result-text.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, summary, unenriched } from '../../helpers/samples.js';
import { type FakeHostOptions, fakeHost } from '../../helpers/fake-host.js';
import { main } from '../../../src/main.js';
import { type Outcome, runMain } from '../../helpers/run-main.js';
import { HOSTILE } from '../../helpers/saved.js';

// Before every result.
const BEGUN = '2026-11-22T09:00:00.000Z';

interface SavedReport {
  readonly run: RunInfo;
  readonly results: { readonly caseId: string; readonly status: string }[];
  readonly summary: Summary;
}

/** A folder with files in it, and `report` run there. */
class Desk {
  readonly folder = temporaryFolder();

  /** A journal of one run. Without `run` it was killed before its closing line. */
  journal(name: string, results: readonly EnrichmentResult[], run?: Partial<RunInfo>, counts?: Partial<Summary>): void {
    const lines = results.map((result) => `${resultLine(result)}\n`).join('');
    const end =
      run === undefined
        ? ''
        : `${closingLine(runInfo({ startedAt: BEGUN, ...run }), summary({ ...countsOf(results), ...counts }))}\n`;
    writeFileSync(join(this.folder, name), lines + end);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  report(args: readonly string[], options: FakeHostOptions = {}): Promise<Outcome> {
    return runMain(['report', ...args], { cwd: this.folder, ...options });
  }

  async json(args: readonly string[]): Promise<SavedReport> {
    const { stdout } = await this.report(args);
    return JSON.parse(stdout) as SavedReport;
  }
}

function countsOf(results: readonly EnrichmentResult[]): Partial<Summary> {
  const of = (status: string): number => results.filter((result) => result.status === status).length;
  return {
    total: results.length,
    enriched: of('enriched'),
    failed: of('failed'),
    invalid: of('invalid'),
    cancelled: of('cancelled'),
  };
}

function shard(index: number, count = 4): Partial<RunInfo> {
  return { id: `s${index}`, shard: { index, count } };
}

const failedCase = unenriched('2', 'failed', {
  error: { kind: 'http', httpStatus: 503, message: '503 Service Unavailable', retryable: true },
});

describe('merging', () => {
  test('shards become one run: newest results, counts, times, limits and who stopped first', async () => {
    const desk = new Desk();
    const at = '2026-11-22T09:40:00.000Z';
    desk.journal('1.ndjson', [enriched('1'), failedCase], { ...shard(1, 2), stoppedBy: 'signal' }, { maxInFlight: 7 });
    desk.journal(
      '2.ndjson',
      [enriched('3'), enriched('2', { at })],
      { ...shard(2, 2), startedAt: '2026-11-22T09:20:00.000Z', finishedAt: '2026-11-22T10:00:00.000Z' },
      { maxInFlight: 9, pauses: { count: 1, ms: 500 } },
    );
    const { run, results, summary: counts } = await desk.json(['1.ndjson', '2.ndjson']);
    expect(results.map(({ caseId, status }) => `${caseId} ${status}`)).toEqual([
      '1 enriched',
      '3 enriched',
      '2 enriched',
    ]);
    expect(run).toMatchObject({
      id: 's1, s2',
      startedAt: BEGUN,
      finishedAt: '2026-11-22T10:00:00.000Z',
      durationMs: 3_600_000,
      shard: null,
      complete: true,
      stoppedBy: 'signal',
    });
    expect(counts).toMatchObject({ total: 3, enriched: 3, failed: 0, attempts: 3, maxInFlight: 9 });
    expect(counts.pauses).toEqual({ count: 1, ms: 500 });
    expect(counts.latencyMs?.max).toBe(12.4);
  });

  test('a single run keeps the summary that it had', async () => {
    const desk = new Desk();
    const own = { attempts: 9, retries: 6, waitedMs: { rate: 5 }, casesPerSecond: 42 };
    desk.journal('run.ndjson', [enriched('1'), failedCase], {}, own);
    const report = await desk.json(['run.ndjson']);
    expect(report.run).toEqual(runInfo({ startedAt: BEGUN }));
    expect(report.summary).toMatchObject({ ...own, total: 2 });
  });

  test('a resumed journal counts each case once, and its last run tells how it ended', async () => {
    const desk = new Desk();
    const tries = [
      { startMs: 0, durationMs: 5, outcome: 'http 503', waitMs: 0 },
      { startMs: 105, durationMs: 8, outcome: 'http 429', waitMs: 100, waitFor: 'backoff' as const },
      { startMs: 2113, durationMs: 7, outcome: 'ok', waitMs: 2000, waitFor: 'pause' as const },
    ];
    desk.journal('first', [enriched('1'), failedCase], { stoppedBy: 'max-time', complete: false });
    desk.journal('second', [enriched('2', { attempts: 3, durationMs: 2120, tries })], { id: 'run-2' }, { resumed: 1 });
    desk.write('run.ndjson', desk.read('first') + desk.read('second'));
    const { run, summary: counts } = await desk.json(['run.ndjson']);
    expect(run).toMatchObject({ id: 'run-2', complete: true, stoppedBy: null });
    expect(counts).toMatchObject({ total: 2, enriched: 2, failed: 0, resumed: 0, attempts: 4, retries: 1 });
    expect(counts).toMatchObject({ failuresByKind: {}, waitedMs: { backoff: 100, pause: 2000 } });
    expect(counts.latencyMs?.max).toBe(12.4);
  });

  test('the journal of a killed run is reported from its results, with a notice', async () => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1'), failedCase]);
    desk.write('torn.ndjson', `${desk.read('run.ndjson')}{"caseId":"3","sta`);
    const { code, stdout, stderr } = await desk.report(['torn.ndjson']);
    const { run, summary: counts } = JSON.parse(stdout) as SavedReport;
    expect(code).toBe(0);
    expect(run).toMatchObject({ id: 'unknown', complete: false, stoppedBy: 'unfinished', durationMs: 12 });
    expect(run.finishedAt).toBe('2026-11-22T09:30:00.123Z');
    expect(counts).toMatchObject({ total: 2, enriched: 1, failed: 1, failuresByKind: { http: 1 } });
    expect(stderr).toContain('! torn.ndjson: the last 18 bytes are a torn line, passed over\n');
    expect(stderr).toContain('! torn.ndjson has no summary at its end: killed');
  });

  test('what a killed run did counts towards the time', async () => {
    const desk = new Desk();
    const day = 86_400_000;
    desk.journal('run', [enriched('1', { at: '2026-11-22T10:00:00.000Z', durationMs: 1000 })]);
    const later = { startedAt: '2026-11-23T10:00:00.000Z', finishedAt: '2026-11-23T10:00:03.000Z' };
    desk.journal('resumed', [enriched('2', { at: '2026-11-23T10:00:02.000Z' })], later, { resumed: 1 });
    desk.write('run.ndjson', desk.read('run') + desk.read('resumed'));
    const { run, summary: counts } = await desk.json(['run.ndjson']);
    expect(Date.parse(run.finishedAt) - Date.parse(run.startedAt)).toBe(day + 4000);
    expect([run.durationMs, counts.casesPerSecond]).toEqual([4000, 0.5]);
  });

  test('failures that a run has left out are counted, and told about', async () => {
    const desk = new Desk();
    const leftOut = { total: 3, failed: 2, failuresByKind: { http: 2 } };
    desk.journal('1.ndjson', [enriched('1')], shard(1, 2), leftOut);
    desk.journal('2.ndjson', [enriched('2')], shard(2, 2));
    const { code, stdout, stderr } = await desk.report(['1.ndjson', '2.ndjson', '--exit-code']);
    expect((JSON.parse(stdout) as SavedReport).summary).toMatchObject({ total: 4, enriched: 2, failed: 2 });
    expect([code, stderr]).toEqual([1, '! 1.ndjson: 2 failed cases left out of it (--on-failure skip)\n']);
  });

  test('missing shards, and those with other settings, are named without being asked for', async () => {
    const desk = new Desk();
    for (const index of [1, 2, 4]) desk.journal(`${index}.ndjson`, [enriched(`${index}`)], shard(index));
    desk.journal('odd.ndjson', [enriched('x')], { ...shard(4), settings: 'others' });
    const { code, stdout, stderr } = await desk.report(['1.ndjson', '2.ndjson', '4.ndjson', 'odd.ndjson']);
    expect(stderr).toBe(
      '! missing shards: 1 shard without a finished run: 3/4\n' +
        '! other settings: 1 shard that did not run with the settings of the others: odd.ndjson (4/4)\n',
    );
    expect((JSON.parse(stdout) as SavedReport).run).toMatchObject({ complete: false, settings: 'abc, others' });
    expect(code).toBe(0);
  });

  test('the merged journal can be merged again', async () => {
    const desk = new Desk();
    desk.journal('1.ndjson', [enriched('1'), failedCase], shard(1, 2));
    desk.journal('2.ndjson', [enriched('3')], shard(2, 2));
    expect(await desk.report(['1.ndjson', '2.ndjson', '-o', 'all.ndjson'])).toMatchObject({ code: 0, stdout: '' });
    const again = await desk.json(['all.ndjson']);
    expect(again).toEqual(await desk.json(['1.ndjson', '2.ndjson']));
    expect(again.results).toHaveLength(3);
  });
});

describe('the JSON report', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const isReport = ajv.compile(REPORT_SCHEMA);

  test.each([
    ['of one run', ['1.ndjson']],
    ['of several', ['1.ndjson', '2.ndjson']],
    ['of a killed run', ['killed.ndjson']],
    ['of nothing', ['empty.ndjson']],
  ])('%s is what its schema says', async (_, files) => {
    const desk = new Desk();
    const invalidRecord = unenriched(null, 'invalid', { source: { file: 'cases.json', index: 3 } });
    desk.journal('1.ndjson', [enriched('1'), failedCase], shard(1, 2));
    desk.journal('2.ndjson', [invalidRecord, unenriched('4', 'cancelled')], { ...shard(2, 2), stoppedBy: 'signal' });
    desk.journal('killed.ndjson', [enriched('1'), failedCase]);
    desk.write('empty.ndjson', '');
    expect([isReport(await desk.json(files)), isReport.errors]).toEqual([true, null]);
  });
});

describe('source text', () => {
  const text = '{"id":"a","id":"a","big":12345678901234567890,"one":1.0,"z":0,"a":"\\u0041"}';
  const line = resultLine(enriched('a')).replace(/"enrichedCase":.*?,"error"/, `"enrichedCase":${text},"error"`);

  test.each(['json', 'ndjson'])('is not changed in %s', async (format) => {
    const desk = new Desk();
    desk.write('run.ndjson', `${line}\n${closingLine(runInfo(), summary({ total: 1, enriched: 1 }))}`);
    const { stdout } = await desk.report(['run.ndjson', '--format', format]);
    expect(stdout.split('\n')).toContain(line);
  });

  test('is not changed by a journal that became a report that became a journal', async () => {
    const desk = new Desk();
    desk.write('run.ndjson', `${line}\n`);
    await desk.report(['run.ndjson', '-o', 'run.json']);
    const { stdout } = await desk.report(['run.json', '--format', 'ndjson']);
    expect(stdout).toBe(`${line}\n`);
  });
});

test('a report is made again over the last one, but not over a file that is something else by its name', async () => {
  const desk = new Desk();
  desk.write('cases.json', '[{"id":"1"}]');
  desk.journal('run.ndjson', [enriched('1')], {});
  const { code, stderr } = await desk.report(['run.ndjson', '--format', 'html', '-o', 'cases.json']);
  expect([code, stderr, desk.read('cases.json')]).toEqual([
    2,
    'error: cases.json is there already, and by its name it is no html report\n  hint: -o another name, or remove it first\n',
    '[{"id":"1"}]',
  ]);
  for (const _ of [1, 2]) {
    expect((await desk.report(['run.ndjson', '--format', 'html', '-o', 'run.html'])).code).toBe(0);
    expect((await desk.report(['run.ndjson', '--format', 'table', '-o', 'run.txt'])).code).toBe(0);
  }
});

test('a case file is told from results', async () => {
  const desk = new Desk();
  desk.write('cases.ndjson', '{"id":"1"}\n');
  const { code, stderr } = await desk.report(['cases.ndjson', '--format', 'summary']);
  expect(code).toBe(3);
  expect(stderr).toContain('hint: is it what enrich -o FILE.ndjson has written? a case file is no journal\n');
});

describe('--expect', () => {
  test('names what is missing, unexpected and enriched twice, and shards; exit 1', async () => {
    const desk = new Desk();
    desk.write('cases.ndjson', '{"id":"1"}\n{"id":"2"}\n{"id":"4"}\n{"id":"5","title":7}\n{"title":"none"}\n');
    const again = enriched('1', { at: '2026-11-22T09:45:00.000Z' });
    desk.journal('1.ndjson', [enriched('1'), enriched('9'), unenriched('5', 'invalid')], shard(1, 3));
    desk.journal('2.ndjson', [again, enriched('2')], shard(2, 3));
    const args = ['1.ndjson', '2.ndjson', '--expect', 'cases.ndjson', '--format', 'ndjson'];
    const { code, stdout, stderr } = await desk.report(args);
    expect(stderr.split('\n')).toEqual([
      '✗ missing: 1 expected case without a result: 4',
      '✗ unexpected: 1 case with a result that no case file has: 9',
      '✗ enriched twice: 1 case for which the same was asked and answered more than once: 1',
      '✗ missing shards: 1 shard without a finished run: 3/3',
      '',
    ]);
    expect([code, stdout.split('\n').length - 1]).toEqual([1, 4]);
    expect((await desk.report([...args, '-q'])).stderr).toBe(stderr);
  });

  test.each([
    ['markdown', ['## ✗ 1 case enriched, but not what was expected', 'exit 1', '- ✗ missing&#58; 1 expected case']],
    ['html', ['<title>✗ 1 case enriched, but not what was expected', '--expect', 'missing: 1 expected case']],
    ['junit', ['tests="2" failures="1"', '<testcase name="--expect"', 'message="missing: 1 expected case']],
    ['summary', ['✗ 1 case enriched, but not what was expected (exit 1; --expect)']],
  ])('what was found stands in the %s report too', async (format, parts) => {
    const desk = new Desk();
    desk.write('cases.ndjson', '{"id":"1"}\n{"id":"2"}\n');
    desk.journal('run.ndjson', [enriched('1')], {});
    const { code, stdout } = await desk.report(['run.ndjson', '--expect', 'cases.ndjson', '--format', format]);
    expect(code).toBe(1);
    for (const part of parts) expect(stdout).toContain(part);
  });

  test.each(['markdown', 'html', 'junit'])('the %s report of a whole set is good', async (format) => {
    const desk = new Desk();
    desk.write('cases.ndjson', '{"id":"1"}\n');
    desk.journal('run.ndjson', [enriched('1')], {});
    const { code, stdout } = await desk.report(['run.ndjson', '--expect', 'cases.ndjson', '--format', format]);
    expect([code, stdout.includes('✗'), stdout.includes('failures="1"')]).toEqual([0, false, false]);
  });

  test('names twenty of many', async () => {
    const desk = new Desk();
    desk.write('cases.ndjson', Array.from({ length: 1234 }, (_, index) => `{"id":"C${index}"}\n`).join(''));
    desk.journal('run.ndjson', [], {});
    const { stderr } = await desk.report(['run.ndjson', '--expect', 'cases.ndjson', '--format', 'ndjson']);
    expect(stderr).toContain('missing: 1,234 expected cases without a result: C0, C1,');
    expect(stderr).toMatch(/C19 … and 1,214 more\n$/);
  });

  test('names a case that was in flight when the run was killed, of which only the duplicate has a result', async () => {
    const desk = new Desk();
    desk.write('twice.ndjson', '{"id":"c1"}\n{"id":"c1"}\n');
    const error = { kind: 'case', message: 'the id "c1" was seen before', retryable: false } as const;
    desk.journal('run.ndjson', [unenriched('c1', 'invalid', { error, source: { file: 'twice.ndjson', line: 2 } })]);
    const args = ['run.ndjson', '--expect', 'twice.ndjson', '--format', 'ndjson'];
    const { code, stderr } = await desk.report(args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('✗ missing: 1 expected case without a result: c1\n')]);
  });

  test('is content with exactly one result for each case of several files', async () => {
    const desk = new Desk();
    desk.write('a.json', '[{"number":1}]');
    desk.write('b.ndjson', '{"number":2}\n');
    desk.journal('run.ndjson', [enriched('1'), failedCase], {});
    const args = ['run.ndjson', '--expect', 'a.json', '--expect', 'b.ndjson', '--id-field', 'number'];
    const { code, stderr } = await desk.report(args);
    expect([code, stderr]).toEqual([0, '✓ every expected case has exactly one result\n']);
  });

  test('a case file that cannot be read is exit 3, and nothing is written', async () => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1')], {});
    const { code, stderr } = await desk.report(['run.ndjson', '--expect', 'no.json', '-o', 'out.json']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('cannot read no.json: no such file')]);
    expect(readdirSync(desk.folder)).toEqual(['run.ndjson']);
  });
});

describe('exit codes', () => {
  test.each([
    ['every case enriched', [enriched('1')], {}, [], 0],
    ['a failure', [failedCase], {}, [], 1],
    ['a failure that is allowed', [failedCase], {}, ['--allow-failures', '1'], 0],
    ['an interruption', [enriched('1')], { stoppedBy: 'signal' }, [], 130],
    ['a stop for its failures', [failedCase], { stoppedBy: 'max-failures' }, [], 4],
    ['unreadable input', [enriched('1')], { stoppedBy: 'input', complete: false }, [], 3],
    ['a full disk', [enriched('1')], { stoppedBy: 'output' }, [], 5],
  ] as const)('with --exit-code %s is what enrich had returned', async (_, results, run, more, expected) => {
    const desk = new Desk();
    desk.journal('run.ndjson', results, run);
    expect((await desk.report(['run.ndjson', '--exit-code', ...more])).code).toBe(expected);
    expect((await desk.report(['run.ndjson', ...more])).code).toBe(0);
  });

  test.each<[string, (desk: Desk) => void]>([
    ['a killed run', (desk) => desk.journal('run.ndjson', [enriched('1')])],
    ['a run that was killed before its first result', (desk) => desk.write('run.ndjson', '')],
    ['an ended run and a killed one that has resumed it', (desk) => resumed(desk, `${resultLine(enriched('2'))}\n`)],
    ['an ended run and the torn line of a killed one', (desk) => resumed(desk, '{"caseId":"2","sta')],
    ['an interrupted run and a killed one', (desk) => resumed(desk, `${resultLine(enriched('2'))}\n`, 'signal')],
  ])('with --exit-code %s is never 0, nor what an earlier run had', async (_, prepare) => {
    const desk = new Desk();
    prepare(desk);
    expect((await desk.report(['run.ndjson', '--exit-code'])).code).toBe(4);
    expect((await desk.report(['run.ndjson', '--exit-code', '--allow-failures', '100%'])).code).toBe(4);
    expect((await desk.report(['run.ndjson', '-o', 'merged.ndjson', '--exit-code'])).code).toBe(4);
    expect((await desk.report(['merged.ndjson', '--exit-code'])).code).toBe(4);
  });

  function resumed(desk: Desk, more: string, stoppedBy: RunInfo['stoppedBy'] = null): void {
    desk.journal('run.ndjson', [enriched('1')], { stoppedBy });
    desk.write('run.ndjson', desk.read('run.ndjson') + more);
  }

  test('one of two files without an end is a stop, beside whatever the other one had', async () => {
    const desk = new Desk();
    desk.journal('killed.ndjson', [enriched('1')]);
    desk.journal('failed.ndjson', [failedCase], {});
    desk.journal('interrupted.ndjson', [enriched('3')], { stoppedBy: 'signal' });
    expect((await desk.report(['killed.ndjson', 'failed.ndjson', '--exit-code'])).code).toBe(4);
    expect((await desk.report(['killed.ndjson', 'interrupted.ndjson', '--exit-code'])).code).toBe(130);
  });

  test.each([
    [
      'summary',
      /^stopped: the results have no end[^]*✗ unfinished: 2 results; go on with --resume \(exit 4; no end\)\n$/,
    ],
    [
      'markdown',
      /^## ✗ unfinished: 2 results; go on with --resume\n[^]*exit 4 · unknown: the results of a run have no end/,
    ],
    ['html', /<title>✗ unfinished: 2 results; go on with --resume/],
    [
      'junit',
      /tests="3" failures="1"[^]*<testcase name="the end of the run"[^]*message="unfinished: 2 results; go on with/,
    ],
  ])('the %s of a killed run says that it has no end', async (format, text) => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1'), enriched('2')]);
    const { stdout } = await desk.report(['run.ndjson', '--format', format]);
    expect(stdout).toMatch(text);
    if (format !== 'html') expect(stdout).not.toContain('✓');
  });

  test('with --exit-code and --expect the code of the run comes before that of the findings', async () => {
    const desk = new Desk();
    desk.write('cases.ndjson', '{"id":"7"}\n');
    desk.journal('run.ndjson', [failedCase], { stoppedBy: 'max-failures' });
    const args = ['run.ndjson', '--expect', 'cases.ndjson'];
    expect((await desk.report([...args, '--exit-code'])).code).toBe(4);
    expect((await desk.report(args)).code).toBe(1);
  });

  test.each([
    ['a file that is not there', ['no.ndjson'], 3, 'cannot read no.ndjson: no such file'],
    ['a file that holds no results', ['cases.json'], 3, 'cases.json: line 1 (byte 0) is not a result: no caseId'],
    ['the output among the inputs', ['run.ndjson', '-o', 'run.ndjson'], 2, '-o run.ndjson is an input file'],
    ['no folder for the output', ['run.ndjson', '-o', 'no/out.json'], 5, 'cannot write no/out.json'],
    ['no file', [], 2, 'RESULTS'],
  ])('%s is refused', async (_, args, code, message) => {
    const desk = new Desk();
    desk.write('cases.json', '{"id":"1"}');
    desk.journal('run.ndjson', [enriched('1')], {});
    const outcome = await desk.report(args);
    expect([outcome.code, outcome.stdout]).toEqual([code, '']);
    expect(outcome.stderr).toContain(message);
  });

  test('a closed pipe ends it quietly', async () => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1')], {});
    const fake = fakeHost({ cwd: desk.folder });
    fake.closeStdout();
    main(['report', 'run.ndjson'], fake.host);
    expect([await fake.exitCode, fake.stderr()]).toEqual([0, '']);
  });

  test('a signal leaves no half report behind', async () => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1')], {});
    const fake = fakeHost({ cwd: desk.folder });
    main(['report', 'run.ndjson', '-o', 'out.json', '--expect', '-'], fake.host);
    while (!readdirSync(desk.folder).some((name) => name.endsWith('.tmp'))) await new Promise(setImmediate);
    fake.signal('SIGTERM');
    expect([await fake.exitCode, readdirSync(desk.folder)]).toEqual([143, ['run.ndjson']]);
  });
});

describe('formats', () => {
  const hostile = HOSTILE.map((text, index) =>
    unenriched(text, index % 2 === 0 ? 'failed' : 'invalid', {
      index,
      error: { kind: index % 2 === 0 ? 'network' : 'case', code: text, message: text, body: text, retryable: true },
      source: { file: text, line: 1 },
    }),
  );

  test.each([
    ['html', /^<!doctype html>[\s\S]*<\/html>\n$/],
    [
      'junit',
      /^<\?xml [^>]*>\n<testsuites name="case-tracker" tests="15" failures="7" errors="7"[\s\S]*<\/testsuites>\n$/,
    ],
    ['markdown', /^## ✗ 14 of 15 cases were not enriched\n[\s\S]*### Failures/],
    ['table', /^ID +STATUS[\s\S]*\n$/],
    ['summary', /^Failures\n[\s\S]*✗ 14 of 15 cases were not enriched \(exit 1; --allow-failures 0\)\n$/],
    ['json', /^\{"schemaVersion":1,"results":\[\n[\s\S]*\}\n$/],
    ['ndjson', /^(\{[^\n]*\}\n){15}$/],
  ])('%s has hostile data in it and no control character', async (format, shape) => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1'), ...hostile], {});
    const { code, stdout, stderr } = await desk.report(['run.ndjson', '--format', format]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(shape);
    const data = stdout.replace(pageScript('report').text, '').replaceAll('\n', '');
    if (format !== 'json' && format !== 'ndjson') expect(data).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test.each([
    ['run.html', '<!doctype html>'],
    ['run.xml', '<?xml'],
    ['run.md', '## '],
    ['run.jsonl', '{"caseId"'],
    ['run.json', '{"schemaVersion"'],
    ['run', '{"schemaVersion"'],
  ])('-o %s settles the format', async (name, beginning) => {
    const desk = new Desk();
    desk.journal('in.ndjson', [enriched('1')], {});
    expect(await desk.report(['in.ndjson', '-o', name], { stdoutTTY: true })).toMatchObject({ code: 0, stdout: '' });
    expect(desk.read(name).startsWith(beginning)).toBe(true);
  });

  test('on a terminal it is the summary, with advice and the command to go on with', async () => {
    const desk = new Desk();
    desk.journal('run.ndjson', [enriched('1'), failedCase], {}, { failuresByKind: { http: 1 }, attempts: 2 });
    const { stdout } = await desk.report(['run.ndjson'], { stdoutTTY: true, columns: 100, env: { NO_COLOR: '1' } });
    expect(stdout).toMatchInlineSnapshot(`
      "Failures
        1  http 503      Service Unavailable   2
                         → run again later with --resume; it calls only what is not enriched

        Cases      2     1 enriched · 1 failed · 0 invalid · 0 cancelled
        Calls      2     0 retries · most in flight 0
        Time       20s   0 cases/s
        Results    run.ndjson

      Next   case-tracker report run.ndjson --format html -o run.html    # see it in a browser

      ✗ 1 of 2 cases was not enriched (exit 1; --allow-failures 0)
      "
    `);
  });

  test('on a terminal the table shows the failures first and says how to see all', async () => {
    const desk = new Desk();
    desk.journal(
      'run.ndjson',
      [...Array.from({ length: 60 }, (_, index) => enriched(`${index}`, { index })), failedCase],
      {},
    );
    const args = ['run.ndjson', '--format', 'table', '--color', 'never'];
    const { stdout } = await desk.report(args, { stdoutTTY: true });
    expect(stdout.split('\n')[1]).toMatch(/^2 +failed/);
    expect(stdout).toContain('… and 10 more (all of them with -o results.txt)');
  });

  test('the page tells which runs were merged, their limits, the allowance and what to do', async () => {
    const desk = new Desk();
    for (const index of [1, 3]) desk.journal(`${index}.ndjson`, [failedCase, enriched(`${index}`)], shard(index, 3));
    const args = ['1.ndjson', '3.ndjson', '--format', 'html', '--allow-failures', '50%'];
    const { stdout } = await desk.report(args);
    expect(stdout).toContain('2 runs: shards 1/3, 3/3');
    expect(stdout).toContain('<strong>✗ 2/3</strong>');
    expect(stdout).toContain('<code>--allow-failures 50%</code>');
    expect(stdout).toContain('→ run again later');
    expect(stdout).toMatch(/<code>--timeout<\/code><\/th>\s*<td><code>5s<\/code>/);
  });

  test('of a run that nothing is known of no advice is given', async () => {
    const desk = new Desk();
    desk.journal('run.ndjson', [
      unenriched('1', 'failed', { error: { kind: 'timeout', message: 'late', retryable: true } }),
    ]);
    const { stdout } = await desk.report(['run.ndjson', '--format', 'summary']);
    expect(stdout).toContain('timeout');
    expect(stdout).not.toContain('→');
  });
});
