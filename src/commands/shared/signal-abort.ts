import type { Host, SignalName } from '../../host.js';

/** Aborts at the first signal or uncaught error, so that partial output can be removed before the process ends. */
export class SignalAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #stops: readonly (() => void)[];
  #received: SignalName | undefined;

  constructor(host: Host) {
    this.#stops = [
      host.onSignal((name) => {
        this.#received ??= name;
        this.#controller.abort(new Error(`stopped by ${name}`));
      }),
      host.onFault((error) => this.#controller.abort(error)),
    ];
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first one; undefined when there was none. */
  get received(): SignalName | undefined {
    return this.#received;
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}
