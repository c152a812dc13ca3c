/** What an hourly run costs: what is new, what has changed, and what is too old. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SavedResult } from '../../../src/core/results/run-info.js';
import { realClock } from '../../../src/host.js';
import { answer, countingServer, type CountingServer, idOf } from '../../helpers/counting-server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { reportOf, resultLinesOf } from '../../helpers/results.js';
import { runMain } from '../../helpers/run-main.js';

const DAY = 86_400_000;

/** A folder with a journal, an endpoint that refuses the ids in `broken`, and a calendar. */
class Desk {
  readonly folder = temporaryFolder();
  /** What the endpoint answers for some ids instead of 200. */
  readonly broken = new Map<string, number>();
  day = 0;
  #server: CountingServer | undefined;
  #told = 0;

  static async open(): Promise<Desk> {
    const desk = new Desk();
    desk.#server = await countingServer((request, response) => {
      const id = idOf(request);
      answer(response, { day: desk.day }, desk.broken.get(id) ?? 200);
    });
    return desk;
  }

  write(cases: Readonly<Record<string, string>>): void {
    const lines = Object.entries(cases).map(([id, title]) => JSON.stringify({ id, title }));
    writeFileSync(join(this.folder, 'cases.ndjson'), `${lines.join('\n')}\n`);
  }

  run(...argv: string[]) {
    const clock = { ...realClock, wallNow: () => Date.UTC(2026, 0, 1) + this.day * DAY };
    return runMain(argv, { cwd: this.folder, clock });
  }

  async enrich(...flags: string[]) {
    const url = `${this.#server?.url}/{id}`;
    const outcome = await this.run('enrich', 'cases.ndjson', '--endpoint', url, '--retries', '0', ...flags);
    return { ...outcome, calls: this.#calls() };
  }

  resume(...flags: string[]) {
    return this.enrich('-o', 'run.ndjson', '--resume', ...flags);
  }

  /** The ids that were called since the last time. */
  #calls(): string[] {
    const all = this.#server?.stats.requests ?? [];
    const fresh = all.slice(this.#told).map((request) => request.split('/').at(-1) ?? '');
    this.#told = all.length;
    return fresh.toSorted();
  }

  lines(file = 'run.ndjson'): readonly SavedResult[] {
    return resultLinesOf(readFileSync(join(this.folder, file), 'utf8')).results;
  }

  async report(...flags: string[]) {
    const { stdout, code } = await this.run('report', 'run.ndjson', '--format', 'json', ...flags);
    return { ...reportOf(stdout), code };
  }
}

const HOURLY = ['--refresh-after', '30d', '--only', 'retryable,changed,missing'];

function many(prefix: string, count: number, title = 'x'): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, title]));
}

test('an hourly run calls what is new, changed or too old, and leaves permanent refusals alone', async () => {
  const desk = await Desk.open();
  const known = { ...many('gone', 4), ...many('old', 100) };
  for (const id of Object.keys(many('gone', 4))) desk.broken.set(id, 404);
  desk.write(known);
  await desk.resume();
  desk.day = 20;
  desk.write({ ...known, ...many('young', 20), ...many('edited', 5) });
  expect((await desk.resume(...HOURLY)).calls).toHaveLength(25);
  desk.day = 31;
  desk.write({ ...known, ...many('young', 20), ...many('edited', 5, 'other'), ...many('new', 10) });
  const dry = await desk.resume(...HOURLY, '--dry-run');
  expect([dry.calls, dry.stderr.split('\n').at(-2)]).toEqual([
    [],
    '115 cases would be called; 20 enriched before, 4 left out (--only); nothing was sent',
  ]);
  const run = await desk.resume(...HOURLY, '--allow-failures', '4');
  expect(run.calls.map((id) => id.replace(/\d+/, '')).reduce(count, {})).toEqual({ edited: 5, new: 10, old: 100 });
  expect(run.code).toBe(0);
  expect(run.stderr).toContain(
    'resumed: 20 enriched before, 4 not yet enriched, 10 new, 100 to be refreshed, 5 changed',
  );
  expect((await desk.resume(...HOURLY)).calls).toEqual([]);
  expect((await desk.resume(...HOURLY)).code).toBe(1);
  expect((await desk.resume()).calls).toHaveLength(4);
  const report = await desk.report('--expect', 'cases.ndjson');
  expect([report.summary.total, report.summary.enriched, report.code]).toEqual([139, 135, 0]);
});

function count(counts: Record<string, number>, name: string): Record<string, number> {
  return { ...counts, [name]: (counts[name] ?? 0) + 1 };
}

