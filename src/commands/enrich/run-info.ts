/** A run's description for reports. */

import { hash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ResumeCounts } from '../../core/merge/resumption.js';
import type { StartedRun } from '../../core/results/run-end.js';
import type { RunInfo } from '../../core/results/run-info.js';
import { isFiltering } from '../../core/cases/select.js';
import type { Host } from '../../host.js';
import { VERSION } from '../../version.js';
import { isTableUrl, namesTable } from '../../text/table-url.js';
import type { Resolved } from '../../config/resolved.js';
import { selectionOf } from '../shared/reading.js';
import type { RunClient } from './client.js';

/** A run before its first call; `startedMs` is of the monotonic clock, in milliseconds. */
export interface BegunRun extends StartedRun {
  readonly startedMs: number;
}

export function newRun(settings: Resolved<'enrich'>, client: RunClient, host: Host): BegunRun {
  const { values } = settings;
  const { limit, timeoutMs, deadlineMs, retries, maxTimeMs, maxOutageMs, adaptive } = values;
  return {
    id: Array.from({ length: 8 }, () => Math.floor(host.random() * 16).toString(16)).join(''),
    version: VERSION,
    startedAt: new Date(host.clock.wallNow()).toISOString(),
    startedMs: host.clock.now(),
    endpoint: client.endpointName,
    method: values.batch === undefined ? values.method : 'POST',
    limits: {
      limit,
      timeoutMs,
      deadlineMs,
      retries,
      maxTimeMs,
      maxOutageMs,
      ratePerSecond: values.rate?.perSecond ?? null,
      adaptive,
    },
    shard: values.shard ?? null,
    settings: settingsHash(settings, client),
    ...filesRead(settings, host),
  };
}

/** The run as watchers are told of it. */
export function startedRun(begun: BegunRun): StartedRun {
  const { startedMs: _, ...run } = begun;
  return run;
}

/** The input files, if the results contain all of their invalid records. */
function filesRead({ values }: Resolved<'enrich'>, host: Host): Pick<RunInfo, 'files'> {
  if (values.queue !== undefined || isFiltering(selectionOf(values))) return {};
  return { files: values.files.map((file) => ({ file, id: inputId(file, values.query, host.cwd) })) };
}

/** Of a database the id is that of what is read there. */
function inputId(file: string, query: string | undefined, cwd: string): string {
  if (!isTableUrl(file)) return fileId(file, cwd);
  return hash('sha256', JSON.stringify([file, namesTable(file) ? null : query]), 'base64url').slice(0, 22);
}

/** An id of a file that does not depend on how it was named or on the current folder. */
function fileId(file: string, cwd: string): string {
  return file === '-' ? '-' : hash('sha256', realPath(resolve(cwd, file)), 'base64url').slice(0, 22);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The facts about a run that are known at its end. */
export interface RunEnd {
  /** The input was read to its end. */
  readonly complete: boolean;
  readonly stoppedBy: RunInfo['stoppedBy'];
  /** How many cases `--only` has left out; absent without `--resume`. */
  readonly leftOut?: Pick<ResumeCounts, 'leftOutMissing' | 'leftOutInvalid'> | undefined;
}

export function finishedRun(begun: BegunRun, { complete, stoppedBy, leftOut }: RunEnd, host: Host): RunInfo {
  const { startedMs, id, version, startedAt, files, ...rest } = begun;
  return {
    id,
    version,
    startedAt,
    finishedAt: new Date(host.clock.wallNow()).toISOString(),
    durationMs: Math.round(host.clock.now() - startedMs),
    ...rest,
    ...(files === undefined || mayHideCorrected(leftOut) ? {} : { files }),
    complete,
    stoppedBy,
  };
}

/** True when `--only` has left out a case that may have been invalid before: no result would mention that record. */
function mayHideCorrected(leftOut: RunEnd['leftOut']): boolean {
  return leftOut !== undefined && leftOut.leftOutMissing + leftOut.leftOutInvalid > 0;
}

/** A hash of the settings that the shards of one run must share: the request, and the selection of cases. */
function settingsHash({ values }: Resolved<'enrich'>, client: RunClient): string {
  const { shard: _, first: __, ...selection } = selectionOf(values);
  const { method, body, pick, into, responseSchema, batch } = values;
  const acceptStatus = values.acceptStatus.length === 0 ? undefined : values.acceptStatus;
  const { poll, pollUrl, pollUntil, pollFailed } = values;
  const polled = poll ? { pollUrl, pollUntil, pollFailed } : undefined;
  const asked = {
    endpoint: client.endpointName,
    method,
    body,
    pick,
    into,
    responseSchema,
    batch,
    acceptStatus,
    polled,
  };
  return hash('sha256', JSON.stringify({ asked, selection }), 'base64url').slice(0, 22);
}
