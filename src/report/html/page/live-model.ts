/** What the page knows of the run: each message makes it anew. Knows nothing of the document. */

import type {
  LiveEnd,
  LiveFailure,
  LiveGroup,
  LiveMessage,
  LiveSeries,
  LiveSnapshot,
  LiveState,
  LiveUpdate,
} from '../../../core/live/messages.js';

/** Kept of each, whatever comes: the page must not grow with the run. */
const MOST_FAILURES = 50;
const MOST_GROUPS = 20;
const MOST_ROWS = 1000;

export interface LiveModel {
  readonly run: LiveSnapshot['run'];
  readonly state: LiveState;
  readonly series: LiveSeries;
  /** Most cases first. */
  readonly groups: readonly LiveGroup[];
  /** Newest first. */
  readonly failures: readonly LiveFailure[];
  /** The number of the last message. */
  readonly seq: number;
  /** How the run ended; null while it goes on. */
  readonly end: LiveEnd | null;
}

/** The model after this message; undefined when one before it is missing, so that only a snapshot helps. */
export function follow(model: LiveModel | undefined, message: LiveMessage): LiveModel | undefined {
  switch (message.type) {
    case 'snapshot':
      return begun(model, message);
    case 'update':
      return updated(model, message);
    case 'end':
      return ended(model, message);
  }
}

function begun(model: LiveModel | undefined, snapshot: LiveSnapshot): LiveModel {
  const { run, state, series, groups, failures, seq } = snapshot;
  const older = model?.run.id === run.id ? model.failures : [];
  return {
    run,
    state,
    series: { ...series, rows: series.rows.slice(0, MOST_ROWS) },
    groups: mostFirst(groups),
    failures: newestFirst(failures, older),
    seq,
    end: null,
  };
}

function updated(model: LiveModel | undefined, update: LiveUpdate): LiveModel | undefined {
  const { seq, state, firstRow, rows, groups, failures } = update;
  if (model === undefined || model.end !== null) return model;
  const known = model.series.rows;
  if (seq !== model.seq + 1 || firstRow > known.length) return undefined;
  const all = [...known.slice(0, firstRow), ...rows, ...known.slice(firstRow + rows.length)].slice(0, MOST_ROWS);
  return {
    ...model,
    seq,
    state,
    series: { ...model.series, rows: all },
    groups: groups.length === 0 ? model.groups : mostFirst(replaced(model.groups, groups)),
    failures: newestFirst(failures, model.failures),
  };
}

/** The end says all that counts: it is taken whatever is missing before it. */
function ended(model: LiveModel | undefined, end: LiveEnd): LiveModel {
  const series = model?.series ?? { stepMs: 1000, columns: NO_COLUMNS, rows: [] };
  return {
    run: end.run,
    state: stateAtEnd(end),
    series,
    groups: mostFirst(end.groups),
    failures: model?.run.id === end.run.id ? model.failures : [],
    seq: end.seq,
    end,
  };
}

const NO_COLUMNS = [] as unknown as LiveSeries['columns'];

function stateAtEnd({ run, summary, exitCode }: LiveEnd): LiveState {
  const { total, enriched, failed, invalid, cancelled, resumed, retries, limit, latencyMs, pending = 0 } = summary;
  return {
    verdict: exitCode === 0 ? 'ok' : 'failing',
    phase: 'running',
    elapsedMs: run.durationMs,
    done: total,
    total,
    enriched,
    failed,
    invalid,
    cancelled,
    resumed,
    retries,
    pending,
    inFlight: 0,
    limit: limit.settled,
    adaptive: run.limits.adaptive,
    recentRate: summary.casesPerSecond,
    leftMs: 0,
    p50Ms: latencyMs?.p50 ?? null,
    p99Ms: latencyMs?.p99 ?? null,
    pause: null,
    outage: null,
    isTokenAwaited: false,
  };
}

function replaced(known: readonly LiveGroup[], changed: readonly LiveGroup[]): LiveGroup[] {
  const byNumber = new Map(known.map((group) => [group.number, group]));
  for (const group of changed) byNumber.set(group.number, group);
  return [...byNumber.values()];
}

function mostFirst(groups: readonly LiveGroup[]): LiveGroup[] {
  return groups.toSorted((a, b) => b.count - a.count || a.number - b.number).slice(0, MOST_GROUPS);
}

/** New ones (oldest first) before the known ones; a snapshot repeats some of these. */
function newestFirst(added: readonly LiveFailure[], known: readonly LiveFailure[]): readonly LiveFailure[] {
  if (added.length === 0) return known;
  const seen = new Set(added.map(sameness));
  return [...added.toReversed(), ...known.filter((failure) => !seen.has(sameness(failure)))].slice(0, MOST_FAILURES);
}

function sameness({ caseId, status, label, message, attempts, atMs }: LiveFailure): string {
  return JSON.stringify([caseId, status, label, message, attempts, atMs]);
}
