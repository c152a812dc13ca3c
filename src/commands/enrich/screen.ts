/** What a run shows on stderr while it goes on: progress, failures, pauses, notices, log lines. */

import type { EnrichmentResult } from '../../core/case.js';
import type { Timer } from '../../core/ports.js';
import type { AttemptEvent, PauseEvent } from '../../core/run/enricher.js';
import { failureLabel } from '../../core/results/failure-label.js';
import type { Pipeline, RunObserver } from '../../core/run/pipeline.js';
import type { Host } from '../../host.js';
import { createLogger, logAttempt, type Logger } from '../../io/watch/log.js';
import { ProgressDisplay, progressMode } from '../../io/watch/progress-display.js';
import { type CaseSource, openCounter } from '../../io/sources/file/file-source.js';
import { originOf } from '../../report/terminal/hints.js';
import {
  failureLine,
  firstSample,
  nextSample,
  pauseLine,
  PauseNotices,
  type ProgressState,
  timeLeftMs,
} from '../../report/terminal/progress.js';
import { colorEnabled, createStyle, type Style } from '../../text/style.js';
import { printable } from '../../text/printable.js';
import type { Resolved } from '../../config/resolved.js';
import { readOptions, selectionOf } from '../shared/reading.js';
import type { RunClient } from './client.js';
import type { Delivery } from './delivery.js';
import type { Destination } from './destination.js';
import type { Interruption } from './interruption.js';

// A log has its first line after ten seconds: a run that ends sooner is not slowed by counting.
const COUNT_FOR_LOG_MS = 5_000;

/** What a running run is made of, as far as it is watched. */
export interface Watched {
  readonly pipeline: Pipeline;
  readonly delivery: Delivery;
  readonly interruption: Interruption;
  readonly source: CaseSource;
  readonly destination: Destination;
}

/** Whatever ends the run, `stop` or disposal leaves no timer and no live line. */
export class Screen implements AsyncDisposable {
  readonly style: Style;
  readonly #settings: Resolved<'enrich'>;
  readonly #client: RunClient;
  readonly #host: Host;
  readonly #log: Logger;
  #display: ProgressDisplay | undefined;
  #written: Promise<void> | undefined;
  /** Counts the input ahead of the calls, to know how much is left. */
  #counter: CaseSource | undefined;
  #counting: Promise<void> | undefined;
  #countLater: Timer | undefined;
  #total: number | null = null;
  readonly #pauses = new PauseNotices();

