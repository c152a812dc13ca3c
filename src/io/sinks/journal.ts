import type { EnrichmentResult, PendingPlace } from '../../core/case.js';
import type { Clock, Timer } from '../../core/ports.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import type { ResultSink } from '../../core/ports.js';
import { closingLine, placeLine } from '../../core/results/result-text.js';
import { OutputError } from '../../errors.js';
import { AppendedFile } from '../files/appended-file.js';
import { type FileOps, type NamedPath, outputError, quietly, syncIfPossible } from '../files/file-ops.js';
import type { Lock } from '../files/lock.js';
import { UnsavedResults, resultGroups } from './result-group.js';

const SYNC_EVERY_MS = 1000;

/** The open journal: an append-only descriptor and its lock. */
export interface JournalFile extends NamedPath {
  readonly fd: number;
  readonly lock: Lock;
}

/**
 * Results appended as NDJSON. When `write` returns, its results survive the death of the process; a power cut costs
 * the last second at most. After the first error nothing more is written: every further `write`, and `finish`, throws
 * an OutputError that names the cases which were answered and not saved.
 */
export class JournalSink implements ResultSink {
  readonly storesOn = 'write';
  readonly #file: JournalFile;
  readonly #lines: AppendedFile;
  readonly #ops: FileOps;
  readonly #clock: Clock;
  readonly #unsaved = new UnsavedResults();
  #error: unknown;
  #timer: Timer | undefined;
  #syncing: Promise<void> | undefined;
  #dirty = false;
  #ending = false;
  #closed = false;

  constructor(file: JournalFile, ops: FileOps, clock: Clock) {
    this.#file = file;
    this.#lines = new AppendedFile(file, file.fd, ops);
    this.#ops = ops;
    this.#clock = clock;
  }

  write(results: readonly EnrichmentResult[]): void {
    let stored = 0;
    for (const { from, end, lines } of resultGroups(results)) {
      const saved = this.#error === undefined ? this.#append(lines) : 0;
      stored += saved;
      if (saved < lines.length) this.#unsaved.add(results.slice(from + saved, end));
    }
    this.#throwIfFailed(stored);
    this.#syncSoon();
  }

  keepPlaces(places: readonly PendingPlace[]): void {
    if (this.#error === undefined) this.#append(places.map(placeLine));
    this.#throwIfFailed();
    this.#syncSoon();
  }

  async finish(run: RunInfo, summary: Summary): Promise<void> {
    try {
      await this.#endSync();
      if (this.#error === undefined) this.#append([closingLine(run, summary)]);
      if (this.#error === undefined) await this.#sync();
    } finally {
      this.#release();
    }
    this.#throwIfFailed();
  }

  async close(): Promise<void> {
    try {
      await this.#endSync();
      if (this.#dirty && !this.#closed) await this.#sync();
    } finally {
      this.#release();
    }
  }

  /** Returns how many lines are in the file: fewer than given after an error. */
  #append(lines: readonly string[]): number {
    this.#dirty = true;
    const appended = this.#lines.append(`${lines.join('\n')}\n`);
    this.#error = appended.error;
    return 'lines' in appended ? appended.lines : lines.length;
  }

  #syncSoon(): void {
    if (!this.#dirty || this.#ending || this.#timer !== undefined || this.#syncing !== undefined) return;
    this.#timer = this.#clock.setTimer(SYNC_EVERY_MS, () => {
      this.#timer = undefined;
      this.#syncing = this.#sync().then(() => {
        this.#syncing = undefined;
        if (this.#error === undefined) this.#syncSoon();
      });
    });
  }

  /**
   * Syncs what was written, and checks that the file is still in its place. An error is kept for the next call rather than
   * thrown.
   */
  async #sync(): Promise<void> {
    this.#dirty = false;
    try {
      await syncIfPossible(this.#ops.syncData(this.#file.fd));
    } catch (error) {
      this.#error ??= error;
    }
    this.#error ??= this.#lines.loss() ?? this.#file.lock.lost;
  }

  async #endSync(): Promise<void> {
    this.#ending = true;
    this.#timer?.cancel();
    await this.#syncing;
  }

  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    quietly(() => this.#ops.close(this.#file.fd));
    this.#file.lock.release();
  }

  /** @param stored number of results of the present write that are in the file. */
  #throwIfFailed(stored = 0): void {
    if (this.#error === undefined) return;
    const { details } = this.#unsaved;
    if (this.#error instanceof OutputError) {
      const hint = 'leave the file alone while a run writes it; --resume goes on from what is in it';
      throw new OutputError(this.#error.message, { details, hint, stored });
    }
    const hint = 'free some space or repair the disk, then go on with --resume';
    throw outputError(this.#file.name, this.#error, { details, hint, stored });
  }
}
