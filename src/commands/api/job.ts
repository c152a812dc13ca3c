/** One run of the API: an `enrich` within this process. */

import type { Resolved } from '../../config/resolved.js';
import type { RunWatcher } from '../../core/ports.js';
import type { RunEnd } from '../../core/results/run-end.js';
import type { Threshold } from '../../core/run/stop-rules.js';
import { exitCodeOfError, renderError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { FileOps } from '../../io/files/file-ops.js';
import { createRedactor } from '../../io/secrets/redact.js';
import type { JobEnd, StartedJob } from '../../io/web/api/run-queue.js';
import { LiveFeed } from '../../io/web/live-feed.js';
import { printable } from '../../text/printable.js';
import { runHost } from './run-host.js';
import { RunLog } from './run-log.js';

/** The `run` of `enrich`. */
export type EnrichRun = (
  settings: Resolved<'enrich'>,
  host: Host,
  ops: FileOps,
  watchers: readonly RunWatcher[],
) => Promise<number>;

export interface JobOptions {
  /** Throws a UsageError when the operator's configuration does not work any more. */
  readonly settings: () => Resolved<'enrich'>;
  /** How many failures are no failure, for the verdict so far. */
  readonly allowed: Threshold;
  readonly loadEnrich: () => Promise<{ readonly run: EnrichRun }>;
  readonly logPath: string;
  readonly host: Host;
  readonly ops: FileOps;
  /** Secrets that no message may show, whatever became of the settings. */
  readonly secrets: readonly string[];
}

/** Starts it. */
export function startJob(options: JobOptions): StartedJob {
  const log = new RunLog(options.logPath, options.ops);
  const { host, signal, died } = runHost(options.host, (text) => log.write(text));
  const feed = new JobFeed(host, options.allowed);
  const work = runEnrich(options, host, feed).catch((error: unknown) => failure(error, options, log));
  const hung = died.then((exitCode): JobEnd => ({ ...NOTHING, exitCode, message: HUNG }));
  const ended = Promise.race([work, hung]).finally(() => {
    feed[Symbol.dispose]();
    log[Symbol.dispose]();
  });
  // The first signal stops softly, the second one cancels.
  let signals = 0;
  const sendUpTo = (count: number): void => {
    for (; signals < count; signals++) signal('SIGTERM');
  };
  return { feed: feed.live, ended, stop: () => sendUpTo(1), cancel: () => sendUpTo(Math.max(2, signals + 1)) };
}

const NOTHING = { run: null, summary: null };
const HUNG = 'the run was cancelled and did not end: something in it hangs';

async function runEnrich(options: JobOptions, host: Host, feed: JobFeed): Promise<JobEnd> {
  const { loadEnrich, ops } = options;
  const settings = options.settings();
  const enrich = await loadEnrich();
  const exitCode = await enrich.run(settings, host, ops, [feed.live.watcher, feed.watcher]);
  return { exitCode, run: feed.end?.run ?? null, summary: feed.end?.summary ?? null };
}

/** The error of a run that could not go on, for its log and for those who ask. */
function failure(error: unknown, { secrets, settings }: JobOptions, log: RunLog): JobEnd {
  const redactor = createRedactor([...secrets, ...secretsOf(settings)]);
  const text = renderError(error, { shown: (line) => printable(redactor.redact(line)) });
  log.write(text);
  const [first = ''] = text.split('\n');
  return { ...NOTHING, exitCode: exitCodeOfError(error), message: first.replace(/^error: /, '') };
}

function secretsOf(settings: () => Resolved<'enrich'>): readonly string[] {
  try {
    return settings().secrets;
  } catch {
    return [];
  }
}

/** What is known of the run: for those who follow it, and how it ended. */
class JobFeed implements Disposable {
  readonly live: LiveFeed;
  readonly watcher: RunWatcher = { ended: (end) => void (this.end = end) };
  end: RunEnd | undefined;

  constructor({ clock }: Host, allowed: Threshold) {
    this.live = new LiveFeed({ clock, allowed });
  }

  [Symbol.dispose](): void {
    this.live[Symbol.dispose]();
  }
}
