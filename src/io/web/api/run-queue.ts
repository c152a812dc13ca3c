/** The runs one after another, oldest first: what is queued, what is under way, and what becomes of each. */

import type { FeedSocket } from '../../../core/live/feed-socket.js';
import type { LiveEnd, LiveSnapshot, LiveState } from '../../../core/live/messages.js';
import { Refused } from '../refusal.js';
import { noSuchRun, storageRefused } from './answers.js';
import { type NewRun, NO_OUTCOME, type RunEntry, type RunOutcome, type RunsFolder } from './runs-folder.js';
import type { ApiRun } from './shapes.js';

/** Most that may wait. */
export const MOST_QUEUED = 100;
/** When a client may try again that was refused because so many wait. */
const RETRY_AFTER = { 'retry-after': '10' };
/** That of a run which was stopped: as after SIGTERM. */
const STOPPED_CODE = 143;
const NORMAL_CLOSE = 1000;

/** A run that was started. */
export interface StartedJob {
  readonly feed: {
    state(): LiveState | null;
    message(): LiveSnapshot | LiveEnd | null;
    join(socket: FeedSocket): void;
  };
  /** Never rejects. */
  readonly ended: Promise<JobEnd>;
  /** Stops it softly. */
  stop(): void;
  /** Cancels it. */
  cancel(): void;
}

/** How it ended: with an exit code, or it could not run, for the reason in `message`. */
export interface JobEnd {
  readonly exitCode: number;
  readonly message?: string;
}

export interface RunQueueOptions {
  readonly folder: RunsFolder;
  readonly start: (entry: RunEntry) => StartedJob;
  /** Says what the operator has to know. */
  readonly warn: (text: string) => void;
}

/** Statuses of runs that have ended. */
const ENDED: ReadonlySet<string> = new Set(['finished', 'stopped', 'failed']);

export class RunQueue {
  readonly #folder: RunsFolder;
  readonly #options: RunQueueOptions;
  #waiting: string[] = [];
  #running: { readonly id: string; readonly job: StartedJob } | undefined;
  #ending: Promise<void> = Promise.resolve();
  #isClosing = false;
  /** What changes the list of runs happens one after another. */
  #changes: Promise<unknown> = Promise.resolve();
  readonly #sockets = new Map<string, Set<FeedSocket>>();
  readonly #byKey = new Map<string, string>();

  constructor(options: RunQueueOptions) {
    this.#folder = options.folder;
    this.#options = options;
  }

  /** Takes over what an earlier process has left: what was running comes first, by resume, then what was queued. */
  async recover(): Promise<void> {
    for (const entry of this.#folder.entries) {
      if (entry.idempotencyKey !== undefined) this.#byKey.set(entry.idempotencyKey, entry.id);
      if (entry.status === 'stopping') await this.#keep({ ...entry, status: 'stopped', exitCode: STOPPED_CODE });
      if (entry.status === 'queued' || entry.status === 'running') this.#waiting.push(entry.id);
    }
    const wasRunning = (id: string): boolean => this.#folder.entry(id)?.status === 'running';
    this.#waiting.sort((a, b) => Number(wasRunning(b)) - Number(wasRunning(a)));
  }

