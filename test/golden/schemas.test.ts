/** The printed schemas against what the program itself reads and writes, by an independent validator. */

import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { runMain } from '../helpers/run-main.js';
import { CASES, runGolden } from '../helpers/golden.js';

const shipped = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

async function printedSchema(name: string): Promise<ValidateFunction> {
  const { stdout } = await runMain(['schema', name]);
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(stdout) as object);
}

describe('schema case', () => {
  let isCase: ValidateFunction;
  beforeAll(async () => void (isCase = await printedSchema('case')));

  test('accepts every case that is shipped, and what list makes of them', async () => {
    const { stdout } = await runGolden(['list', 'cases.json'], { files: { 'cases.json': shipped('data/cases.json') } });
    const listed = JSON.parse(stdout) as readonly unknown[];
    expect(listed).toHaveLength(40);
    expect(listed).toEqual(JSON.parse(shipped('data/cases.json')));
    for (const one of listed) expect([isCase(one), isCase.errors]).toEqual([true, null]);
  });

  const RECORDS: readonly unknown[] = [
    { id: 'a' },
    { id: 7 },
    { id: 0 },
    { id: -3 },
    { id: ' a ' },
    { id: '' },
    { id: '  ' },
    { id: 7.5 },
    { id: null },
    { id: true },
    { id: ['a'] },
    {},
    { ID: 'a' },
    [],
    'a',
    null,
    7,
    { id: 'a', title: 'x', status: 'open', priority: 'high', assignee: 'me', tags: ['x'], extra: { y: [1] } },
    { id: 'a', title: 7 },
    { id: 'a', title: null },
    { id: 'a', status: null },
    { id: 'a', priority: 1 },
    { id: 'a', assignee: {} },
    { id: 'a', tags: 'x' },
    { id: 'a', tags: [] },
    { id: 'a', tags: [1] },
    { id: 'a', tags: null },
    { id: 'a', openedAt: '2026-02-28', dueAt: '2026-02-28T10:00:00Z' },
    { id: 'a', dueAt: '2026-02-28T10:00:00.123+02:00' },
    { id: 'a', dueAt: 'tomorrow' },
    { id: 'a', dueAt: '2026-13-01' },
    { id: 'a', dueAt: 7 },
    { id: 'a', dueAt: null },
  ];

  test('agrees with the program on what is a case', async () => {
    const records = RECORDS.map(withOwnId);
    const files = { 'in.ndjson': records.map((record) => `${JSON.stringify(record)}\n`).join('') };
    const { stdout } = await runGolden(['list', 'in.ndjson', '--format', 'ndjson'], { files });
    const listed = stdout.trimEnd().split('\n');
    expect(listed).toEqual(records.filter((record) => isCase(record)).map((record) => JSON.stringify(record)));
    expect(listed.length).toBeGreaterThan(10);
  });
});

describe('schema config', () => {
  test.each([
    [
      "the package's own",
      JSON.stringify((JSON.parse(shipped('package.json')) as Record<string, unknown>)['case-tracker']),
    ],
    ['the one that uses everything', shipped('fixtures/config/full.json')],
  ])('accepts %s', async (_, text) => {
    const isConfig = await printedSchema('config');
    expect([isConfig(JSON.parse(text)), isConfig.errors]).toEqual([true, null]);
  });

  test('refuses a misspelled key, as the program does', async () => {
    const isConfig = await printedSchema('config');
    expect(isConfig({ timout: '3s' })).toBe(false);
  });
});

test('schema report and schema result accept a run with every kind of result', async () => {
  const [isReport, isResult] = [await printedSchema('report'), await printedSchema('result')];
  const files = { 'cases.json': `[{"id":"CASE-001"},{"id":"no such"},{},{"id":"CASE-001"},${CASES.slice(1)}` };
  const { stdout } = await runGolden(['enrich', 'cases.json', '--endpoint', 'demo'], { files });
  const report = JSON.parse(stdout) as { results: unknown[] };
  expect([isReport(report), isReport.errors]).toEqual([true, null]);
  expect(report.results).toHaveLength(7);
  for (const result of report.results) expect([isResult(result), isResult.errors]).toEqual([true, null]);
});

/** The record with an id that no other one has. */
function withOwnId(record: unknown, index: number): unknown {
  const hasId = typeof record === 'object' && record !== null && 'id' in record && record.id === 'a';
  return hasId ? { ...record, id: `a${index}` } : record;
}
