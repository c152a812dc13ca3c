/** Whether JSON that was read back is what results and closing lines look like: files can be edited, or someone else's. */

import { RESULT_STATUSES } from './case.js';
import { isObject, type JsonObject } from './record.js';
import type { RunInfo, SavedResult, Summary } from './report.js';

/** What a closing line, or the head of a report, holds. */
export interface SavedEnd {
  readonly run: RunInfo;
  readonly summary: Summary;
}

/** What is wrong with an object that should be a result; undefined when nothing is. */
export function resultProblem(value: JsonObject): string | undefined {
  const { caseId, status, index, enrichedCase, error, attempts, durationMs, at, key } = value as Partial<SavedResult>;
  if (typeof caseId !== 'string' && !(caseId === null && status === 'invalid')) return 'no caseId';
  if (status === undefined || !RESULT_STATUSES.includes(status)) return 'no status that is known';
  if (typeof index !== 'number' || typeof attempts !== 'number' || typeof durationMs !== 'number') return 'no counts';
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return 'no time';
  if (key !== undefined && typeof key !== 'string') return 'a key that is not a string';
  if (status === 'enriched' && !isObject(enrichedCase)) return 'no enrichedCase';
  if (status !== 'enriched' && !isFailure(error)) return 'no error';
  return detailsProblem(value);
}

/** True for an object with the `run` and `summary` of a report. */
export function isSavedEnd(value: JsonObject): value is SavedEnd & JsonObject {
  const { run, summary } = value as { run?: unknown; summary?: unknown };
  return isObject(run) && isObject(summary) && !('caseId' in value) && isRun(run) && isSummary(summary);
}

function isFailure(error: unknown): boolean {
  return isObject(error) && typeof error['kind'] === 'string' && typeof error['message'] === 'string';
}

function detailsProblem({ source, tries }: JsonObject): string | undefined {
  if (source !== undefined && !(isObject(source) && typeof source['file'] === 'string')) return 'a source without file';
  if (tries === undefined) return undefined;
  return Array.isArray(tries) && tries.every(isTry) ? undefined : 'tries without times';
}

function isTry(value: unknown): boolean {
  return isObject(value) && areNumbers(value, ['startMs', 'durationMs', 'waitMs']);
}

function isRun(run: JsonObject): boolean {
  const { limits, shard, startedAt, finishedAt } = run;
  return (
    areStrings(run, ['id', 'version', 'endpoint', 'method', 'settings']) &&
    [startedAt, finishedAt].every((date) => typeof date === 'string' && !Number.isNaN(Date.parse(date))) &&
    areNumbers(run, ['durationMs']) &&
    isObject(limits) &&
    areNumbers(limits, ['limit', 'timeoutMs', 'deadlineMs', 'retries']) &&
    (shard === null || (isObject(shard) && areNumbers(shard, ['index', 'count'])))
  );
}

function isSummary(summary: JsonObject): boolean {
  const { failuresByKind, latencyMs, limit, waitedMs, pauses } = summary;
  return (
    areNumbers(summary, [
      'total',
      'enriched',
      'failed',
      'invalid',
      'cancelled',
      'resumed',
      'attempts',
      'maxInFlight',
    ]) &&
    isObject(failuresByKind) &&
    isObject(waitedMs) &&
    (latencyMs === null || isObject(latencyMs)) &&
    isObject(limit) &&
    isObject(pauses)
  );
}

function areStrings(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}

function areNumbers(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'number');
}
