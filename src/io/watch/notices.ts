/** Single lines for people: what was done to files, what the client has to say, that the endpoint makes the run wait. */

import type { Clock, OutageEvent, PauseEvent, RunWatcher, TokenEvent } from '../../core/ports.js';
import type { OutputStream } from '../../host.js';
import { outageLine, pauseLine, PauseNotices } from '../../report/terminal/progress.js';
import { formatDuration } from '../../text/format.js';
import { printable } from '../../text/printable.js';
import { createStyle, type Style } from '../../text/style.js';
import type { Logger } from './log.js';
import type { ProgressDisplay } from './progress-display.js';

export interface NoticesOptions {
  /** Suppresses notices. */
  readonly quiet: boolean;
  readonly stream: OutputStream;
  readonly clock: Clock;
  readonly style: Style;
  /** Set when notices are written as log lines. */
  readonly log?: Logger | undefined;
  /** The live progress display on the same stream, if any; called for each line. */
  readonly display: () => ProgressDisplay | undefined;
  /** The client's notices since the last call. */
  readonly takeNotices: () => readonly string[];
  /** The host that makes the run wait, as `api.example.com`. */
  readonly endpointHost: string;
}

export class Notices implements RunWatcher {
  readonly #options: NoticesOptions;
  readonly #pauses = new PauseNotices();
  readonly #outages = new PauseNotices();
  #isOutageTold = false;
  #isTokenTold = false;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Writes a line. `text` may contain raw file names; `shown` is its form for a terminal. */
  say(text: string, shown = printable(text)): void {
    const { quiet, log, display, stream } = this.#options;
    if (quiet) return;
    const above = display();
    if (log !== undefined) log.warn({}, text);
    else if (above !== undefined) above.notice(shown);
    else void stream.write(`${shown}\n`);
  }

  /** Announces the first interruption, unless live lines show it already. */
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

  /** Calls wait for a token that can't be had: told once, until there is one. */
  token(event: TokenEvent): void {
    if (event.got || !event.isAwaited) this.#isTokenTold = false;
    else if (!this.#isTokenTold && event.againInMs !== null) {
      this.#isTokenTold = true;
      this.say(`no token, calls wait: ${event.message}; next try in ${formatDuration(event.againInMs)}`);
    }
  }

  /** Of an endpoint that comes and goes, one outage in ten seconds is told, and its end. */
  outage(event: OutageEvent): void {
    const { clock, endpointHost, style } = this.#options;
    if (event.change === 'began') this.#isOutageTold = this.#outages.tell(clock.now(), 0);
    const text = outageLine(event, endpointHost, createStyle(false));
    if (text !== undefined && this.#isOutageTold) this.say(text, outageLine(event, endpointHost, style));
  }
}