describe('a refresh that fails', () => {
  async function withStale(status: number): Promise<Desk> {
    const desk = await Desk.open();
    desk.write({ a: 'x', b: 'x' });
    await desk.resume();
    desk.day = 40;
    desk.broken.set('b', status);
    const { code, calls } = await desk.resume('--refresh-after', '30d');
    expect([code, calls]).toEqual([1, ['a', 'b']]);
    return desk;
  }

  test('is a failed result of its run, and in a report the older enrichment stands', async () => {
    const desk = await withStale(503);
    expect(desk.lines().map(({ caseId, status, refresh }) => [caseId, status, refresh])).toEqual([
      ['a', 'enriched', undefined],
      ['b', 'enriched', undefined],
      ...desk
        .lines()
        .slice(2)
        .map(({ caseId }) => [caseId, caseId === 'a' ? 'enriched' : 'failed', true]),
    ]);
    const { results, summary, code } = await desk.report('--exit-code');
    const b = results.find(({ caseId }) => caseId === 'b');
    expect([b?.status, b?.stale, b?.enrichedCase]).toEqual([
      'enriched',
      true,
      { id: 'b', title: 'x', enrichment: { day: 0 } },
    ]);
    expect([summary.enriched, summary.failed, summary.stale, code]).toEqual([2, 0, 1, 1]);
    expect((await desk.report('--exit-code', '--allow-failures', '1')).code).toBe(0);
    expect((await desk.report('--expect', 'cases.ndjson')).code).toBe(0);
  });

  test('is asked for again by the next run, also by one without --refresh-after', async () => {
    const desk = await withStale(503);
    expect((await desk.resume()).calls).toEqual(['b']);
    expect((await desk.report()).summary.stale).toBe(1);
    desk.broken.clear();
    expect((await desk.resume('--only', 'retryable')).calls).toEqual(['b']);
    const { summary, results } = await desk.report();
    expect([summary.stale, results.map(({ stale }) => stale)]).toEqual([undefined, [undefined, undefined]]);
  });

  test('for good is left alone by --only retryable', async () => {
    const desk = await withStale(404);
    const { calls, code } = await desk.resume('--refresh-after', '30d', '--only', 'retryable');
    expect([calls, code]).toEqual([[], 1]);
  });

  test('of a case that has changed is no refresh: the older enrichment is of another text', async () => {
    const desk = await withStale(503);
    desk.write({ a: 'x', b: 'changed' });
    expect((await desk.resume('--refresh-after', '30d')).calls).toEqual(['b']);
    const { summary } = await desk.report();
    expect([summary.enriched, summary.failed, summary.stale]).toEqual([1, 1, undefined]);
  });

  test.each([
    ['summary', '2 enriched (1 stale)', '2 cases enriched, 1 of them stale: the last refresh failed (exit 1'],
    ['markdown', '2 (1 stale)', '1 of them stale'],
    ['html', 'Stale', '1 of them stale'],
    ['junit', 'stale: the last refresh failed', '2026-01-01T00:00:00.000Z'],
    ['table', 'stale', 'enriched'],
    ['ndjson', '"stale":true', '"caseId":"a"'],
  ])('is shown by --format %s', async (format, ...texts) => {
    const desk = await withStale(503);
    const { stdout } = await desk.run('report', 'run.ndjson', '--format', format);
    for (const text of texts) expect(stdout).toContain(text);
  });
});

describe('a compacted journal', () => {
  test('resumes as the one that it was made of', async () => {
    const desk = await Desk.open();
    const cases = { done: 'x', stale: 'x', due: 'x', gone: 'x', changed: 'x', '': 'invalid' };
    desk.broken.set('gone', 404).set('due', 500).set('changed', 500);
    desk.write(cases);
    await desk.resume();
    desk.day = 20;
    for (const id of ['due', 'changed']) desk.broken.delete(id);
    await desk.resume();
    desk.day = 40;
    desk.broken.set('stale', 503);
    await desk.resume('--refresh-after', '30d');
    await desk.run('report', 'run.ndjson', '--format', 'ndjson', '-o', 'compact.ndjson');
    expect(desk.lines('compact.ndjson')).toHaveLength(6);
    expect(desk.lines().length).toBeGreaterThan(9);
    expect((await desk.run('report', 'compact.ndjson', '--format', 'ndjson', '-o', 'again.ndjson')).code).toBe(0);
    expect(desk.lines('again.ndjson')).toEqual(desk.lines('compact.ndjson'));

    desk.day = 55;
    desk.write({ ...cases, changed: 'other', new: 'x' });
    for (const flags of [[], ['--refresh-after', '30d'], HOURLY, ['--only', 'failed'], ['--only', 'invalid']]) {
      const plans = ['run', 'compact'].map((name) =>
        desk.enrich('-o', `${name}.ndjson`, '--resume', '--dry-run', ...flags),
      );
      const [before, after] = await Promise.all(plans);
      expect([after?.stdout, after?.stderr.split('\n').at(-2)]).toEqual([
        before?.stdout,
        before?.stderr.split('\n').at(-2),
      ]);
    }
    const run = await desk.enrich('-o', 'compact.ndjson', '--resume', '--refresh-after', '30d');
    expect(run.calls).toEqual(['changed', 'due', 'gone', 'new', 'stale']);
  });
});

