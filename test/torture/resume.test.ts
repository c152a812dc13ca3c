import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SavedResult, Summary } from '../../src/core/results/run-info.js';
import { temporaryFolder } from '../helpers/folder.js';
import { runMain, type Outcome } from '../helpers/run-main.js';
import { type CountingEndpoint, countingEndpoint } from './server.js';

let endpoint: CountingEndpoint;
beforeAll(async () => {
  endpoint = await countingEndpoint(() => 0, 0);
});
afterAll(() => endpoint.close());

// Those with the numbers 3 and 20 are refused for good.
const IDS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c20'];

describe('a journal that was cut off', () => {
  test('at any byte of its last lines is resumed to the same set of results, and what is whole is not called again', async () => {
    const home = await enrichedHome();
    const journal = readFileSync(join(home, 'run.ndjson'), 'utf8');
    const lines = journal.trimEnd().split('\n');
    const results = Buffer.from(`${lines.slice(0, -1).join('\n')}\n`);
    const cuts = new Set([results.length - 1, results.length, journal.length - 1, journal.length - 100]);
    for (let size = results.length - 300; size < results.length; size += 11) cuts.add(size);
    for (const size of cuts) {
      const bytes = Buffer.from(journal).subarray(0, size);
      writeFileSync(join(home, 'run.ndjson'), bytes);
      const whole = completeIds(bytes.toString());
      const asked = whole.map((id) => endpoint.asked.of(id));
      const { code, stderr } = await resume(home);
      expect({ size, code, stderr }).toMatchObject({ size, code: 1 });
      expect(whole.map((id) => endpoint.asked.of(id))).toEqual(asked);
      expect(statusesIn(home)).toEqual(STATUSES);
    }
  }, 120_000);

  test('with zeros at its end, as after a power cut, is resumed', async () => {
    const home = await enrichedHome();
    writeFileSync(join(home, 'run.ndjson'), Buffer.alloc(4096), { flag: 'a' });
    const { code, stderr } = await resume(home);
    expect(code).toBe(1);
    expect(stderr).toContain('its last 4096 bytes are now in run.ndjson.torn');
    expect(readFileSync(join(home, 'run.ndjson.torn'))).toEqual(Buffer.alloc(4096));
    expect(statusesIn(home)).toEqual(STATUSES);
  });
});

