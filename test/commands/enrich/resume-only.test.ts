/** What `enrich --resume --only …` counts is what `report` counts in the journal afterwards. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../../../src/core/results/run-info.js';
import { realClock } from '../../../src/host.js';
import { answer, idOf } from '../../helpers/counting-server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { serve } from '../../helpers/fault-server.js';
import { runMain } from '../../helpers/run-main.js';

const HOUR = 3_600_000;

/** A folder, and an endpoint that refuses ids that begin with `bad` for good. */
class Desk {
  readonly folder = temporaryFolder();
  readonly url: string;
  #hours = 0;

  private constructor(url: string) {
    this.url = url;
  }

  static async open(): Promise<Desk> {
    const server = await serve((request, response) =>
      answer(response, { ok: true }, idOf(request).startsWith('bad') ? 404 : 200),
    );
    return new Desk(server.url);
  }

  write(name: string, ...lines: string[]): void {
    writeFileSync(join(this.folder, name), lines.map((line) => `${line}\n`).join(''));
  }

  /** An hour after the last one. */
  async enrich(file: string, ...flags: string[]) {
    const endpoint = flags.includes('--endpoint') ? [] : ['--endpoint', `${this.url}/{id}`];
    const argv = ['enrich', file, ...endpoint, '-o', 'run.ndjson', ...flags];
    const aheadMs = HOUR * this.#hours++;
    const clock = { ...realClock, wallNow: () => realClock.wallNow() + aheadMs };
    return await runMain(argv, { cwd: this.folder, clock });
  }

  /** Counts of the last run's closing line. */
  get closing(): Partial<Summary> {
    const last = readFileSync(join(this.folder, 'run.ndjson'), 'utf8').trimEnd().split('\n').at(-1) ?? '';
    return countsOf((JSON.parse(last) as { summary: Summary }).summary);
  }

  async report(...flags: string[]) {
    const outcome = await runMain(['report', 'run.ndjson', '--exit-code', ...flags], { cwd: this.folder });
    return { ...outcome, counts: countsOf((JSON.parse(outcome.stdout) as { summary: Summary }).summary) };
  }
}

function countsOf({ total, enriched, failed, invalid, cancelled }: Summary): Partial<Summary> {
  return { total, enriched, failed, invalid, cancelled };
}

const INVALID = ['{"id":"wrong","title":7}', '{"title":"no id"}'];

describe('report counts what the last run has counted', () => {
  test.each([[['--only', 'failed']], [['--only', 'cancelled,missing']], [['--only', 'invalid']], [[]]])(
    'after --resume %s: invalid records are not lost',
    async (flags) => {
      const desk = await Desk.open();
      desk.write('cases.ndjson', '{"id":"a"}', '{"id":"bad"}', ...INVALID);
      await desk.enrich('cases.ndjson');
      const { code } = await desk.enrich('cases.ndjson', '--resume', ...flags);
      const report = await desk.report('--expect', 'cases.ndjson');
      expect(report.counts).toEqual({ total: 4, enriched: 1, failed: 1, invalid: 2, cancelled: 0 });
      expect([code, report.code, report.stderr]).toEqual([1, 1, '✓ every expected case has exactly one result\n']);
      expect(desk.closing).toEqual(report.counts);
    },
  );

  test('also where a mended record is left out', async () => {
    const desk = await Desk.open();
    desk.write('cases.ndjson', '{"id":"a"}', ...INVALID);
    await desk.enrich('cases.ndjson');
    desk.write('cases.ndjson', '{"id":"a"}', '{"id":"wrong","title":"mended"}', '{"title":"no id"}');
    const { code } = await desk.enrich('cases.ndjson', '--resume', '--only', 'failed');
    const report = await desk.report();
    expect(report.counts).toEqual({ total: 3, enriched: 1, failed: 0, invalid: 2, cancelled: 0 });
    expect([code, report.code]).toEqual([1, 1]);
    expect(desk.closing).toEqual(report.counts);
  });

  test.each([[[]], [['--only', 'invalid']]])(
    'and not the old record once the mended one is enriched (%s)',
    async (flags) => {
      const desk = await Desk.open();
      desk.write('cases.ndjson', '{"id":"a"}', ...INVALID);
      await desk.enrich('cases.ndjson');
      desk.write('cases.ndjson', '{"id":"a"}', '{"id":"wrong","title":"mended"}', '{"id":"now"}');
      const { code } = await desk.enrich('./cases.ndjson', '--resume', ...flags);
      const report = await desk.report();
      expect(report.counts).toEqual({ total: 3, enriched: 3, failed: 0, invalid: 0, cancelled: 0 });
      expect([code, report.code]).toEqual([0, 0]);
      expect(report.stderr).toBe('! 2 invalid records of earlier runs, corrected since, not counted\n');
    },
  );
});

