import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pageScript } from '../../../src/commands/shared/page-script.js';
import { FailureRows } from '../../../src/report/html/failure-rows.js';
import { STYLES } from '../../../src/report/html/styles.js';
import {
  cancelled,
  enriched,
  failed,
  HOSTILE,
  hostileResults,
  htmlPage,
  invalid,
  viewOf,
} from '../../helpers/saved.js';
import { runInfo, summary } from '../../helpers/samples.js';
import { simulatedRun } from '../../helpers/simulated-run.js';

const MAX_BYTES = 5_000_000;
const SCRIPT = pageScript('report').text;

/** The page without its constant parts. */
function body(page: string): string {
  return page.replace(STYLES, '').replace(SCRIPT, '');
}

/** Every tag of the page with its attributes, as a browser that knows only quotes and angle brackets would see it. */
function tags(page: string): string[] {
  return [...body(page).matchAll(/<\/?[a-z!][^<>"]*(?:"[^"]*"[^<>"]*)*>/gi)].map(([tag]) => tag);
}

describe('HTML report', () => {
  test('the policy names the hash of the one script that the page has', () => {
    const page = htmlPage(viewOf([]), []);
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text);
    expect(scripts).toEqual([SCRIPT]);
    const hash = createHash('sha256').update(SCRIPT).digest('base64');
    expect(page).toContain(`script-src 'sha256-${hash}';`);
  });

  test('the script is small and has nothing in it that the browser does not need', () => {
    expect(SCRIPT.length).toBeLessThan(30_000);
    expect(SCRIPT).not.toMatch(/Segmenter|shellQuote|UNITS_A_COLUMN|formatBytes|require\(|import\(|<!--/);
  });

  test('refers to nothing outside itself', () => {
    const { results, view } = simulatedRun(300);
    const page = htmlPage(view, results);
    expect(page).not.toMatch(/\s(?:src|srcset|action|poster|data)=|@import|url\((?!#)/);
    expect(tags(page).filter((tag) => /href=(?!"#)/.test(tag))).toEqual([]);
    expect(SCRIPT).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttpRequest/);
  });

  test('has every section that the results give reason for', () => {
    const { results, view } = simulatedRun(2963);
    const page = htmlPage(view, results);
    const ids = ['kinds', 'failures', 'timeline', 'latency', 'slowest', 'retries', 'invalid', 'settings'];
    for (const id of ids) expect(page).toContain(`<section class="card" id="${id}"`);
    expect(page).toContain('<title>✗ 20 of 2,963 cases were not enriched · case-tracker</title>');
    expect(page).toContain('→ run again later with --resume; only these are called');
    expect(page).toContain('p50 59ms');
  });

  test('a good run has no failure sections', () => {
    const results = [enriched(0), enriched(1)];
    const page = htmlPage(viewOf(results), results);
    expect(page).toContain('2 cases enriched');
    expect(page).not.toContain('id="failures"');
    expect(page).not.toContain('id="invalid"');
  });

  test.each([
    ['nothing at all', []],
    ['only invalid records', [invalid(0, 'no id')]],
    ['only cancelled cases', [cancelled(0)]],
    ['one failure without a cause', [failed(0, {}, { error: null })]],
    ['a run of no length', [enriched(0, { durationMs: 0, at: '2026-11-22T09:30:00.000Z' })]],
  ])('can show %s', (_, results) => {
    const run = runInfo({ finishedAt: '2026-11-22T09:30:00.000Z', durationMs: 0 });
    const page = htmlPage(viewOf(results, { run }), results);
    expect(body(page)).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('tells which shards were merged and which are missing', () => {
    const runs = [1, 2, 4].map((index) => runInfo({ shard: { index, count: 4 } }));
    const page = htmlPage(viewOf([], { runs, missingShards: ['3/4'] }), []);
    expect(page).toContain('3 runs: shards 1/4, 2/4, 4/4');
    expect(page).toContain('<strong>✗ 3/4</strong>');
  });

  test('says of the slowest answer what it leaves out, and of the slowest cases what they have in them', () => {
    const { results, view } = simulatedRun(300);
    const page = htmlPage(view, results);
    expect(page).toMatch(
      /<dt>Slowest answer<\/dt>\s*<dd>[^<]+<\/dd>\s*<dd class="more">of the enriched, waits left out</,
    );
    expect(page).toContain('failed cases are among them');
  });

  test('hostile text adds no tag and ends no script', () => {
    const harmless = hostilePage(HOSTILE.map((_, index) => `harmless ${index}`));
    const hostile = hostilePage(HOSTILE);
    const names = (page: string): string[] => tags(page).map((tag) => /^<\/?[a-z!]+/i.exec(tag)?.[0] ?? '');
    expect(names(hostile)).toEqual(names(harmless));
    expect(hostile).not.toMatch(/<[^>]*\son(?:error|load|focus)=[^>]*>/);
    expect(body(hostile).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
  });

  test('the summary is there for programs', () => {
    const results = [enriched(0), failed(1, { message: '</script>' })];
    const page = htmlPage(viewOf(results), results);
    const json = /id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    expect(JSON.parse(json)).toMatchObject({ schemaVersion: 1, summary: { total: 2, failed: 1 }, exitCode: 1 });
  });

  test.each([
    ['the same failure again and again', (index: number) => failed(index, { requestId: `${index}`.padStart(36, 'a') })],
    [
      'failures that all differ',
      (index: number) =>
        failed(index, {
          message: `${index} `.repeat(60),
          body: `<b>${index}</b>`.repeat(60),
          requestId: `${index}`.padStart(36, 'a'),
        }),
    ],
  ])('50,000 failures fit into 5 MB: %s', (_, failure) => {
    const page = manyFailures(50_000, failure);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(MAX_BYTES);
    expect(rowsOf(page).rows).toHaveLength(50_000);
  });

  test('with less room rows get shorter first, then fewer, and the rest is counted', () => {
    const rows = (maxBytes: number): FailureRows => {
      const all = new FailureRows(maxBytes);
      for (let index = 0; index < 300; index++) all.add(failed(index, { message: `${index} `.repeat(60) }), 0);
      return all;
    };
    const [roomy, tight, tiny] = [rows(100_000), rows(30_000), rows(8_000)];
    expect([roomy.size, roomy.shortened, roomy.left]).toEqual([300, false, 0]);
    expect([tight.size, tight.shortened, tight.left]).toEqual([300, true, 0]);
    expect(tiny.size + tiny.left).toBe(300);
    expect(tiny.left).toBeGreaterThan(0);
    expect(tiny.json([], 5000).length).toBeLessThanOrEqual(5000);
  });

  test('an id that was cut is not offered as one', () => {
    const page = htmlPage(viewOf([]), [failed(0), failed(1, {}, { caseId: 'x'.repeat(1_000_000) })]);
    expect(rowsOf(page).cutIds).toEqual([1]);
  });

  test('is at most 5 MB when everything is as long as can be', () => {
    const texts = Array.from({ length: 600 }, (_, index) => `${index}${'\u202e"'.repeat(2000)}`);
    expect(Buffer.byteLength(hostilePage(texts))).toBeLessThanOrEqual(MAX_BYTES);
  });
});

function hostilePage(texts: readonly string[]): string {
  const results = [...hostileResults(texts), ...texts.map((text, index) => enriched(index, { caseId: text }))];
  const view = viewOf(results, {
    run: runInfo({ endpoint: texts[0] ?? '', id: texts[1] ?? '', version: texts[2] ?? '' }),
    commandLine: texts.slice(0, 20).join(' '),
    settings: texts.map((text) => ({ name: text, value: text, from: text })),
    thresholds: texts.map((text) => ({ flag: text, measured: text, ok: false })),
    missingShards: texts,
    next: texts.map((text) => ({ command: text, what: text })),
    hint: ({ message }) => message,
  });
  return htmlPage(view, results);
}

function manyFailures(amount: number, failure: (index: number) => ReturnType<typeof failed>): string {
  const view = { ...viewOf([]), summary: summary({ total: amount, failed: amount }), exitCode: 1 };
  return htmlPage(
    view,
    Array.from({ length: amount }, (_, index) => failure(index)),
  );
}

function rowsOf(page: string): { rows: unknown[]; left: number; cutIds: number[] } {
  const json = /id="failure-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  return JSON.parse(json) as { rows: unknown[]; left: number; cutIds: number[] };
}