describe('a run that is resumed', () => {
  test('calls nothing when all is done, and says so', async () => {
    const home = await enrichedHome(['c1', 'c2']);
    const asked = endpoint.asked.total;
    const { code, stderr } = await resume(home);
    expect(code).toBe(0);
    expect(endpoint.asked.total).toBe(asked);
    expect(stderr).toContain('resumed: 2 enriched before, 0 not yet enriched, 0 new');
    expect(summaryIn(home)).toMatchObject({ total: 2, enriched: 2, resumed: 2, attempts: 0 });
  });

  test('counts what was done, has changed, has failed, is new, and is no longer there', async () => {
    const home = await enrichedHome();
    writeCases(home, ['c1', 'c3', 'c4', 'c20', 'c6', 'c7'], { c4: '"title":"other"' });
    const { stderr } = await resume(home);
    expect(stderr).toContain(
      'resumed: 1 enriched before, 2 not yet enriched, 2 new, 1 changed, 2 no longer in the input',
    );
    expect(summaryIn(home)).toMatchObject({ total: 6, enriched: 4, failed: 2, resumed: 1 });
  });

  test('calls everything again under other settings, and says why', async () => {
    const home = await enrichedHome(['c1', 'c2']);
    const { stderr } = await resume(home, ['--pick', '/of']);
    expect(stderr).toContain('resumed: 0 enriched before, 0 not yet enriched, 0 new, 2 changed');
    expect(stderr).toContain('the settings are not those of the earlier run');
    expect(resultsIn(home).at(-1)?.enrichedCase?.['enrichment']).toMatch(/^c\d$/);
  });

  test('reads its cases from standard input as well', async () => {
    const home = await enrichedHome();
    const stdin = caseLines([...IDS, 'c9']);
    const outcome = await runMain(argvOf('-', ['--resume']), { cwd: home, stdin });
    expect(outcome.stderr).toContain('resumed: 4 enriched before, 2 not yet enriched, 1 new');
    expect(summaryIn(home)).toMatchObject({ total: 7, enriched: 5, failed: 2, resumed: 4 });
  });

  test('begins when there is no journal yet', async () => {
    const home = homeOf(['c1']);
    const { code, stderr } = await resume(home);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(statusesIn(home)).toEqual({ c1: 'enriched' });
  });

  test('with all cases that fail for good at the head of the journal comes to its end', async () => {
    const failing = Array.from({ length: 60 }, (_, at) => `c${3 + 17 * at}`);
    const home = await enrichedHome(failing, ['--max-failures', 'none']);
    writeCases(home, [...failing, 'c1', 'c2']);
    const { code, stderr } = await resume(home);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(summaryIn(home)).toMatchObject({ total: 62, enriched: 2, failed: 60 });
  });

  test('takes a case for done although another record has its id', async () => {
    const home = homeOf(['c1', 'c2', ...Array.from({ length: 300 }, (_, at) => `c${1000 + 17 * at}`), 'c1']);
    await resume(home);
    const { stderr } = await resume(home);
    expect(stderr).toContain('resumed: 302 enriched before, 0 not yet enriched, 0 new');
    expect(summaryIn(home)).toMatchObject({ total: 303, enriched: 302, invalid: 1, resumed: 302 });
  });

  test.each([
    { only: 'failed', called: ['c20', 'c3'] },
    { only: 'cancelled', called: ['c2'] },
    { only: 'invalid', called: ['c4'] },
    { only: 'missing', called: ['c9'] },
    { only: 'failed,missing', called: ['c20', 'c3', 'c9'] },
  ])('--only $only calls $called, and counts the others as the journal has them', async ({ only, called }) => {
    const home = await enrichedHome(IDS.filter((id) => id !== 'c4'));
    changeJournal(home, { c2: 'cancelled', c4: 'invalid' });
    writeCases(home, [...IDS, 'c9']);
    const before = new Map(endpoint.asked.counts);
    const { stderr } = await resume(home, ['--only', only, '--dead-letter', 'failed.ndjson']);
    const asked = [...IDS, 'c9'].filter((id) => endpoint.asked.of(id) > (before.get(id) ?? 0));
    expect(asked.toSorted()).toEqual(called);
    const enriched = 2 + called.filter((id) => !['c3', 'c20'].includes(id)).length;
    // A new case that is left out has no result, and so none is counted.
    const total = called.includes('c9') ? 7 : 6;
    expect(summaryIn(home)).toMatchObject({ total, enriched, failed: 2, resumed: 2 });
    expect(stderr).toContain(`${5 - called.length} left out (--only)`);
    expect(readFileSync(join(home, 'failed.ndjson'), 'utf8').trim().split('\n').toSorted()).toEqual([
      '{"id":"c20"}',
      '{"id":"c3"}',
    ]);
  });

  test('has a dead letter of its own, beside the one of the earlier run', async () => {
    const home = await enrichedHome(IDS, ['--dead-letter', 'failed.ndjson']);
    writeCases(home, [...IDS, 'c37']);
    const { stderr } = await resume(home, ['--dead-letter', 'failed.ndjson']);
    expect(stderr).toContain('the cases that an earlier run left in failed.ndjson are now in failed.ndjson.old');
    const letter = (name: string): string[] => readFileSync(join(home, name), 'utf8').trim().split('\n').toSorted();
    expect(letter('failed.ndjson.old')).toEqual(['{"id":"c20"}', '{"id":"c3"}']);
    expect(letter('failed.ndjson')).toEqual(['{"id":"c20"}', '{"id":"c37"}', '{"id":"c3"}'].toSorted());
  });
});

