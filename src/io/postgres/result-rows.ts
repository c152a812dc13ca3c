/** Results as rows of the table, in batches that one statement takes. */

import type { EnrichmentResult } from '../../core/case.js';
import { resultLine } from '../../core/results/result-text.js';
import { RESULT_COLUMNS } from './results-sql.js';

const MOST_ROWS = 500;
const MOST_BYTES = 4 * 1024 * 1024;

/** A row, and what names it in messages. */
export interface ResultRow {
  /** Its place among the results that are written, from 0. */
  readonly at: number;
  readonly caseId: string | null;
  readonly run: string;
  readonly index: number;
  readonly status: string;
  readonly key: string | null;
  readonly time: string;
  readonly attempts: number;
  readonly durationMs: number;
  /** The result as it stands in a journal. */
  readonly line: string;
}

/** A result as a row of this run. */
export function rowOf(result: EnrichmentResult, at: number, run: string): ResultRow {
  const { caseId, index, status, key, at: time, attempts, durationMs } = result;
  return { at, caseId, run, index, status, key: key ?? null, time, attempts, durationMs, line: resultLine(result) };
}

/** Divides rows, in order, into batches of at most 500 or 4 MiB; one row may be larger. */
export function* batchesOf(rows: Iterable<ResultRow>): Generator<readonly ResultRow[]> {
  let batch: ResultRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(row.line);
    if (batch.length > 0 && (batch.length >= MOST_ROWS || bytes + size > MOST_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

const COLUMNS = Object.entries(RESULT_COLUMNS);

/**
 * Stores rows in one statement that commits by itself. A row that is there already, because the answer to an earlier try
 * was lost, is passed over. @param table an SQL identifier.
 */
export function insertInto(table: string): string {
  const arrays = COLUMNS.map(([, type], at) => `$${at + 1}::${type}[]`).join(', ');
  return (
    `insert into ${table} (${COLUMNS.map(([name]) => `"${name}"`).join(', ')}) select * from unnest(${arrays}) ` +
    'on conflict (run, index) do nothing'
  );
}

/** The values of that statement. */
export function valuesOf(rows: readonly ResultRow[]): readonly unknown[] {
  return [
    rows.map(({ run }) => run),
    rows.map(({ index }) => index),
    rows.map(({ caseId }) => (caseId === null || idProblem(caseId) !== undefined ? null : caseId)),
    rows.map(({ status }) => status),
    rows.map(({ key }) => key),
    rows.map(({ time }) => time),
    rows.map(({ attempts }) => attempts),
    rows.map(({ durationMs }) => durationMs),
    rows.map(({ line }) => line),
  ];
}

const LONE_SURROGATE = /\p{Cs}/u;

/** Why an id can't be stored as text; undefined for nearly every id. */
export function idProblem(id: string): string | undefined {
  if (id.includes('\0')) return 'the id has a NUL character, which PostgreSQL cannot store';
  return LONE_SURROGATE.test(id) ? 'the id has half of a surrogate pair, which PostgreSQL cannot store' : undefined;
}
