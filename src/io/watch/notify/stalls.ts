/** Which pauses and outages are worth a message: those of 10 s or more, at most one in 10 minutes, each once. */

import type { Clock, Timer } from '../../../core/ports.js';

/** Why a run does not go on for a while. */
export interface Stall {
  readonly kind: 'pause' | 'outage';
  /** How long it has lasted, in milliseconds. */
  readonly forMs: number;
  /** How long it will last from now; null where nobody knows. */
  readonly leftMs: number | null;
  /** The status that brought it about, where one did. */
  readonly httpStatus: number | null;
  /** True when the endpoint itself said for how long. */
  readonly asked: boolean;
}

/** A pause as it begins. */
export interface Pausing {
  /** From now, in milliseconds. */
  readonly ms: number;
  readonly asked: boolean;
  readonly httpStatus: number | null;
}

export interface StallsOptions {
  readonly clock: Clock;
  /** How many cases are enriched by now: a success between two pauses makes them two. */
  readonly enriched: () => number;
  /** What is left of a pause now, in milliseconds: it may have become longer. */
  readonly pauseLeftMs: () => number;
  readonly tell: (stall: Stall) => void;
}

type Draft = { -readonly [K in keyof Omit<Stall, 'forMs' | 'leftMs'>]: Stall[K] } & {
  sinceMs: number;
  /** When it ends; Infinity where nobody knows. */
  endsMs: number;
  isTold: boolean;
  enriched: number;
};

export class Stalls {
  static readonly LEAST_MS = 10_000;
  static readonly EVERY_MS = 10 * 60_000;

  readonly #options: StallsOptions;
  #pause: Draft | undefined;
  #outage: Draft | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: StallsOptions) {
    this.#options = options;
  }

  /** The endpoint makes the run wait. Pauses with no success between them are one that becomes longer. */
  paused({ ms, asked, httpStatus }: Pausing): void {
    const now = this.#options.clock.now();
    const enriched = this.#options.enriched();
    const last = this.#pause;
    const goesOn = last !== undefined && last.enriched === enriched && now - last.endsMs < Stalls.LEAST_MS;
    if (goesOn) Object.assign(last, { endsMs: Math.max(last.endsMs, now + ms), asked, httpStatus });
    else this.#pause = { kind: 'pause', sinceMs: now, endsMs: now + ms, asked, httpStatus, isTold: false, enriched };
    this.#look();
  }

  /** The endpoint counts as down, and has been so for this long. */
  outageBegan(ms: number, httpStatus: number | null): void {
    const sinceMs = this.#options.clock.now() - ms;
    const draft = { sinceMs, endsMs: Number.POSITIVE_INFINITY, asked: false, httpStatus, isTold: false, enriched: 0 };
    this.#outage = { kind: 'outage', ...draft };
    this.#look();
  }

  outageEnded(): void {
    this.#outage = undefined;
    this.#look();
  }

  /** Nothing is told any more. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Tells what is due, and comes back when something else may be. */
  #look(): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    const now = this.#options.clock.now();
    this.#lengthen(now);
    const waiting = [this.#outage, this.#pause].filter((one) => one !== undefined && !one.isTold && one.endsMs > now);
    const plans = waiting.map((one) => ({ one: one as Draft, dueMs: this.#dueMs(one as Draft, now) }));
    const [first] = plans.toSorted((a, b) => a.dueMs - b.dueMs);
    if (first === undefined) return;
    if (first.dueMs <= now) this.#tell(first.one, now);
    else this.#timer = this.#options.clock.setTimer(first.dueMs - now, () => this.#look());
  }

  /** When it can be told: once it is known to last, and the message before is old enough. */
  #dueMs({ sinceMs, endsMs }: Draft, now: number): number {
    const isLong = endsMs - sinceMs >= Stalls.LEAST_MS;
    const knownMs = endsMs === Number.POSITIVE_INFINITY ? sinceMs + Stalls.LEAST_MS : isLong ? now : endsMs;
    return Math.max(knownMs, this.#toldAt + Stalls.EVERY_MS);
  }

  /** A pause may have become longer within the same burst of answers, which is not told. */
  #lengthen(now: number): void {
    const pause = this.#pause;
    if (pause === undefined || pause.isTold) return;
    const leftMs = this.#options.pauseLeftMs();
    if (leftMs > 0) pause.endsMs = Math.max(pause.endsMs, now + leftMs);
  }

  #tell(stall: Draft, now: number): void {
    const { kind, sinceMs, endsMs, asked, httpStatus } = stall;
    stall.isTold = true;
    this.#toldAt = now;
    const leftMs = endsMs === Number.POSITIVE_INFINITY ? null : Math.round(endsMs - now);
    this.#options.tell({ kind, forMs: Math.round(now - sinceMs), leftMs, httpStatus, asked });
    this.#look();
  }
}
