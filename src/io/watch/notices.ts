/** Single lines for people: what was done to files, what the client has to say, that the endpoint makes the run wait. */

import type { Clock, PauseEvent, RunWatcher } from '../../core/ports.js';
import type { OutputStream } from '../../host.js';
import { pauseLine, PauseNotices } from '../../report/terminal/progress.js';
import { printable } from '../../text/printable.js';
import { createStyle, type Style } from '../../text/style.js';
import type { Logger } from './log.js';
import type { ProgressDisplay } from './progress-display.js';

export interface NoticesOptions {
  /** Says nothing. */
  readonly quiet: boolean;
  readonly stream: OutputStream;
  readonly clock: Clock;
  readonly style: Style;
  /** There when notices are lines of the log. */
  readonly log?: Logger | undefined;
  /** What is shown on the same stream now, asked for each line. */
  readonly display: () => ProgressDisplay | undefined;
  /** What the client has to say since it was last asked. */
  readonly takeNotices: () => readonly string[];
  /** Who makes the run wait: `api.example.com`. */
  readonly endpointHost: string;
}

export class Notices implements RunWatcher {
  readonly #options: NoticesOptions;
  readonly #pauses = new PauseNotices();

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Says a line. `text` may have names of files in it: `shown` is what a terminal gets. */
  say(text: string, shown = printable(text)): void {
    const { quiet, log, display, stream } = this.#options;
    if (quiet) return;
    const above = display();
    if (log !== undefined) log.warn({}, text);
    else if (above !== undefined) above.notice(shown);
    else void stream.write(`${shown}\n`);
  }

  /** The first interruption, where live lines do not tell it already. */
  finishing(text: string): void {
    if (this.#options.display()?.isLive !== true) this.say(text);
  }

  delivered(): void {
    for (const text of this.#options.takeNotices()) this.say(printable(text));
  }

  paused({ ms, asked, outcome }: PauseEvent): void {
    const { clock, endpointHost, style } = this.#options;
    if (!this.#pauses.tell(clock.now(), ms)) return;
    const httpStatus = outcome.ok ? 0 : (outcome.failure.httpStatus ?? 0);
    const pause = { host: endpointHost, httpStatus, waitMs: ms, asked };
    this.say(pauseLine(pause, createStyle(false)), pauseLine(pause, style));
  }
}
