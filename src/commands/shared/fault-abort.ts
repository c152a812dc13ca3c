import type { Host } from '../../host.js';

/** Aborts on an uncaught error, so that a command ends at once with that error. */
export class FaultAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #stop: () => void;

  constructor(host: Host) {
    this.#stop = host.onFault((error) => this.#controller.abort(error));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
