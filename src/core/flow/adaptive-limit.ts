/** The measurements between two decisions about the limit. */
interface Window {
  readonly startedAt: number;
  samples: number;
  /** Sum of the latencies' logarithms: gives their geometric mean, which a few slow calls hardly change. */
  sumOfLogs: number;
  /** True when the limit was reached: as many calls were in flight as it allows. */
  limitReached: boolean;
  loadShed: boolean;
}

/**
 * Finds how many calls at once an endpoint can take: doubles while latency holds (slow start, as in TCP), then grows
 * slowly, shrinks when latency grows against its own baseline or the endpoint sheds load. After the Gradient limit of
 * Netflix's concurrency-limits, with the probe of TCP Vegas that measures the baseline again without our own queue. Fast
 * errors never raise it: only successes are measured.
 */
export class AdaptiveLimit {
  static readonly START = 4;

  readonly #max: number;
  /** The limit before it is rounded down. */
  #exactLimit: number;
  #isSlowStart = true;
  /** The limit under which the endpoint last shed load. */
  #shedLimit: number;
  /** Latency without a queue; null before the first window has ended. */
  #baselineMs: number | null = null;
  /** Latency of the last window. */
  #rttMs = 0;
  #window: Window;
  #slowWindows = 0;
  /** Slow windows in a row with next to nothing in flight. */
  #slowIdleWindows = 0;
  /** After a cut nothing is measured until this time: those calls still stood in the queue. */
  #restUntil = Number.NEGATIVE_INFINITY;
  #lastShedAt = Number.NEGATIVE_INFINITY;
  #lastCutAt = Number.NEGATIVE_INFINITY;
  #holdUntil = Number.NEGATIVE_INFINITY;
  #lastProbeAt: number;
  #probeWindowsLeft = 0;
  /** The limit to return to after the probe. */
  #limitBeforeProbe = 0;

  /** @param max the most calls at once; @param now the time of the run's clock, in milliseconds. */
  constructor(max: number, now: number) {
    this.#max = max;
    this.#exactLimit = Math.min(AdaptiveLimit.START, max);
    this.#shedLimit = max;
    this.#window = newWindow(now);
    this.#lastProbeAt = now;
  }

  /** Calls that may be in flight now, at least 1. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#exactLimit));
  }

  /** No new call before this time: the endpoint has just shed load. */
  get holdUntil(): number {
    return this.#holdUntil;
  }

  /** A call was started; `inFlight` counts it. */
  started(inFlight: number): void {
    if (inFlight >= this.limit) this.#window.limitReached = true;
  }

  /** A call succeeded after `rttMs`. */
  succeeded(now: number, rttMs: number): void {
    if (now < this.#restUntil) return;
    const window = this.#window;
    window.samples++;
    window.sumOfLogs += Math.log(Math.max(0.01, rttMs));
    this.#rttMs ||= rttMs;
    if (now - window.startedAt >= this.#rttMs && window.samples >= this.#samplesWanted()) this.#endWindow(now);
  }

  /** The endpoint turned a call away (429, 503, connect timeout, reset). */
  shed(now: number): void {
    this.#lastShedAt = now;
    this.#window.loadShed = true;
    this.#holdUntil = now + 0.75 * Math.max(50, this.#rttMs);
    if (now - this.#lastCutAt < Math.max(2 * this.#rttMs, 100)) return;
    this.#lastCutAt = now;
    this.#isSlowStart = false;
    this.#shedLimit = this.#exactLimit;
    this.#exactLimit = Math.max(1, this.#exactLimit * 0.85);
  }

  #samplesWanted(): number {
    return this.#isSlowStart ? Math.max(16, 2 * this.#exactLimit) : clamp(2 * this.#exactLimit, 20, 64);
  }

  #endWindow(now: number): void {
    const window = this.#window;
    const rttMs = Math.exp(window.sumOfLogs / window.samples);
    this.#rttMs = rttMs;
    if (this.#probeWindowsLeft > 0) this.#endProbeWindow(now, rttMs);
    else this.#adjust(now, rttMs, window);
    this.#window = newWindow(now);
  }

  #adjust(now: number, rttMs: number, { limitReached, loadShed }: Window): void {
    const baselineMs = this.#lowerBaseline(rttMs);
    if (rttMs > 1.6 * baselineMs + 5) return this.#adjustToSlow(now, rttMs, baselineMs);
    this.#slowWindows = 0;
    this.#slowIdleWindows = 0;
    if (limitReached && !loadShed) this.#grow(now, rttMs);
    if (now - this.#lastProbeAt >= Math.max(10_000, 30 * rttMs)) this.#beginProbe(now);
  }

  /** The baseline follows latency down slowly, never up: it exists to detect growth. */
  #lowerBaseline(rttMs: number): number {
    const baselineMs = this.#baselineMs ?? rttMs;
    this.#baselineMs = rttMs < baselineMs ? baselineMs + 0.1 * (rttMs - baselineMs) : baselineMs;
    return this.#baselineMs;
  }

  #adjustToSlow(now: number, rttMs: number, baselineMs: number): void {
    this.#slowIdleWindows = this.#exactLimit <= 3 ? this.#slowIdleWindows + 1 : 0;
    if (this.#slowIdleWindows >= 3) {
      // Not caused by our own queue: the endpoint has become slower.
      this.#baselineMs = rttMs;
      this.#slowIdleWindows = 0;
      return;
    }
    // One slow window may be chance.
    if (++this.#slowWindows < 2) return;
    this.#slowWindows = 0;
    this.#isSlowStart = false;
    const cut = this.#exactLimit * clamp((1.3 * baselineMs) / rttMs, 0.6, 0.95);
    this.#exactLimit = Math.min(this.#exactLimit, Math.max(2, cut));
    this.#restUntil = now + 2 * rttMs;
  }

  #grow(now: number, rttMs: number): void {
    if (this.#isSlowStart) this.#exactLimit = Math.min(this.#max, this.#exactLimit * 2);
    else if (this.#isBelowShedLimit(now, rttMs)) {
      this.#exactLimit = Math.min(this.#max, this.#exactLimit + Math.max(1, 0.05 * this.#exactLimit));
    }
  }

  /** False close to where the endpoint last shed load, unless that is long ago. */
  #isBelowShedLimit(now: number, rttMs: number): boolean {
    return this.#exactLimit + 1 < 0.95 * this.#shedLimit || now - this.#lastShedAt > Math.max(2_000, 20 * rttMs);
  }

  #beginProbe(now: number): void {
    this.#lastProbeAt = now;
    if (this.#isSlowStart || this.#exactLimit < 4) return;
    this.#limitBeforeProbe = this.#exactLimit;
    this.#exactLimit /= 2;
    this.#probeWindowsLeft = 2;
  }

  #endProbeWindow(now: number, rttMs: number): void {
    if (--this.#probeWindowsLeft > 0) return;
    const baselineMs = this.#baselineMs ?? rttMs;
    this.#baselineMs = (baselineMs + Math.min(rttMs, 2 * baselineMs)) / 2;
    // Load shed during the probe has already cut the halved limit: do not jump back over that.
    if (this.#lastCutAt < this.#lastProbeAt) this.#exactLimit = this.#limitBeforeProbe;
    this.#lastProbeAt = now;
  }
}

function newWindow(startedAt: number): Window {
  return { startedAt, samples: 0, sumOfLogs: 0, limitReached: false, loadShed: false };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
