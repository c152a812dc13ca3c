import { describe, expect, test } from 'vitest';

import { EnrichedCase, type EnrichmentResult, type Failure } from '../../../src/core/case.js';
import type { SavedResult } from '../../../src/core/results/run-info.js';
import { ResultTableCollector, resultTable } from '../../../src/report/terminal/result-table.js';
import { plain } from '../../../src/text/table.js';
import { countSegmented } from '../../helpers/segmented.js';

const at = '2026-11-22T09:30:00.000Z';

function id(index: number): string {
  return `CASE-${String(index + 1).padStart(3, '0')}`;
}

function enriched(
  index: number,
  enrichment = '{"riskScore":7,"customer":{"name":"沖村電環株式会社"}}',
  field = 'enrichment',
): EnrichmentResult {
  const enrichedCase = new EnrichedCase(`{"id":"${id(index)}","${field}":${enrichment}}`);
  return { caseId: id(index), status: 'enriched', index, enrichedCase, error: null, attempts: 1, durationMs: 84.2, at };
}

function failed(index: number, error: Partial<Failure>, more: Partial<EnrichmentResult> = {}): EnrichmentResult {
  const failure: Failure = {
    kind: 'http',
    message: '503 Service Unavailable after 3 attempts',
    retryable: true,
    ...error,
  };
  const base = { caseId: id(index), status: 'failed', index, enrichedCase: null, attempts: 3, durationMs: 911, at };
  return { ...base, error: failure, ...more } as EnrichmentResult;
}

const mixed: readonly EnrichmentResult[] = [
  enriched(3),
  failed(2, { kind: 'timeout', phase: 'body', message: 'no whole answer within 5s' }, { durationMs: 15_210 }),
  enriched(0, 'null'),
  failed(1, { httpStatus: 503 }),
  failed(4, { kind: 'cancelled', message: 'the run ended first' }, { status: 'cancelled', attempts: 0, durationMs: 0 }),
  failed(
    5,
    { kind: 'case', message: 'no id' },
    {
      caseId: null,
      status: 'invalid',
      attempts: 0,
      durationMs: 0,
      source: { file: 'cases.ndjson', line: 77 },
    },
  ),
];

function collect(results: readonly EnrichmentResult[], width = 80): string {
  const collector = new ResultTableCollector();
  for (const result of results) collector.add(result);
  return collector.render(width);
}