describe('a clock that stepped back', () => {
  test('has nothing called again, and is told about', async () => {
    const desk = await Desk.open();
    desk.day = 400;
    desk.write({ a: 'x' });
    await desk.resume();
    desk.day = 0;
    const { calls, stderr, code } = await desk.resume('--refresh-after', '1d');
    expect([calls, code]).toEqual([[], 0]);
    expect(stderr).toContain('1 result in run.ndjson is dated later than now (up to 2027-02-05 00:00:00 UTC)');
  });

  test('between two runs: the later line is the newer one, and its date counts', async () => {
    const desk = await Desk.open();
    desk.write({ a: 'x' });
    desk.day = 50;
    await desk.resume();
    desk.day = 90;
    await desk.resume('--refresh-after', '30d');
    desk.day = 50;
    expect((await desk.resume('--refresh-after', '30d')).calls).toEqual([]);
  });
});

describe('--skip-if', () => {
  test('does not call a case that has a value there, and leaves it as it is', async () => {
    const desk = await Desk.open();
    const texts = [
      '{"id":"a","x":{"y":1.0},"big":12345678901234567890}',
      '{"id":"b","x":{"y":null}}',
      '{"id":"c","x":{}}',
      '{"id":"d","x":{"y":false}}',
    ];
    writeFileSync(join(desk.folder, 'cases.ndjson'), `${texts.join('\n')}\n`);
    const first = await desk.resume('--skip-if', '/x/y');
    expect([first.calls, first.code]).toEqual([['b', 'c'], 0]);
    const journal = readFileSync(join(desk.folder, 'run.ndjson'), 'utf8');
    expect(journal).toContain(
      `{"caseId":"a","status":"enriched","index":0,"enrichedCase":${texts[0]},"error":null,"attempts":0,"durationMs":0,`,
    );
    expect(desk.lines().map(({ skipped, key }) => [skipped, typeof key])).toEqual(
      desk.lines().map(({ caseId }) => [caseId === 'a' || caseId === 'd' ? true : undefined, 'string']),
    );
    expect(first.stderr).toContain('4 enriched (2 skipped)');
    const second = await desk.resume('--skip-if', '/x/y');
    expect([second.calls, desk.lines().length]).toEqual([[], 4]);
    const { summary } = await desk.report();
    expect([summary.skipped, summary.attempts]).toEqual([2, 2]);
  });

  test('a dry run counts them; the first failures are those of cases that were called', async () => {
    const desk = await Desk.open();
    const cases = Array.from({ length: 15 }, (_, n) => JSON.stringify({ id: `c${n}`, ...(n < 4 ? { has: 1 } : {}) }));
    writeFileSync(join(desk.folder, 'cases.ndjson'), `${cases.join('\n')}\n`);
    for (let n = 4; n < 15; n++) desk.broken.set(`c${n}`, 401);
    const dry = await desk.enrich('--skip-if', '/has', '--dry-run');
    expect(dry.stderr.split('\n').at(-2)).toBe('11 cases would be called; 4 skipped (--skip-if); nothing was sent');
    const { code, stderr } = await desk.enrich('--skip-if', '/has', '--limit', '1');
    expect([code, stderr]).toEqual([4, expect.stringContaining('10 of the first 10 cases failed') as string]);
  });

  test('in batches only the others are sent', async () => {
    const desk = await Desk.open();
    const server = await countingServer((_, response) => answer(response, { b: 1, d: 2 }));
    const cases = ['a', 'b', 'c', 'd'].map((id) => JSON.stringify({ id, ...('ac'.includes(id) ? { has: 1 } : {}) }));
    writeFileSync(join(desk.folder, 'cases.ndjson'), `${cases.join('\n')}\n`);
    const argv = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--batch', '2', '--skip-if', '/has'];
    const { code, stdout } = await desk.run(...argv);
    expect([code, server.stats.requests.length, reportOf(stdout).summary.skipped]).toEqual([0, 1, 2]);
    const dry = await desk.run(...argv, '--dry-run');
    expect(dry.stderr).toContain('2 cases would be called, in 1 call (--batch); 2 skipped (--skip-if); nothing');
  });
});
