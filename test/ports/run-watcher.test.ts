/** Every watcher, put through the conformance suite. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchAll } from '../../src/core/run/watch-all.js';
import { NOTIFY_EVENTS } from '../../src/core/notify-hooks.js';
import { Notifier } from '../../src/io/watch/notify/notifier.js';
import { GithubStep } from '../../src/io/watch/github-step.js';
import { createLogger, type Logger, type LogLevel } from '../../src/io/watch/log.js';
import { Notices } from '../../src/io/watch/notices.js';
import { ProgressWatcher } from '../../src/io/watch/progress.js';
import type { ProgressMode } from '../../src/io/watch/progress-display.js';
import { runLog } from '../../src/io/watch/run-log.js';
import { LiveFeed } from '../../src/io/web/live-feed.js';
import { createStyle } from '../../src/text/style.js';
import { temporaryFolder } from '../helpers/folder.js';
import { fakeHost } from '../helpers/fake-host.js';
import { FakeSocket } from '../helpers/fake-socket.js';
import { FakeClock } from '../helpers/clock.js';
import { conforms } from './checks.js';
import { type WatcherSubject, watcherChecks } from './run-watcher.js';

const style = createStyle(false);

conforms('progress on a terminal', watcherChecks, () => subject((rig) => progressOf(rig, 'tty')));
conforms('progress in plain lines', watcherChecks, () => subject((rig) => progressOf(rig, 'plain')));
conforms('progress in lines of JSON', watcherChecks, () => subject((rig) => progressOf(rig, 'plain', true)));
conforms('no progress', watcherChecks, () => subject((rig) => progressOf(rig, 'none')));

conforms('notices', watcherChecks, () => subject((rig) => noticesOf(rig)));
conforms('notices in the log', watcherChecks, () =>
  subject((rig) => {
    const log = logOf(rig, 'info');
    return watchAll([noticesOf(rig, log), runLog(log, LOGGED)]);
  }),
);

conforms('the log of a run', watcherChecks, () => subject((rig) => runLog(logOf(rig, 'info'), LOGGED)));
conforms('the log of every attempt', watcherChecks, () => subject((rig) => runLog(logOf(rig, 'debug'), LOGGED)));

conforms('a step of GitHub Actions', watcherChecks, () => {
  const file = join(temporaryFolder(), 'summary.md');
  const { shown, ...rest } = subject(({ fake }) => new GithubStep(fake.host), { GITHUB_STEP_SUMMARY: file });
  return { ...rest, shown: () => shown() + (existsSync(file) ? readFileSync(file, 'utf8') : '') };
});

// Nobody listens on that port: what it sends is lost, which is nobody's concern.
const LOST = { url: 'http://127.0.0.1:1/hook', origin: 'http://127.0.0.1:1', on: NOTIFY_EVENTS };

conforms('notifications', watcherChecks, () =>
  subject(({ clock }) => {
    const redact = (text: string): string => text;
    return new Notifier({ hooks: [LOST], clock, userAgent: 'case-tracker', proxyOf: () => undefined, redact });
  }),
);
conforms('the live page, one who watches', watcherChecks, () => liveSubject(1));
conforms('the live page, nobody there', watcherChecks, () => liveSubject(0));

conforms('several watchers as one', watcherChecks, () =>
  subject((rig) => {
    const progress = progressOf(rig, 'tty');
    const log = logOf(rig, 'debug', progress);
    return watchAll([
      noticesOf(rig, undefined, progress),
      progress,
      runLog(log, LOGGED),
      new GithubStep(rig.fake.host),
    ]);
  }),
);

function liveSubject(count: number): WatcherSubject {
  const clock = new FakeClock();
  const feed = new LiveFeed({ clock });
  const sockets = Array.from({ length: count }, () => new FakeSocket());
  for (const socket of sockets) feed.join(socket);
  const loseReader = (): void => sockets.forEach((socket) => (socket.isBroken = true));
  return { watcher: feed.watcher, clock, shown: () => sockets.flatMap(({ texts }) => texts).join('\n'), loseReader };
}

const LOGGED = { operation: 'GET https://api.example.com/{id}', leavesOutFailed: true };

interface Rig {
  readonly fake: ReturnType<typeof fakeHost>;
  readonly clock: FakeClock;
}

function subject(make: (rig: Rig) => WatcherSubject['watcher'], env: Record<string, string> = {}): WatcherSubject {
  const clock = new FakeClock();
  const fake = fakeHost({ clock, env, stderrTTY: true });
  return { watcher: make({ fake, clock }), clock, shown: () => fake.stderr(), loseReader: () => fake.closeStderr() };
}

function progressOf({ fake, clock }: Rig, mode: ProgressMode, json = false): ProgressWatcher {
  return new ProgressWatcher({ stream: fake.host.stderr, clock, mode, style, json });
}

function logOf({ fake, clock }: Rig, level: LogLevel, progress?: ProgressWatcher): Logger {
  const shown = { stream: fake.host.stderr, clock, style, redact: (text: string) => text };
  return createLogger({ level, format: 'auto', ...shown, progress: () => progress?.display });
}

function noticesOf({ fake, clock }: Rig, log?: Logger, progress?: ProgressWatcher): Notices {
  const takeNotices = (): string[] => ['2 cases have the same id'];
  const shown = { stream: fake.host.stderr, clock, style, takeNotices, endpointHost: 'api.example.com' };
  return new Notices({ quiet: false, log, ...shown, display: () => progress?.display });
}