test('the cases of another file enriched into the same journal take no invalid record away', async () => {
  const desk = await Desk.open();
  desk.write('cases.ndjson', '{"id":"a"}', ...INVALID);
  mkdirSync(join(desk.folder, 'other'));
  desk.write('other/cases.ndjson', '{"id":"b"}');
  await desk.enrich('cases.ndjson');
  expect((await desk.enrich('other/cases.ndjson', '--resume')).code).toBe(0);
  const report = await desk.report();
  expect(report.counts).toEqual({ total: 4, enriched: 2, failed: 0, invalid: 2, cancelled: 0 });
  expect(report.code).toBe(1);
});

describe('an invalid record of an earlier run is superseded by a later complete run that lists its file', () => {
  const UNNAMED = ['{"number":"b1"}', '{"title":"no id"}', '{"number":"b2"}'];
  const COUNTS = { total: 3, enriched: 2, failed: 0, invalid: 1, cancelled: 0 };

  test.each([
    ['with another id field', [[]]],
    ['with --only, as long as it leaves nothing out that has no result', [['--only', 'missing,failed']]],
    [
      'with all shards, one after another',
      [
        ['--shard', '1/2'],
        ['--shard', '2/2'],
      ],
    ],
    ['with another endpoint, limits and enrichment', [['--into', 'answer', '--limit', '1', '--pick', '']]],
  ])('%s', async (_, runs) => {
    const desk = await Desk.open();
    desk.write('b.ndjson', ...UNNAMED);
    await desk.enrich('b.ndjson');
    for (const flags of runs) await desk.enrich('b.ndjson', '--id-field', 'number', '--resume', ...flags);
    expect((await desk.report('--expect', 'b.ndjson', '--id-field', 'number')).counts).toEqual(COUNTS);
  });

  test('but not by one of several shards, nor where --only leaves a case without a result', async () => {
    const desk = await Desk.open();
    desk.write('b.ndjson', ...UNNAMED);
    await desk.enrich('b.ndjson');
    await desk.enrich('b.ndjson', '--id-field', 'number', '--resume', '--only', 'failed');
    expect((await desk.report()).counts).toMatchObject({ total: 3, invalid: 3 });
    await desk.enrich('b.ndjson', '--id-field', 'number', '--resume', '--shard', '1/2');
    expect((await desk.report()).counts).toMatchObject({ invalid: 3 });
  });
});

test('a run of another shard takes no invalid record away', async () => {
  const desk = await Desk.open();
  desk.write('cases.ndjson', '{"id":"a"}', ...Array.from({ length: 10 }, () => '{"title":"no id"}'));
  await desk.enrich('cases.ndjson', '--shard', '1/2');
  await desk.enrich('cases.ndjson', '--shard', '2/2', '--resume');
  expect((await desk.report()).counts).toMatchObject({ total: 11, invalid: 10 });
});