describe('a journal that cannot be resumed', () => {
  test.each([
    ['has lines of another program', '{"id":"c1"}\n', 'line 7'],
    ['was edited', 'oops\n', 'line 7'],
  ])('because it %s is an input error with line and byte, and is left alone', async (_, line, where) => {
    const home = await enrichedHome();
    const path = join(home, 'run.ndjson');
    const lines = readFileSync(path, 'utf8').split(/(?<=\n)/);
    const offset = Buffer.byteLength(lines.slice(0, 6).join(''));
    const text = [...lines.slice(0, 6), line, ...lines.slice(6)].join('');
    writeFileSync(path, text);
    const { code, stderr } = await resume(home);
    expect({ code, stderr }).toMatchObject({ code: 3 });
    expect(stderr).toContain(`run.ndjson: ${where} (byte ${offset}) is not a result`);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('because another run writes it is refused, and nothing is called', async () => {
    const home = await enrichedHome();
    const holder = { pid: process.pid, host: (await import('node:os')).hostname() };
    writeFileSync(join(home, 'run.ndjson.lock'), `${JSON.stringify(holder)}\n`);
    const asked = endpoint.asked.total;
    const { code, stderr } = await resume(home);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain(`run.ndjson is being written by another run (pid ${process.pid})`);
    expect(endpoint.asked.total).toBe(asked);
  });
});

test('a lock whose holder is gone, or that nobody finished writing, is taken over', async () => {
  for (const lock of [`{"pid":4194305,"host":"${(await import('node:os')).hostname()}"}\n`, '{"pi']) {
    const home = await enrichedHome(['c1']);
    writeFileSync(join(home, 'run.ndjson.lock'), lock);
    expect(await resume(home)).toMatchObject({ code: 0 });
    expect(existsSync(join(home, 'run.ndjson.lock'))).toBe(false);
  }
});

const STATUSES = { c1: 'enriched', c2: 'enriched', c3: 'failed', c4: 'enriched', c5: 'enriched', c20: 'failed' };

function homeOf(ids: readonly string[]): string {
  const home = temporaryFolder();
  writeCases(home, ids);
  return home;
}

/** A folder with cases and the journal of a run that has come to its end. */
async function enrichedHome(ids: readonly string[] = IDS, flags: readonly string[] = []): Promise<string> {
  const home = homeOf(ids);
  await runMain(argvOf('cases.ndjson', flags), { cwd: home });
  return home;
}

function writeCases(home: string, ids: readonly string[], more: Readonly<Record<string, string>> = {}): void {
  writeFileSync(join(home, 'cases.ndjson'), caseLines(ids, more));
}

function caseLines(ids: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  return ids.map((id) => `{"id":"${id}"${more[id] === undefined ? '' : `,${more[id]}`}}\n`).join('');
}

function argvOf(file: string, flags: readonly string[]): string[] {
  return ['enrich', file, '--endpoint', endpoint.url, '--limit', '2', '-o', 'run.ndjson', ...flags];
}

function resume(home: string, flags: readonly string[] = []): Promise<Outcome> {
  return runMain(argvOf('cases.ndjson', ['--resume', ...flags]), { cwd: home });
}

/** The newest result of these cases becomes another one. */
function changeJournal(home: string, statuses: Readonly<Record<string, string>>): void {
  const fd = openSync(join(home, 'run.ndjson'), 'a');
  for (const [caseId, status] of Object.entries(statuses)) {
    const error = { kind: status === 'invalid' ? 'case' : 'cancelled', message: 'changed', retryable: true };
    const rest = { index: 0, enrichedCase: null, error, attempts: 0, durationMs: 0, at: new Date(0).toISOString() };
    writeSync(fd, `${JSON.stringify({ caseId, status, ...rest })}\n`);
  }
  closeSync(fd);
}

function resultsIn(home: string): SavedResult[] {
  const lines = readFileSync(join(home, 'run.ndjson'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as SavedResult).filter((value) => 'caseId' in value);
}

function statusesIn(home: string): Record<string, string> {
  return Object.fromEntries(resultsIn(home).map(({ caseId, status }) => [caseId, status]));
}

/** The summary of the newest run. */
function summaryIn(home: string): Summary {
  const last = readFileSync(join(home, 'run.ndjson'), 'utf8').trimEnd().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { summary: Summary }).summary;
}

/** Enriched by a line that is whole, whether its line break is there or not. */
function completeIds(journal: string): string[] {
  return journal.split('\n').flatMap((line) => {
    const result = parsed(line);
    return result?.status === 'enriched' ? [result.caseId ?? ''] : [];
  });
}

function parsed(line: string): SavedResult | null {
  try {
    return JSON.parse(line) as SavedResult;
  } catch {
    return null;
  }
}
