import type { Host, SignalName } from '../../host.js';

/** Aborts at the first signal, so that work in progress can be taken back before the process ends. */
export class SignalAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #stop: () => void;
  #received: SignalName | undefined;

  constructor(host: Host) {
    this.#stop = host.onSignal((name) => {
      this.#received ??= name;
      this.#controller.abort(new Error(`stopped by ${name}`));
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first one; undefined when there was none. */
  get received(): SignalName | undefined {
    return this.#received;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