describe('cases that --only leaves out', () => {
  test('and that have no result are not counted as cancelled, and not as anything else', async () => {
    const desk = await Desk.open();
    desk.write('cases.ndjson', '{"id":"a"}', '{"id":"bad"}');
    await desk.enrich('cases.ndjson');
    desk.write('cases.ndjson', '{"id":"a"}', '{"id":"bad"}', '{"id":"new"}', '{"id":"newer"}');
    const { stderr } = await desk.enrich('cases.ndjson', '--resume', '--only', 'invalid');
    expect(desk.closing).toEqual({ total: 2, enriched: 1, failed: 1, invalid: 0, cancelled: 0 });
    expect((await desk.report()).counts).toEqual(desk.closing);
    expect(stderr).toContain('2 new, 3 left out (--only), 2 of them without a result (missing)');
  });

  test.each([['cancelled'], ['failed']])(
    '--only %s after a kill: they are told as missing, and how to go on',
    async (only) => {
      const desk = await Desk.open();
      desk.write('cases.ndjson', '{"id":"a"}', '{"id":"b"}', '{"id":"c"}');
      await desk.enrich('cases.ndjson', '--first', '1');
      const { code, stderr } = await desk.enrich('cases.ndjson', '--resume', '--only', only);
      expect(stderr).toMatch(/0 cancelled\n +2 left out, without a result \(missing\)\n/);
      expect(stderr).toContain('✓ 1 case enriched; 2 left out, without a result (missing)\n');
      expect(stderr).not.toContain('no case was selected');
      expect(stderr).toMatch(/Next +case-tracker enrich cases\.ndjson .*-o run\.ndjson --resume\n/);
      expect(stderr).toContain('# go on with the 2 left out, without a result');
      expect(code).toBe(0);
    },
  );

  test('do not include the record that --only invalid means, and do include one whose duplicate is invalid', async () => {
    const desk = await Desk.open();
    desk.write('cases.ndjson', '{"id":"bad"}', '{"id":"bad"}', ...INVALID);
    await desk.enrich('cases.ndjson');
    desk.write('cases.ndjson', '{"id":"bad"}', '{"id":"bad"}', '{"id":"wrong"}', '{"id":"now"}');
    await desk.enrich('cases.ndjson', '--resume', '--only', 'invalid');
    const lines = readFileSync(join(desk.folder, 'run.ndjson'), 'utf8').trimEnd().split('\n').slice(5, -1);
    const written = lines.map((line) => JSON.parse(line) as { caseId: string; status: string });
    expect(written.map(({ caseId, status }) => `${caseId} ${status}`).toSorted()).toEqual([
      'bad invalid',
      'now enriched',
      'wrong enriched',
    ]);
  });
});

describe('cases of the journal that a run does not meet', () => {
  const GONE = 'no longer in the input';
  const UNASKED = 'more in the journal that this run did not ask about';

  test.each([
    ['are gone where every record was looked at', [], ['{"id":"a"}', '{"id":"bad"}'], `1 ${GONE}`],
    [
      'are not gone behind a filter',
      ['--status', 'open'],
      ['{"id":"a","status":"open"}', '{"id":"b"}'],
      `1 ${UNASKED}`,
    ],
    ['are not gone beside --id', ['--id', 'a'], ['{"id":"a"}', '{"id":"b"}'], `1 ${UNASKED}`],
    ['are not gone with --shard', ['--shard', '1/99'], ['{"id":"a"}', '{"id":"b"}'], `2 ${UNASKED}`],
    ['are not gone where records have no id', [], ['{"number":"a"}', '{"number":"b"}'], `2 ${UNASKED}`],
    ['are there where their record is invalid now', [], ['{"id":"a"}', '{"id":"b","title":7}'], undefined],
  ])('%s', async (_, flags, lines, words) => {
    const desk = await Desk.open();
    desk.write('cases.ndjson', '{"id":"a"}', '{"id":"b"}');
    await desk.enrich('cases.ndjson');
    desk.write('cases.ndjson', ...lines);
    const { stderr } = await desk.enrich('cases.ndjson', '--resume', ...flags);
    const [told] = /\d+ (no longer in|more in the journal).*/.exec(stderr) ?? [];
    expect(told).toBe(words);
  });

  test('are there where the URL of their case cannot be made now', async () => {
    const desk = await Desk.open();
    desk.write('cases.ndjson', '{"id":"a"}', '{"id":"b"}');
    await desk.enrich('cases.ndjson');
    const { stderr } = await desk.enrich('cases.ndjson', '--resume', '--endpoint', 'http://127.0.0.1:9/{nothing}');
    expect(stderr).not.toContain(GONE);
  });
});

test('--first says which invalid records come on top of it: none of those whose URL cannot be made', async () => {
  const desk = await Desk.open();
  const first = (...lines: string[]) => {
    desk.write('cases.ndjson', ...lines);
    return desk.enrich('cases.ndjson', '--overwrite', '--first', '2', '--endpoint', `${desk.url}/{name}`);
  };
  expect((await first('{"id":"a","name":"a"}', '{"id":"b"}')).stderr).toContain(' · 1 invalid · ');
  expect((await first('{"id":"a","name":"a"}', '{"x":1}', '{"id":"b"}')).stderr).toContain(
    '2 invalid (1 of them on top of the valid cases of --first 2)',
  );
  expect((await first('{"x":1}', '{"id":"a","name":"a"}', '{"id":"b","name":"b"}')).stderr).toContain(
    '1 invalid (on top of the valid cases of --first 2)',
  );
});