  /** Starts the first of them. */
  begin(): void {
    this.#next();
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get running(): string | null {
    return this.#running?.id ?? null;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /** Throws a Refused when no run can be taken now: 503 while stopping, 429 when a hundred wait. */
  refuseNew(key: string | undefined): void {
    if (this.#isClosing) throw new Refused(503, 'stopping', 'the server is stopping and takes no new run');
    // Whether it is a repetition, only its body tells.
    if (this.queued < MOST_QUEUED || (key !== undefined && this.#byKey.has(key))) return;
    throw new Refused(429, 'queue_full', `${MOST_QUEUED} runs wait already: try again later`, RETRY_AFTER);
  }

  /**
   * Takes a run whose cases are on the disk; resolves when all of it is. With the key of an earlier run that one is given
   * back when its cases are equal. Rejects with a Refused: 409 where they are not, 429, 503, 507.
   */
  add(fresh: NewRun, entry: RunEntry): Promise<{ readonly entry: RunEntry; readonly isNew: boolean }> {
    return this.#inTurn(async () => {
      const known = this.#knownBy(entry.idempotencyKey);
      if (known !== undefined) return { entry: sameBody(known, entry), isNew: false };
      this.refuseNew(undefined);
      await this.#folder.commit(fresh, entry);
      if (entry.idempotencyKey !== undefined) this.#byKey.set(entry.idempotencyKey, entry.id);
      this.#waiting.push(entry.id);
      this.#next();
      return { entry: this.#found(entry.id), isNew: true };
    });
  }

  /** The run as it is shown. Throws a Refused, 404. */
  shown(id: string): ApiRun {
    const { createdAt, status, exitCode, message } = this.#found(id);
    const past = ENDED.has(status) ? this.#folder.outcome(id) : NO_OUTCOME;
    const { run, summary } = past;
    const state = this.#running?.id === id ? this.#running.job.feed.state() : past.state;
    return { id, status, createdAt, run, state, summary, exitCode, ...(message === undefined ? {} : { message }) };
  }

  /** At most so many, the newest first, older than the one with the id `before`. */
  list(limit: number, before?: string): { readonly runs: readonly ApiRun[]; readonly next: string | null } {
    const ids = this.#folder.entries.map(({ id }) => id).toReversed();
    const older = before === undefined ? ids : ids.filter((id) => id < before);
    const page = older.slice(0, limit);
    return { runs: page.map((id) => this.shown(id)), next: older.length > limit ? (page.at(-1) ?? null) : null };
  }

  /** Stops it softly; one that is stopping already goes on doing so. Rejects with a Refused: 404, 409 when it has ended. */
  stop(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const entry = this.#found(id);
      if (ENDED.has(entry.status)) throw new Refused(409, 'ended', `the run has ended: it is ${entry.status}`);
      if (entry.status === 'stopping') return;
      const job = this.#running?.id === id ? this.#running.job : undefined;
      const stopped = job === undefined ? ({ status: 'stopped', exitCode: STOPPED_CODE } as const) : undefined;
      // On the disk first: stopped is stopped, whatever becomes of this process.
      await this.#stored({ ...entry, ...(stopped ?? { status: 'stopping' }) });
      this.#waiting = this.#waiting.filter((other) => other !== id);
      if (job === undefined) this.#dismiss(id);
      else job.stop();
    });
  }

  /** Removes a run that is not under way. Rejects with a Refused: 404, 409. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const { idempotencyKey } = this.#found(id);
      if (this.#running?.id === id) throw new Refused(409, 'running', 'the run is under way: stop it first');
      await this.#folder.remove(id);
      this.#waiting = this.#waiting.filter((other) => other !== id);
      if (idempotencyKey !== undefined) this.#byKey.delete(idempotencyKey);
      this.#dismiss(id);
    });
  }

  /** Tells a client of the run: now, when it starts, or how it has ended. Closes it where there is nothing to tell. */
  join(id: string, socket: FeedSocket): void {
    const entry = this.#folder.entry(id);
    if (entry === undefined || ENDED.has(entry.status)) {
      const end = this.#folder.end(id);
      if (end !== undefined) socket.send(end);
      return socket.close(NORMAL_CLOSE);
    }
    const sockets = this.#sockets.get(id) ?? new Set();
    this.#sockets.set(id, sockets.add(socket));
    socket.onClose(() => sockets.delete(socket));
    if (this.#running?.id === id) this.#running.job.feed.join(socket);
  }

  has(id: string): boolean {
    return this.#folder.entry(id) !== undefined;
  }

  /** Takes no new run and stops the one under way softly; resolves when it has ended and that is kept. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#running?.job.stop();
    await this.#changes;
    await this.#ending;
  }

  /** Calls in flight of the run under way are not waited for any more. */
  cancel(): void {
    this.#running?.job.cancel();
  }

  #next(): void {
    const id = this.#isClosing || this.#running !== undefined ? undefined : this.#waiting.shift();
    const entry = id === undefined ? undefined : this.#folder.entry(id);
    if (id === undefined || entry === undefined) return;
    const job = this.#options.start(entry);
    this.#running = { id, job };
    for (const socket of this.#sockets.get(id) ?? []) job.feed.join(socket);
    this.#ending = this.#follow(entry, job);
  }

  async #follow(entry: RunEntry, job: StartedJob): Promise<void> {
    await this.#inTurn(() =>
      this.#keep({ ...entry, status: this.#found(entry.id).status === 'stopping' ? 'stopping' : 'running' }),
    );
    const end = await job.ended;
    await this.#inTurn(async () => {
      await this.#conclude(entry.id, job, end);
      this.#running = undefined;
      this.#next();
    });
  }

  async #conclude(id: string, { feed }: StartedJob, { exitCode, message }: JobEnd): Promise<void> {
    const entry = this.#found(id);
    const isAsked = entry.status === 'stopping';
    // The stop of the server is no stop of the run: the next start goes on with it.
    if (this.#isClosing && !isAsked && exitCode === STOPPED_CODE) return;
    const status = message !== undefined ? 'failed' : exitCode > 1 ? 'stopped' : 'finished';
    const last = feed.message();
    const end = last?.type === 'end' ? last : undefined;
    if (end !== undefined) await this.#warned(id, this.#folder.keepEnd(id, `${JSON.stringify(end)}\n`));
    await this.#keep(
      { ...entry, status, exitCode, ...(message === undefined ? {} : { message }) },
      { run: end?.run ?? null, state: feed.state(), summary: end?.summary ?? null },
    );
    this.#dismiss(id);
  }

  /** A run goes on when its state can't be written; a later start may then do it again, which its journal makes short. */
  #keep(entry: RunEntry, outcome?: RunOutcome): Promise<void> {
    return this.#warned(entry.id, this.#folder.update(entry, outcome));
  }

  async #stored(entry: RunEntry): Promise<void> {
    const before = this.#found(entry.id);
    try {
      await this.#folder.update(entry);
    } catch (error) {
      await this.#keep(before);
      throw storageRefused(error);
    }
  }

  async #warned(id: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#options.warn(`run ${id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #dismiss(id: string): void {
    for (const socket of this.#sockets.get(id) ?? []) socket.close(NORMAL_CLOSE);
    this.#sockets.delete(id);
  }

  #found(id: string): RunEntry {
    const entry = this.#folder.entry(id);
    if (entry === undefined) throw noSuchRun();
    return entry;
  }

  #knownBy(key: string | undefined): RunEntry | undefined {
    const id = key === undefined ? undefined : this.#byKey.get(key);
    return id === undefined ? undefined : this.#folder.entry(id);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#changes.then(work);
    this.#changes = result.catch(() => {});
    return result;
  }
}

function sameBody(known: RunEntry, { hash }: RunEntry): RunEntry {
  if (known.hash === hash) return known;
  throw new Refused(409, 'key_reused', 'the Idempotency-Key belongs to a run with another body: choose another one');
}