describe('on a terminal', () => {
  test('120 columns: failures first, each group in the order of the input', () => {
    expect(collect(mixed, 120)).toMatchInlineSnapshot(`
      "ID               STATUS     KIND          ATTEMPTS   TIME  DETAIL
      CASE-002         failed     http 503             3  911ms  503 Service Unavailable after 3 attempts
      CASE-003         failed     timeout body         3  15.2s  no whole answer within 5s
      CASE-005         cancelled  cancelled            0      –  the run ended first
      cases.ndjson:77  invalid    case                 0      –  no id
      CASE-001         enriched   –                    1   84ms  null
      CASE-004         enriched   –                    1   84ms  {"riskScore":7,"customer":{"name":"沖村電環株式会社"}}
      "
    `);
  });

  test('80 columns', () => {
    expect(collect(mixed)).toMatchInlineSnapshot(`
      "ID               STATUS     KIND          ATTEMPTS   TIME  DETAIL
      CASE-002         failed     http 503             3  911ms  503 Service Unavaila…
      CASE-003         failed     timeout body         3  15.2s  no whole answer with…
      CASE-005         cancelled  cancelled            0      –  the run ended first
      cases.ndjson:77  invalid    case                 0      –  no id
      CASE-001         enriched   –                    1   84ms  null
      CASE-004         enriched   –                    1   84ms  {"riskScore":7,"cust…
      "
    `);
  });

  test('40 columns: id, status and detail are left', () => {
    expect(collect(mixed, 40)).toMatchInlineSnapshot(`
      "ID            STATUS    DETAIL
      CASE-002      failed    503 Service Una…
      CASE-003      failed    no whole answer…
      CASE-005      cancell…  the run ended f…
      cases.ndjso…  invalid   no id
      CASE-001      enriched  null
      CASE-004      enriched  {"riskScore":7,…
      "
    `);
  });

  test('at most 50 rows are kept, and it says how to keep the rest', () => {
    const results = Array.from({ length: 2_963 }, (_, n) =>
      n % 100 === 99 ? failed(n, {}) : enriched(n),
    ).toReversed();
    const lines = collect(results).split('\n');
    expect(lines).toHaveLength(1 + 50 + 1 + 1);
    expect(lines.slice(1, 4).map((line) => line.slice(0, 8))).toEqual(['CASE-100', 'CASE-200', 'CASE-300']);
    expect(lines.slice(29, 33).map((line) => line.slice(0, 9).trim())).toEqual([
      'CASE-2900',
      'CASE-001',
      'CASE-002',
      'CASE-003',
    ]);
    expect(lines.at(-2)).toBe('… and 2,913 more (keep all of them with -o results.ndjson)');
  });

  test('with more than 50 failures these are the first of them', () => {
    const results = Array.from({ length: 120 }, (_, n) => (n % 2 === 1 ? failed(n, {}) : enriched(n)));
    const ids = collect(results)
      .split('\n')
      .slice(1, 51)
      .map((line) => line.slice(0, 8));
    expect(ids).toEqual(Array.from({ length: 50 }, (_, n) => id(2 * n + 1)));
  });

  test('no result is no table', () => {
    expect(collect([])).toBe('');
  });

  test('a huge answer and an id with escape sequences stay on their line', () => {
    const huge = enriched(0, `{"x":"${'y'.repeat(1_000_000)}"}`);
    const evil = failed(1, { message: 'a\nb\u001b[2J' }, { caseId: '\u001b]0;x\u0007' });
    expect(collect([huge, evil])).toMatchInlineSnapshot(`
      "ID            STATUS    KIND  ATTEMPTS   TIME  DETAIL
      \\x1b]0;x\\x07  failed    http         3  911ms  a\\nb\\x1b[2J
      CASE-001      enriched  –            1   84ms  {"x":"yyyyyyyyyyyyyyyyyyyyyyyyyy…
      "
    `);
  });

  test('the status has its colour', () => {
    const collector = new ResultTableCollector({ into: 'extra' });
    collector.add(enriched(0, '1', 'extra'));
    const text = collector.render(80, { ...plain, green: (word) => `<green>${word}</green>` });
    expect(text.split('\n')[1]).toBe('CASE-001  <green>enriched</green>  –            1  84ms  1');
  });
});

describe('into a file', () => {
  test('every row comes as it was given, nothing is cut', () => {
    const table = resultTable();
    const text = table.begin() + mixed.map((result) => table.result(result)).join('') + table.end();
    expect(text).toMatchInlineSnapshot(`
      "ID               STATUS     KIND          ATTEMPTS   TIME  DETAIL
      CASE-004         enriched   –                    1   84ms  {"riskScore":7,"customer":{"name":"沖村電環株式会社"}}
      CASE-003         failed     timeout body         3  15.2s  no whole answer within 5s
      CASE-001         enriched   –                    1   84ms  null
      CASE-002         failed     http 503             3  911ms  503 Service Unavailable after 3 attempts
      CASE-005         cancelled  cancelled            0      –  the run ended first
      cases.ndjson:77  invalid    case                 0      –  no id
      "
    `);
  });

  test('after the first 200 rows each is written at once, and nothing is written twice', () => {
    const table = resultTable({ width: 60 });
    const texts = Array.from({ length: 300 }, (_, n) => table.result(enriched(n)));
    expect(texts.slice(0, 199).join('')).toBe('');
    expect(texts[199]?.split('\n')).toHaveLength(1 + 200 + 1);
    expect(texts.slice(200).every((text) => text.split('\n').length === 2)).toBe(true);
    expect(table.end()).toBe('');
  });

  test('without a result there is the header', () => {
    const table = resultTable();
    expect(table.begin() + table.end()).toBe('ID  STATUS  KIND  ATTEMPTS  TIME  DETAIL\n');
  });

  test('saved results are shown like those of this run', () => {
    const saved = mixed.map((result) => JSON.parse(JSON.stringify(result)) as SavedResult);
    const both = [mixed, saved].map((results) => {
      const table = resultTable();
      return results.map((result) => table.result(result)).join('') + table.end();
    });
    expect(both[1]).toBe(both[0]);
  });
});

test('holds no more of an enrichment or a message than a row shows', () => {
  const huge = '账'.repeat(1_000_000);
  const counted = countSegmented();
  const shown = collect([enriched(0, JSON.stringify(huge)), failed(1, { message: huge })], Infinity);
  expect(shown.length).toBeLessThan(2000);
  expect(counted.all).toBeLessThan(10_000);
});
