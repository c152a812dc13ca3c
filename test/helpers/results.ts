/** What a run has put out, read back and held against the published JSON Schemas: no test reads output that breaks them. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import type { RunInfo, SavedResult, Summary } from '../../src/core/results/run-info.js';
import { REPORT_SCHEMA, RESULT_SCHEMA } from '../../src/core/results/json-schemas.js';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: 'log', logger: false });
addFormats.default(ajv);
const isReport = ajv.compile(REPORT_SCHEMA);
const isResult = ajv.compile(RESULT_SCHEMA);

export interface Report {
  readonly schemaVersion: 1;
  readonly run: RunInfo;
  readonly summary: Summary;
  readonly results: readonly SavedResult[];
}

/** The one JSON document of stdout or a file. */
export function reportOf(text: string): Report {
  const report = JSON.parse(text) as Report;
  expect(isReport(report) ? [] : isReport.errors).toEqual([]);
  checkCounts(report.summary, report.results);
  return report;
}

export interface ResultLines {
  readonly results: readonly SavedResult[];
  /** The closing line of a finished journal. */
  readonly closing: { readonly run: RunInfo; readonly summary: Summary } | undefined;
}

/** The results of NDJSON output, in the order of its lines; every line has to be whole. */
export function resultLinesOf(text: string): ResultLines {
  expect(text === '' || text.endsWith('\n')).toBe(true);
  const lines = text.split('\n').slice(0, -1);
  const values = lines.map((line) => JSON.parse(line) as SavedResult | NonNullable<ResultLines['closing']>);
  const isPlace = (value: object): boolean => 'status' in value && (value.status as string) === 'pending';
  const results = values.filter((value): value is SavedResult => 'caseId' in value && !isPlace(value));
  for (const result of results) expect(isResult(result) ? [] : [result, isResult.errors]).toEqual([]);
  const closing = values.find((value) => 'summary' in value);
  return { results, closing };
}

/** `id status` of each, `id kind` of what is not enriched. */
export function shortly(results: readonly SavedResult[]): string[] {
  return results.map(({ caseId, status, error }) => `${caseId} ${error === null ? status : `${status} ${error.kind}`}`);
}

/** How many results have each status. */
export function statuses(results: readonly SavedResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function checkCounts(summary: Summary, results: readonly SavedResult[]): void {
  const { total, enriched, failed, invalid, cancelled } = summary;
  expect(enriched + failed + invalid + cancelled).toBe(total);
  expect(new Set(results.map(({ index }) => index)).size).toBe(results.length);
}
