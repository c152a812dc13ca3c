import { type ErrorDetails, UsageError } from '../../errors.js';
import type { Processes } from './processes.js';

/** Who holds a lock, as its file says. Fields that the holder's system did not know are absent. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly boot?: string;
  readonly machine?: string;
  readonly namespace?: string;
  /** Start time of the process: distinguishes it from a later one with the same pid. */
  readonly start?: string;
  /** True when the holder touches its lock once a second as a heartbeat. */
  readonly beats?: boolean;
}

/** The lock belongs to a run on a host of this name, in another pid namespace: only its heartbeat shows that it lives. */
export class HeldOutOfSight extends UsageError {
  readonly lockPath: string;
  readonly text: string;

  constructor(message: string, lockPath: string, text: string, more: ErrorDetails) {
    super(message, more);
    this.lockPath = lockPath;
    this.text = text;
  }
}

/** The text of a lock file held by this process. */
export function lockText(pid: number, processes: Processes): string {
  const { host, boot, machine, namespace } = processes;
  const start = processes.startOf(pid) ?? undefined;
  return `${JSON.stringify({ pid, host, boot, machine, namespace, start, beats: true } satisfies Unsure<Holder>)}\n`;
}

type Unsure<T> = { [K in keyof T]: T[K] | undefined };

/** Parses a lock file: its holder; `torn` when its writer was killed or lost power; `foreign` when it is no lock of this program. */
export function parseLock(text: string): Holder | 'torn' | 'foreign' {
  const holder = parseHolder(text);
  if (holder !== undefined) return holder;
  return isTorn(text) ? 'torn' : 'foreign';
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    if (!isPid(value?.pid) || typeof value?.host !== 'string') return undefined;
    return value as Holder;
  } catch {
    return undefined;
  }
}

/** Positive only: to the system, 0 and negative numbers mean process groups, one of which always exists. */
function isPid(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}

const BEGIN = '{"pid":';

function isTorn(text: string): boolean {
  // A power cut can leave NUL bytes where data had not been written yet.
  const written = text.replace(/\0+$/, '');
  return BEGIN.startsWith(written) || written.startsWith(BEGIN);
}

/** Whether the holder's pid can be checked from here: same machine, same boot, same pid namespace. */
export function isWithinReach(holder: Holder, processes: Processes): boolean {
  const { host, boot, namespace } = processes;
  return holder.host === host && isSame(holder.boot, boot) && isSame(holder.namespace, namespace);
}

/** Compares two values; one that is unknown (older version, unsupported system) matches anything. */
function isSame(said: string | undefined, here: string | undefined): boolean {
  return said === undefined || said === here;
}

/** True when the holder has certainly ended. */
export function isStale(holder: Holder, processes: Processes): boolean {
  if (wasRestarted(holder, processes)) return true;
  if (!isWithinReach(holder, processes)) return false;
  const start = processes.startOf(holder.pid);
  if (start === null) return true;
  return start !== undefined && holder.start !== undefined && start !== holder.start;
}

/** True when the machine was rebooted after the lock was made: none of its processes is left. */
function wasRestarted(holder: Holder, { host, boot, machine }: Processes): boolean {
  if (holder.host !== host || holder.machine === undefined || holder.boot === undefined) return false;
  return holder.machine === machine && holder.boot !== boot;
}