  constructor(settings: Resolved<'enrich'>, client: RunClient, host: Host) {
    const { logLevel, logFormat, color } = settings.values;
    this.#settings = settings;
    this.#client = client;
    this.#host = host;
    this.style = createStyle(colorEnabled(color, host.stderr.isTTY, host.env));
    this.#log = createLogger({
      level: logLevel,
      format: logFormat,
      stream: host.stderr,
      clock: host.clock,
      style: this.style,
      redact: (text) => client.redact(text),
      progress: () => this.#display,
    });
  }

  /** What the run is watched with. */
  observer(delivery: Delivery): RunObserver {
    return {
      paused: (pause) => this.#paused(pause),
      settled: (entry, status) => delivery.settled(entry, status),
      stopped: (reason) => this.#log.info({ reason }, 'the run stops'),
      ...(this.#log.isEnabled('debug') ? { attempted: (attempt: AttemptEvent) => this.#attempted(attempt) } : {}),
    };
  }

  /** Begins to show. */
  start(run: Watched): void {
    const { values } = this.#settings;
    const { stderr, env, clock } = this.#host;
    for (const text of run.destination.notices) this.notice(text);
    const mode = values.quiet ? 'none' : progressMode(values.progress, { isTTY: stderr.isTTY, env });
    const read = progressReader(run, this.#settings, this.#host, () => this.#total);
    const json =
      values.logFormat === 'json' ? { line: (state: ProgressState) => progressLogLine(state, clock.wallNow()) } : {};
    this.#display = new ProgressDisplay({ stream: stderr, clock, mode, style: this.style, read, ...json });
    this.#display.start();
    if (mode === 'none') return;
    const count = (): void => void (this.#counting = this.#countAhead(run.source));
    if (mode === 'tty') count();
    else this.#countLater = clock.setTimer(COUNT_FOR_LOG_MS, count);
  }

  /** A line for people; not with `--quiet`. `text` may have names of files in it: `shown` is what a terminal gets. */
  notice(text: string, shown = printable(text)): void {
    const { quiet, logFormat } = this.#settings.values;
    if (quiet) return;
    if (logFormat === 'json') this.#log.warn({}, text);
    else if (this.#display) this.#display.notice(shown);
    else void this.#host.stderr.write(`${shown}\n`);
  }

  /** The first interruption, where the live lines do not tell it already. */
  finishing(text: string): void {
    if (this.#display?.isLive !== true) this.notice(text);
  }

  /** Results that are written. */
  delivered(results: readonly EnrichmentResult[]): void {
    for (const text of this.#client.takeNotices()) this.notice(printable(text));
    const { onFailure } = this.#settings.values;
    for (const result of results) {
      if (result.status !== 'failed' && result.status !== 'invalid') continue;
      this.#display?.failure(failureLine(result, this.style));
      if (onFailure !== 'skip' || result.status !== 'failed') continue;
      this.#log.warn({ caseId: result.caseId, error: result.error }, 'failed and left out (--on-failure skip)');
    }
  }

  /** Shows no more; resolves when everything is written. */
  async stop(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#written;
    await this.#log.flush();
  }

  /** Shows no more, and waits for nobody who reads it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#written ??= this.#display?.stop();
    this.#display = undefined;
    this.#countLater?.cancel();
    await this.#counter?.close();
    await this.#counting;
  }

  #attempted({ caseId, requestId, attempt, durationMs, outcome }: AttemptEvent): void {
    const operation = `${this.#settings.values.method} ${this.#client.endpointName}`;
    const label = outcome.ok ? 'ok' : failureLabel(outcome.failure);
    logAttempt(this.#log, {
      caseId,
      requestId,
      attempt,
      operation,
      durationMs: Math.round(durationMs * 10) / 10,
      outcome: label,
    });
  }

  #paused({ ms, asked, outcome }: PauseEvent): void {
    if (!this.#pauses.tell(this.#host.clock.now(), ms)) return;
    const httpStatus = outcome.ok ? 0 : (outcome.failure.httpStatus ?? 0);
    const host = originOf(this.#client.endpointName).replace(/^https?:\/\//, '');
    const pause = { host, httpStatus, waitMs: ms, asked };
    this.notice(pauseLine(pause, createStyle(false)), pauseLine(pause, this.style));
  }

  /** A second reading thread counts the files while the first calls are made. Its faults are the first one's to report. */
  async #countAhead(source: CaseSource): Promise<void> {
    const { values } = this.#settings;
    if (source.complete) return;
    this.#counter = openCounter(readOptions(values, selectionOf(values), this.#host));
    if (this.#counter === undefined) return;
    try {
      for await (const _ of this.#counter);
      if (!source.complete) this.#total = this.#counter.stats.selected + this.#counter.stats.invalid;
    } catch {
      this.#total = null;
    }
  }
}

function progressReader(
  run: Watched,
  { values }: Resolved<'enrich'>,
  host: Host,
  total: () => number | null,
): () => ProgressState {
  const { pipeline, delivery, interruption, source } = run;
  const startedMs = host.clock.now();
  let sample = firstSample(startedMs);
  return () => {
    const now = host.clock.now();
    const { tally } = delivery;
    sample = nextSample(sample, now, tally.total - tally.resumed);
    const { retries, latency } = pipeline.figures;
    const measured = latency.count > 0;
    return {
      elapsedMs: now - startedMs,
      done: delivery.done,
      total: source.complete ? source.stats.selected + source.stats.invalid : total(),
      enriched: tally.count('enriched'),
      failed: tally.count('failed'),
      invalid: tally.count('invalid'),
      cancelled: tally.count('cancelled'),
      resumed: tally.resumed,
      inFlight: pipeline.inFlight,
      limit: pipeline.limit,
      adaptive: values.adaptive,
      retries,
      recentRate: sample.perSecond,
      p50Ms: measured ? latency.percentile(0.5) : null,
      p99Ms: measured ? latency.percentile(0.99) : null,
      phase: interruption.phase,
      pauseLeftMs: pipeline.pauseLeftMs,
    };
  };
}

function progressLogLine(state: ProgressState, wallNow: number): string {
  const { done, total, enriched, failed, invalid, cancelled, inFlight, retries } = state;
  const leftMs = timeLeftMs(state);
  const time = new Date(wallNow).toISOString();
  const counts = { done, total, enriched, failed, invalid, cancelled, inFlight, retries };
  return JSON.stringify({
    level: 'info',
    time,
    msg: 'progress',
    ...counts,
    perSecond: Math.round(state.recentRate * 10) / 10,
    leftMs: leftMs === undefined ? null : Math.round(leftMs),
  });
}
