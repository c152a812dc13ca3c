/** What a notification says: a sentence for a channel, and the same as data. */

import type { NotifyEvent } from '../../../core/notify-hooks.js';
import type { LiveGroup } from '../../../core/live/messages.js';
import { liveGroup } from '../../../core/live/shown.js';
import type { RunEnd, StartedRun } from '../../../core/results/run-end.js';
import type { RunInfo, Summary } from '../../../core/results/run-info.js';
import type { RunState } from '../../../core/results/run-state.js';
import { EXIT } from '../../../errors.js';
import { printable } from '../../../text/printable.js';
import type { Stall } from './stalls.js';
import { endText, lostText, stallText } from './words.js';

/** The body of a notification. What is not known is null. No secrets. */
export interface Notification {
  /** For people: only words of this program, numbers, and the endpoint's host; `& < >` are escaped. */
  readonly text: string;
  readonly schemaVersion: 1;
  readonly event: NotifyEvent;
  /** Without its end while it goes on, or where it had none; null where nothing was begun. */
  readonly run: RunInfo | StartedRun | null;
  /** null while it goes on, and where it had no end. */
  readonly summary: Summary | null;
  /** null while it goes on. */
  readonly exitCode: number | null;
  /** The causes with most cases; null while it goes on, and where it had no end. */
  readonly groups: readonly LiveGroup[] | null;
  /** Only of `paused`: why nothing goes on. */
  readonly stall?: Stall;
  /** Only of `paused`: the counts so far. */
  readonly progress?: Progress;
}

export type Progress = Pick<
  RunState,
  'elapsedMs' | 'done' | 'total' | 'enriched' | 'failed' | 'invalid' | 'cancelled' | 'resumed'
>;

const MOST_GROUPS = 20;
/** The most bytes of a body: receivers refuse what is much larger. */
export const MOST_BYTES = 64 * 1024;

/** What is told of an exit code; undefined for one that nobody is told of: a wrong command line, a bug. */
export function eventOf(exitCode: number): NotifyEvent | undefined {
  if (exitCode === EXIT.usage || exitCode === EXIT.bug) return undefined;
  return exitCode === EXIT.ok ? 'finished' : exitCode === EXIT.failures ? 'failed' : 'stopped';
}

type Redact = (text: string) => string;

/**
 * Of a run that has ended. `redact` removes secrets from what endpoint and cases have said.
 * @param left how many cases have no result.
 */
export function endNotification(end: RunEnd, event: NotifyEvent, redact: Redact, left = 0): Notification {
  const { run, summary, exitCode, groups, hint } = end;
  return {
    text: escaped(endText(end, left)),
    schemaVersion: 1,
    event,
    run: withoutFiles(run),
    summary,
    exitCode,
    groups: groups.slice(0, MOST_GROUPS).map((group) => liveGroup(group, hint?.(group), redact)),
  };
}

/** Of a run that ended without a summary: nothing could be read, or nobody reads what it writes. */
export function lostNotification(run: StartedRun | undefined, exitCode: number, event: NotifyEvent): Notification {
  return {
    text: escaped(lostText(run, exitCode)),
    schemaVersion: 1,
    event,
    run: run === undefined ? null : withoutFiles(run),
    summary: null,
    exitCode,
    groups: null,
  };
}

/** Of a run that waits. */
export function stallNotification(run: StartedRun, stall: Stall, state: RunState): Notification {
  const { elapsedMs, done, total, enriched, failed, invalid, cancelled, resumed } = state;
  return {
    text: escaped(stallText(run, stall, state)),
    schemaVersion: 1,
    event: 'paused',
    run: withoutFiles(run),
    summary: null,
    exitCode: null,
    groups: null,
    stall,
    progress: { elapsedMs: Math.round(elapsedMs), done, total, enriched, failed, invalid, cancelled, resumed },
  };
}

/** As JSON of at most 64 KiB; the causes with fewest cases are left out where it would be more. */
export function notificationBody(notification: Notification): string {
  const body = JSON.stringify(notification);
  const { groups } = notification;
  if (groups === null || groups.length === 0 || Buffer.byteLength(body) <= MOST_BYTES) return body;
  return notificationBody({ ...notification, groups: groups.slice(0, -1) });
}

/** As Slack asks for: nothing in it can be a link or a mention. */
function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** There can be any number of input files, and where they are is nobody's business. */
function withoutFiles<Run extends StartedRun>(run: Run): Omit<Run, 'files'> {
  const { files: _, ...rest } = run;
  return rest;
}
