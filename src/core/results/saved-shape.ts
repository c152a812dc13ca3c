/**
 * Whether JSON that was read back is a result or the end of a run: files can be edited, or someone else's. These guards say
 * the same as the schemas in shapes.ts (a test compares them), without loading zod and fast enough for millions of lines.
 */

import { type PendingPlace, RESULT_STATUSES } from '../case.js';
import { MOST_MS, MOST_ATTEMPTS, MOST_TRIES, MOST_COURSE, MOST_SHARDS, WORD, isInstant } from './bounds.js';
import { isObject, type JsonObject } from '../../json/text.js';
import type { RunInfo, SavedResult, Summary } from './shapes.js';

/** What a closing line, or the head of a report, holds. */
export interface SavedEnd {
  readonly run: RunInfo;
  readonly summary: Summary;
}

/** True for what can only be meant as the end of a run. */
export function isMeantAsEnd(value: JsonObject): boolean {
  return !('caseId' in value) && ('run' in value || 'summary' in value);
}

/** True for an object with the `run` and `summary` of a report. */
export function isSavedEnd(value: JsonObject): value is SavedEnd & JsonObject {
  return isMeantAsEnd(value) && isRun(value['run']) && isSummary(value['summary']);
}

/** True for what can only be meant as the place of a case whose answer comes later. */
export function isMeantAsPlace(value: JsonObject): boolean {
  return value['status'] === 'pending';
}

/** True for an object that says where to ask for the answer of a case. */
export function isSavedPlace(value: JsonObject): value is PendingPlace & JsonObject {
  const { caseId, index, at, key, poll } = value;
  return (
    isMeantAsPlace(value) &&
    isText(caseId) &&
    isCount(index) &&
    isInstant(at) &&
    isAbsentOr(isText, key) &&
    isText(poll)
  );
}

/** True for an object that is a result. */
export function isSavedResult(value: JsonObject): value is SavedResult & JsonObject {
  const { caseId, status, index, enrichedCase, error, attempts, durationMs, at } = value;
  if (!isText(caseId) && !(caseId === null && status === 'invalid')) return false;
  if (!(RESULT_STATUSES as readonly unknown[]).includes(status)) return false;
  if (!(enrichedCase === null ? status !== 'enriched' : isObject(enrichedCase))) return false;
  if (!(error === null ? status === 'enriched' : isFailure(error))) return false;
  if (!isCount(index) || !isCount(attempts, 0, MOST_ATTEMPTS) || !isMs(durationMs) || !isInstant(at)) return false;
  return hasOptionalMembers(value);
}

function hasOptionalMembers(value: JsonObject): boolean {
  const { key, source, tries, httpStatus, poll } = value;
  if (!isAbsentOr(isText, key) || !isAbsentOr(isPlace, source) || !isAbsentOr(isTries, tries)) return false;
  if (!isAbsentOr(isText, poll)) return false;
  if (httpStatus !== undefined && !isCount(httpStatus, 100, 999)) return false;
  return MARKS.every((name) => value[name] === undefined || value[name] === true);
}

const MARKS = ['shared', 'skipped', 'refresh', 'stale'] as const;

function isFailure(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind, message, retryable, httpStatus, code, phase, notRetried, requestId, body } = value;
  return (
    isWord(kind) &&
    isText(message) &&
    isFlag(retryable) &&
    (httpStatus === undefined || isCount(httpStatus, 100, 999)) &&
    isAbsentOr(isText, code) &&
    isAbsentOr(isWord, phase) &&
    isAbsentOr(isWord, notRetried) &&
    isAbsentOr(isText, requestId) &&
    isAbsentOr(isText, body)
  );
}

function isPlace(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { file, line, index } = value;
  return isText(file) && (line === undefined || isCount(line, 1)) && (index === undefined || isCount(index));
}

function isTries(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MOST_TRIES && value.every(isTry);
}

function isTry(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { startMs, durationMs, outcome, waitMs, waitFor } = value;
  return isMs(startMs) && isMs(durationMs) && isText(outcome) && isMs(waitMs) && isAbsentOr(isWord, waitFor);
}

function isRun(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { startedAt, finishedAt, durationMs, limits, shard, files, complete, stoppedBy } = value;
  return (
    areAll(isText, value, ['id', 'version', 'endpoint', 'method', 'settings']) &&
    isInstant(startedAt) &&
    isInstant(finishedAt) &&
    isMs(durationMs) &&
    isLimits(limits) &&
    (shard === null || isShard(shard)) &&
    isAbsentOr(isFiles, files) &&
    isFlag(complete) &&
    (stoppedBy === null || isWord(stoppedBy))
  );
}

function isLimits(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { limit, retries, maxTimeMs, maxOutageMs, ratePerSecond, adaptive } = value;
  return (
    isCount(limit, 1) &&
    areAll(isMs, value, ['timeoutMs', 'deadlineMs']) &&
    isCount(retries) &&
    (maxTimeMs === null || isMs(maxTimeMs)) &&
    (maxOutageMs === null || isAbsentOr(isMs, maxOutageMs)) &&
    (ratePerSecond === null || isAmount(ratePerSecond)) &&
    isFlag(adaptive)
  );
}

function isShard(value: unknown): boolean {
  return isObject(value) && isCount(value['index'], 1, MOST_SHARDS) && isCount(value['count'], 1, MOST_SHARDS);
}

function isFiles(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => isObject(one) && areAll(isText, one, ['file', 'id']));
}

function isSummary(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { failuresByKind, latencyMs, limit, waitedMs, pauses, outages } = value;
  const { casesPerSecond, retryAt, skipped, stale, polls, pending } = value;
  return (
    areAll((one) => isCount(one), value, COUNTS) &&
    isAbsentOr(isCountFrom0, polls) &&
    isAbsentOr(isCountFrom0, pending) &&
    isByWord((one) => isCount(one), failuresByKind) &&
    (latencyMs === null || (isObject(latencyMs) && areAll(isMs, latencyMs, ['p50', 'p90', 'p99', 'max']))) &&
    isLimitSummary(limit) &&
    isByWord(isMs, waitedMs) &&
    isCountedTime(pauses) &&
    isAbsentOr(isCountedTime, outages) &&
    isAmount(casesPerSecond) &&
    isAbsentOr(isInstant, retryAt) &&
    isAbsentOr(isCount, skipped) &&
    isAbsentOr(isCount, stale)
  );
}

function isCountedTime(value: unknown): boolean {
  return isObject(value) && isCount(value['count']) && isMs(value['ms']);
}

const COUNTS = [
  'total',
  'enriched',
  'failed',
  'invalid',
  'cancelled',
  'resumed',
  'attempts',
  'retries',
  'retriesDenied',
  'maxInFlight',
] as const;

function isLimitSummary(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { configured, settled, course } = value;
  return isCount(configured, 1) && isCount(settled, 1) && isAbsentOr(isCourse, course);
}

function isCourse(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MOST_COURSE) return false;
  return value.every((point) => isObject(point) && isMs(point['atMs']) && isCount(point['limit']));
}

function isByWord(isValue: (value: unknown) => boolean, value: unknown): boolean {
  return isObject(value) && Object.entries(value).every(([name, one]) => WORD.test(name) && isValue(one));
}

function areAll(is: (value: unknown) => boolean, value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => is(value[name]));
}

function isAbsentOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && WORD.test(value);
}

function isCount(value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isCountFrom0(value: unknown): boolean {
  return isCount(value);
}

function isMs(value: unknown): boolean {
  return isAmount(value) && (value as number) <= MOST_MS;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
