/**
 * What signals do to a run: the first stops it softly, the second cancels, the third ends the process at once. A request from
 * outside does what the first signal does.
 */

import type { Timer } from '../../core/ports.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import type { StopReason } from '../../core/results/run-info.js';
import type { Host, SignalName } from '../../host.js';
import { formatCounted } from '../../text/format.js';
import { signalExitCode } from '../../verdict.js';
import type { Resolved } from '../../config/resolved.js';

/** GitHub Actions sends SIGTERM 7.5 s after SIGINT, and kills soon after: the end has to be written before that. */
const GITHUB_GRACE_MS = 7_000;

/** How long calls in flight may take after the first signal. */
export function graceMs({ values, sources }: Resolved<'enrich'>, host: Host): number {
  const isDefault = sources['grace']?.from === 'default';
  const cut = isDefault && host.env['GITHUB_ACTIONS'] ? GITHUB_GRACE_MS : Number.POSITIVE_INFINITY;
  return Math.min(values.graceMs, cut);
}

/** Milliseconds after the second signal until the process exits, even if something still hangs. */
const LAST_RESORT_MS = 2_000;

export class Interruption implements Disposable {
  readonly #host: Host;
  readonly #pipeline: Pipeline;
  readonly #graceMs: number;
  readonly #notices: { finishing(text: string): void };
  readonly #unlisten: () => void;
  readonly #timers: Timer[] = [];
  #count = 0;
  #signal: SignalName | null = null;

  /** @param graceMs how long calls in flight may take after the first signal. */
  constructor(host: Host, pipeline: Pipeline, graceMs: number, notices: { finishing(text: string): void }) {
    this.#host = host;
    this.#pipeline = pipeline;
    this.#graceMs = graceMs;
    this.#notices = notices;
    this.#unlisten = host.onSignal((signal) => this.#interrupt(signal));
  }

  /** The first signal that came, or null. */
  get signal(): SignalName | null {
    return this.#signal;
  }

  get phase(): 'running' | 'finishing' | 'cancelling' {
    return this.#count === 0 ? 'running' : this.#count === 1 ? 'finishing' : 'cancelling';
  }

  /** True once it was stopped by a request, and no signal has come. */
  get isRequested(): boolean {
    return this.#count > 0 && this.#signal === null;
  }

  /** Stops the run as the first signal does; without effect on one that is stopped already. */
  request(): void {
    if (this.#count > 0) return;
    this.#count = 1;
    this.#stop('request', 'Ctrl-C to cancel');
  }

  /** Removes the signal listeners. */
  [Symbol.dispose](): void {
    this.#unlisten();
    for (const timer of this.#timers) timer.cancel();
  }

  #interrupt(signal: SignalName): void {
    this.#signal ??= signal;
    this.#count++;
    if (this.#count === 1) this.#stop('signal', 'Ctrl-C again to cancel');
    else if (this.#count === 2) this.#cancel();
    else this.#host.die(signalExitCode(this.#signal));
  }

  #stop(reason: StopReason, how: string): void {
    const { inFlight } = this.#pipeline;
    this.#pipeline.stop(reason);
    if (inFlight > 0) this.#notices.finishing(`finishing ${formatCounted(inFlight, 'call')} (${how})`);
    this.#after(this.#graceMs, () => this.#pipeline.cancel(reason));
  }

  #cancel(): void {
    this.#pipeline.cancel('signal');
    this.#after(LAST_RESORT_MS, () => this.#host.die(signalExitCode(this.#signal ?? 'SIGINT')));
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(this.#host.clock.setTimer(ms, act));
  }
}
