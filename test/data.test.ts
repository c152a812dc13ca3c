import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { demoDataPath, loadDemoData } from '../src/io/demo/endpoint.js';
import { loadCases } from '../src/io/sources/load.js';
import { displayWidth, printable } from '../src/text/printable.js';

interface SampleCase extends Record<string, unknown> {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly openedAt: string;
  readonly dueAt?: string;
}

interface Enrichment {
  readonly customer: {
    readonly name: string;
    readonly country: string;
    readonly segment: string;
    readonly since: string;
  };
  readonly riskScore: number;
  readonly relatedCases: readonly string[];
  readonly history: readonly { readonly at: string; readonly event: string }[];
}

const KNOWN = new Set(['id', 'title', 'status', 'priority', 'assignee', 'tags', 'openedAt', 'dueAt']);
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?$/;

const text = await readFile(new URL('../data/cases.json', import.meta.url), 'utf8');
const cases = JSON.parse(text) as readonly SampleCase[];
const enrichments = (await loadDemoData(demoDataPath())) as Readonly<Record<string, Enrichment>>;
const ids = cases.map(({ id }) => id);

/** The value of a known field as a spreadsheet has it: no tags are an empty cell. */
function valueIn(one: SampleCase, column: string): unknown {
  const value = one[column] ?? null;
  return Array.isArray(value) && value.length === 0 ? null : value;
}

describe('the sample as a spreadsheet', () => {
  const columns = ['id', 'title', 'status', 'priority', 'assignee', 'tags', 'openedAt', 'dueAt'];

  test('has the same cases in the columns that most of them have', async () => {
    const sheet = await loadCases(fileURLToPath(new URL('../data/cases.csv', import.meta.url)));
    expect(sheet.map(({ value }) => columns.map((column) => value[column] ?? null))).toEqual(
      cases.map((one) => columns.map((column) => valueIn(one, column))),
    );
    const extra = ['channel', 'amountEur', 'language'];
    expect(Object.keys(sheet[0]?.value ?? {})).toEqual([...columns, ...extra]);
    const texts = ({ channel, language, amountEur }: Readonly<Record<string, unknown>>): unknown[] => [
      channel ?? null,
      language ?? null,
      Number(amountEur ?? 0),
    ];
    expect(sheet.map(({ value }) => texts(value))).toEqual(cases.map(texts));
  });
});

describe('the sample cases', () => {
  test('have ids that count from CASE-001', () => {
    expect(ids).toEqual(Array.from({ length: 40 }, (_, n) => `CASE-${String(n + 1).padStart(3, '0')}`));
  });

  test.each(cases)('$id has known fields of the right type', (one) => {
    expect(one).toMatchObject({
      title: expect.stringMatching(/\S/),
      status: expect.stringMatching(/^(open|pending|closed)$/),
      openedAt: expect.stringMatching(ISO),
    });
    if ('priority' in one) expect(one['priority']).toMatch(/^(low|normal|high)$/);
    if ('assignee' in one) expect(one['assignee']).toMatch(/^[a-z]+$/);
    if ('dueAt' in one) expect(one.dueAt).toMatch(ISO);
    expect(one['tags']).toSatisfy(
      (tags: unknown) => Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'),
    );
    for (const date of [one.openedAt, one.dueAt ?? one.openedAt]) expect(Date.parse(date)).not.toBeNaN();
    expect(printable(one.title)).toBe(one.title);
  });

  test('show what case files can hold', () => {
    const due = cases.filter(({ status }) => status !== 'closed').map(({ dueAt }) => dueAt);
    const before = due.filter((date) => date !== undefined && date < '2026-11-22');
    const after = due.filter((date) => date !== undefined && date > '2026-12-01');
    expect([before.length >= 3, after.length >= 3, due.includes(undefined)]).toEqual([true, true, true]);
    expect(new Set(cases.map(({ status }) => status)).size).toBe(3);
    expect(cases.some(({ title }) => displayWidth(title) > title.length)).toBe(true);
    const extras = cases.flatMap((one) => Object.entries(one).filter(([name]) => !KNOWN.has(name)));
    const types = new Set(
      extras.map(([, value]) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)),
    );
    expect([...types].toSorted()).toEqual(['array', 'boolean', 'null', 'number', 'object', 'string']);
    expect(text).toContain('9007199254740993');
    expect(text).toContain('12500.00');
  });
});

describe('the sample enrichments', () => {
  test('are there for every case and for nothing else', () => {
    expect(Object.keys(enrichments)).toEqual(ids);
  });

  test.each(cases)('that of $id fits its case', ({ id, status, openedAt }) => {
    const { customer, riskScore, relatedCases, history } = enrichments[id] as Enrichment;
    expect(customer).toEqual({
      name: expect.stringMatching(/\S/),
      country: expect.stringMatching(/^[A-Z]{2}$/),
      segment: expect.stringMatching(/^(retail|business|institutional|public)$/),
      since: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect(Number.isInteger(riskScore) && riskScore >= 0 && riskScore <= 100).toBe(true);
    for (const related of relatedCases) expect(enrichments[related]?.relatedCases).toContain(id);
    const times = history.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(history[0]).toEqual({ at: openedAt, event: 'opened' });
    expect(history.at(-1)?.event === 'closed').toBe(status === 'closed');
    expect(customer.since < openedAt).toBe(true);
  });
});
