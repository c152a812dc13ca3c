/** `--live`: a page that shows the run in browsers while it goes on. */

import type { Resolved } from '../../config/resolved.js';
import type { RunWatcher } from '../../core/ports.js';
import type { Host } from '../../host.js';
import { LiveFeed } from '../../io/web/live-feed.js';
import { liveRoutes, liveSockets, OPEN_PATHS } from '../../io/web/live-routes.js';
import { openWebServer, type WebServer } from '../../io/web/server.js';
import { newToken } from '../../io/web/token.js';
import { formatDuration } from '../../text/format.js';
import { VERSION } from '../../version.js';
import { pageScript } from '../shared/page-script.js';
import type { Interruption } from './interruption.js';

type Say = { say(text: string): void };

/** The server of the page, open until it is disposed of. */
export class LivePage implements AsyncDisposable {
  readonly #settings: Resolved<'enrich'>;
  readonly #host: Host;
  readonly #feed: LiveFeed;
  readonly #token: string;
  #server: WebServer | undefined;
  #interruption: Interruption | undefined;
  #notices: Say | undefined;
  #bug: unknown;

  constructor(settings: Resolved<'enrich'>, host: Host) {
    const { allowFailures: allowed, liveToken } = settings.values;
    this.#settings = settings;
    this.#host = host;
    this.#feed = new LiveFeed({ clock: host.clock, allowed });
    this.#token = liveToken ?? newToken();
  }

  get watcher(): RunWatcher {
    return this.#feed.watcher;
  }

  /** Listens. Throws a UsageError when the port is taken, or the host is none of this machine. */
  async open(): Promise<this> {
    const { livePort: port, liveHost: host, liveControl } = this.#settings.values;
    const routes = liveRoutes({
      feed: this.#feed,
      script: pageScript('live'),
      version: VERSION,
      stop: liveControl ? () => this.#interruption?.request() : null,
    });
    this.#server = await openWebServer({
      host,
      port,
      token: this.#token,
      fetch: (request) => routes.fetch(request),
      socketRoute: liveSockets(this.#feed),
      openPaths: OPEN_PATHS,
      clock: this.#host.clock,
      onBug: (error) => this.#noteBug(error),
    });
    return this;
  }

  /** The run is about to begin: says where the page is. */
  attach(interruption: Interruption, notices: Say): void {
    this.#interruption = interruption;
    this.#notices = notices;
    this.#announce(`${this.#server?.url}/#${this.#token}`);
  }

  /**
   * Resolves when nobody can expect to find the page any more: after `--live-linger`, or at a signal, also before the end.
   * @param begins is called when the page stays.
   */
  async linger(begins: () => void): Promise<void> {
    const { liveLingerMs: ms } = this.#settings.values;
    // Who has ended the run by a signal wants the process to end, and systemd would kill it.
    if (ms === 0 || !this.#feed.hasEnded || this.#interruption?.signal != null) return;
    // A signal has nothing more to stop.
    this.#interruption?.[Symbol.dispose]();
    this.#notices?.say(`the page stays for ${formatDuration(ms)} (Ctrl-C ends it)`);
    begins();
    await new Promise<void>((resolve) => {
      const timer = this.#host.clock.setTimer(ms, done);
      const unlisten = this.#host.onSignal(done);
      function done(): void {
        timer.cancel();
        unlisten();
        resolve();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed[Symbol.dispose]();
    await this.#server?.[Symbol.asyncDispose]();
  }

  /** Also with --quiet, as it is what --live is for. The one place that shows the token: it never goes through the log. */
  #announce(url: string): void {
    const { logFormat } = this.#settings.values;
    const time = new Date(this.#host.clock.wallNow()).toISOString();
    const line = logFormat === 'json' ? JSON.stringify({ level: 'info', time, msg: 'live page', url }) : `live: ${url}`;
    void this.#host.stderr.write(`${line}\n`).catch(() => {});
  }

  /** A request that has met a bug gets a 500; the run is told once and goes on. */
  #noteBug(error: unknown): void {
    if (this.#bug !== undefined) return;
    this.#bug = error;
    this.#notices?.say(`the live page has met a bug in case-tracker, the run goes on: ${String(error)}`);
  }
}

/** Opens the page of a run that has not begun. */
export function openLivePage(settings: Resolved<'enrich'>, host: Host): Promise<LivePage> {
  return new LivePage(settings, host).open();
}
