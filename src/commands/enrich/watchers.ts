/** The watchers of a run: progress, notices, the log, the CI step. */

import type { RunWatcher } from '../../core/ports.js';
import { watchAll } from '../../core/run/watch-all.js';
import type { Host } from '../../host.js';
import { GithubStep, isGithubStep } from '../../io/watch/github-step.js';
import { createLogger } from '../../io/watch/log.js';
import { Notices } from '../../io/watch/notices.js';
import { ProgressWatcher } from '../../io/watch/progress.js';
import { type ProgressMode, progressMode } from '../../io/watch/progress-display.js';
import { runLog } from '../../io/watch/run-log.js';
import { originOf } from '../../report/terminal/hints.js';
import { colorEnabled, createStyle, type Style } from '../../text/style.js';
import type { Resolved } from '../../config/resolved.js';
import type { RunClient } from './client.js';

/** The watchers of a run combined into one, and the other writers to stderr. Disposing clears timers and live lines. */
export interface Watchers extends Disposable {
  readonly all: RunWatcher;
  readonly notices: Notices;
  readonly style: Style;
  /** How long after the start of the run its total is to be known; undefined where nobody shows it. */
  readonly totalAfterMs: number | undefined;
}

/** @param others those of the queue, the live page and a caller, where there are any; they are told last. */
export function openWatchers(
  { values }: Resolved<'enrich'>,
  client: RunClient,
  host: Host,
  others: readonly (RunWatcher | undefined)[],
): Watchers {
  const { stderr: stream, clock, env } = host;
  const style = createStyle(colorEnabled(values.color, stream.isTTY, env));
  const json = values.logFormat === 'json';
  const mode = values.quiet ? 'none' : progressMode(values.progress, { isTTY: stream.isTTY, env });
  const progress = new ProgressWatcher({ stream, clock, mode, style, json });
  const display = (): ProgressWatcher['display'] => progress.display;
  const redact = (text: string): string => client.redact(text);
  const { logLevel: level, logFormat: format } = values;
  const log = createLogger({ level, format, stream, clock, style, redact, progress: display });
  const notices = new Notices({
    quiet: values.quiet,
    log: json ? log : undefined,
    stream,
    clock,
    style,
    display,
    takeNotices: () => client.takeNotices(),
    endpointHost: originOf(client.endpointName).replace(/^https?:\/\//, ''),
  });
  const operation = `${values.method} ${client.endpointName}`;
  const logged = runLog(log, { operation, leavesOutFailed: values.onFailure === 'skip' });
  const step = isGithubStep(env) ? [new GithubStep(host)] : [];
  const elsewhere = others.filter((watcher) => watcher !== undefined);
  return {
    all: watchAll([notices, progress, logged, ...step, ...elsewhere]),
    notices,
    style,
    totalAfterMs: TOTAL_AFTER_MS[mode] ?? (elsewhere.length > 0 ? COUNT_LATER_MS : undefined),
    [Symbol.dispose]: () => progress[Symbol.dispose](),
  };
}

// A log has its first line after ten seconds, and nobody opens a page sooner: a run of seconds is not slowed by counting,
// which takes a twentieth of the CPU time of its calls.
const COUNT_LATER_MS = 5_000;

const TOTAL_AFTER_MS: Readonly<Record<ProgressMode, number | undefined>> = {
  tty: 0,
  plain: COUNT_LATER_MS,
  none: undefined,
};
