/**
 * Finds how many calls at once an endpoint can take: doubles while latency holds, then grows slowly, shrinks when
 * latency grows against its own baseline or the endpoint sheds load. Gradient-like, with a probe that re-measures the
 * baseline without our own queue. Fast errors never raise it: only successes are measured.
 */
export class AdaptiveLimit {
  static readonly START = 4;

  readonly #max: number;
  /** The limit as a real number; in force is its floor. */
  #f: number;
  #slowStart = true;
  #shedLimit: number;
  #base: number | null = null;
  #rtt = 0;
  #window = { startedAt: 0, samples: 0, sumLn: 0, reached: false, shed: false };
  #slowWindows = 0;
  #slowAtFloor = 0;
  #restUntil = Number.NEGATIVE_INFINITY;
  #lastShedAt = Number.NEGATIVE_INFINITY;
  #lastCutAt = Number.NEGATIVE_INFINITY;
  #holdUntil = Number.NEGATIVE_INFINITY;
  #probedAt: number;
  #probeWindows = 0;
  #probeReturn = 0;

  /** @param max the most calls at once; @param now the time of the run's clock, in milliseconds. */
  constructor(max: number, now: number) {
    this.#max = max;
    this.#f = Math.min(AdaptiveLimit.START, max);
    this.#shedLimit = max;
    this.#window.startedAt = now;
    this.#probedAt = now;
  }

  /** Calls that may be in flight now, at least 1. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#f));
  }

  /** No new call before this time: the endpoint has just shed load. */
  get holdUntil(): number {
    return this.#holdUntil;
  }

  /** A call was started; `inFlight` counts it. */
  started(inFlight: number): void {
    if (inFlight >= this.limit) this.#window.reached = true;
  }

  /** A call succeeded after `rttMs`. */
  succeeded(now: number, rttMs: number): void {
    if (now < this.#restUntil) return;
    const window = this.#window;
    window.samples++;
    window.sumLn += Math.log(Math.max(0.01, rttMs));
    this.#rtt ||= rttMs;
    if (now - window.startedAt >= this.#rtt && window.samples >= this.#samplesWanted()) this.#endWindow(now);
  }

  /** The endpoint turned a call away (429, 503, connect timeout, reset). */
  shed(now: number): void {
    this.#lastShedAt = now;
    this.#window.shed = true;
    this.#holdUntil = now + 0.75 * Math.max(50, this.#rtt);
    if (now - this.#lastCutAt < Math.max(2 * this.#rtt, 100)) return;
    this.#lastCutAt = now;
    this.#slowStart = false;
    this.#shedLimit = this.#f;
    this.#f = Math.max(1, this.#f * 0.85);
  }

  #samplesWanted(): number {
    return this.#slowStart ? Math.max(16, 2 * this.#f) : clamp(2 * this.#f, 20, 64);
  }

  #endWindow(now: number): void {
    const cur = Math.exp(this.#window.sumLn / this.#window.samples);
    const { reached, shed } = this.#window;
    this.#rtt = cur;
    if (this.#probeWindows > 0) this.#endProbeWindow(now, cur);
    else this.#adjust(now, cur, reached, shed);
    this.#window = { startedAt: now, samples: 0, sumLn: 0, reached: false, shed: false };
  }

  #adjust(now: number, cur: number, reached: boolean, shed: boolean): void {
    this.#base ??= cur;
    if (cur < this.#base) this.#base += 0.1 * (cur - this.#base);
    if (cur > 1.6 * this.#base + 5) return this.#slower(now, cur);
    this.#slowWindows = 0;
    this.#slowAtFloor = 0;
    if (reached && !shed) this.#grow(now, cur);
    if (now - this.#probedAt >= Math.max(10_000, 30 * cur)) this.#beginProbe(now);
  }

  #slower(now: number, cur: number): void {
    const base = this.#base ?? cur;
    this.#slowAtFloor = this.#f <= 3 ? this.#slowAtFloor + 1 : 0;
    if (this.#slowAtFloor >= 3) {
      // Three windows with next to nothing in flight: it is not our queue, the endpoint has become slower.
      this.#base = cur;
      this.#slowAtFloor = 0;
      return;
    }
    if (++this.#slowWindows < 2) return;
    this.#slowWindows = 0;
    this.#slowStart = false;
    this.#f = Math.min(this.#f, Math.max(2, this.#f * clamp((1.3 * base) / cur, 0.6, 0.95)));
    this.#restUntil = now + 2 * cur;
  }

  #grow(now: number, cur: number): void {
    if (this.#slowStart) this.#f = Math.min(this.#max, this.#f * 2);
    else if (this.#f + 1 < 0.95 * this.#shedLimit || now - this.#lastShedAt > Math.max(2_000, 20 * cur)) {
      this.#f = Math.min(this.#max, this.#f + Math.max(1, 0.05 * this.#f));
    }
  }

  #beginProbe(now: number): void {
    this.#probedAt = now;
    if (this.#slowStart || this.#f < 4) return;
    this.#probeReturn = this.#f;
    this.#f /= 2;
    this.#probeWindows = 2;
  }

  #endProbeWindow(now: number, cur: number): void {
    if (--this.#probeWindows > 0) return;
    const base = this.#base ?? cur;
    this.#base = (base + Math.min(cur, 2 * base)) / 2;
    // Load shed during the probe has already cut the halved limit: do not jump back over that.
    this.#f = this.#lastCutAt >= this.#probedAt ? this.#f : this.#probeReturn;
    this.#probedAt = now;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
