/** What signals do to a run: the first stops it softly, the second cancels, the third ends the process at once. */

import type { Timer } from '../../core/case.js';
import type { Pipeline } from '../../core/pipeline.js';
import type { Host, SignalName } from '../../host.js';
import { signalExitCode } from '../../verdict.js';

/** So long after the second signal the process ends, whatever still hangs. */
const LAST_RESORT_MS = 2_000;

export class Interruption {
  readonly #host: Host;
  readonly #pipeline: Pipeline;
  readonly #graceMs: number;
  readonly #notify: (notice: string) => void;
  readonly #unlisten: () => void;
  readonly #timers: Timer[] = [];
  #count = 0;
  #signal: SignalName | null = null;

  /** @param graceMs how long calls in flight may take after the first signal. */
  constructor(host: Host, pipeline: Pipeline, graceMs: number, notify: (notice: string) => void) {
    this.#host = host;
    this.#pipeline = pipeline;
    this.#graceMs = graceMs;
    this.#notify = notify;
    this.#unlisten = host.onSignal((signal) => this.#interrupt(signal));
  }

  /** The first signal that came, or null. */
  get signal(): SignalName | null {
    return this.#signal;
  }

  /** Listens no longer. */
  close(): void {
    this.#unlisten();
    for (const timer of this.#timers) timer.cancel();
  }

  #interrupt(signal: SignalName): void {
    this.#signal ??= signal;
    this.#count++;
    if (this.#count === 1) this.#stop();
    else if (this.#count === 2) this.#cancel();
    else this.#host.die(signalExitCode(this.#signal));
  }

  #stop(): void {
    const { inFlight } = this.#pipeline;
    this.#pipeline.stop('signal');
    if (inFlight > 0)
      this.#notify(`finishing ${inFlight} ${inFlight === 1 ? 'call' : 'calls'} (Ctrl-C again to cancel)`);
    this.#after(this.#graceMs, () => this.#pipeline.cancel('signal'));
  }

  #cancel(): void {
    this.#pipeline.cancel('signal');
    this.#after(LAST_RESORT_MS, () => this.#host.die(signalExitCode(this.#signal ?? 'SIGINT')));
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(this.#host.clock.setTimer(ms, act));
  }
}
