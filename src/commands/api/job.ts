/** One run of the API: an `enrich` within this process. */

import type { Resolved } from '../../config/resolved.js';
import type { RunWatcher } from '../../core/ports.js';
import type { Threshold } from '../../core/run/stop-rules.js';
import { exitCodeOfError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { FileOps } from '../../io/files/file-ops.js';
import type { JobEnd, StartedJob } from '../../io/web/api/run-queue.js';
import { LiveFeed } from '../../io/web/live-feed.js';
import { errorText } from '../shared/error-text.js';
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
  const feed = new LiveFeed({ clock: host.clock, allowed: options.allowed });
  const work = runEnrich(options, host, feed.watcher, log);
  const hung = died.then((exitCode): JobEnd => ({ exitCode, message: HUNG }));
  const ended = Promise.race([work, hung]).finally(() => {
    feed[Symbol.dispose]();
    log[Symbol.dispose]();
  });
  // The first signal stops softly, the second one cancels.
  let signals = 0;
  const sendUpTo = (count: number): void => {
    for (; signals < count; signals++) signal('SIGTERM');
  };
  return { feed, ended, stop: () => sendUpTo(1), cancel: () => sendUpTo(Math.max(2, signals + 1)) };
}

const HUNG = 'the run was cancelled and did not end: something in it hangs';

/** Never rejects: an error that ends the run goes into its log, and to those who ask. */
async function runEnrich(options: JobOptions, host: Host, watcher: RunWatcher, log: RunLog): Promise<JobEnd> {
  let { secrets } = options;
  try {
    const settings = options.settings();
    secrets = [...secrets, ...settings.secrets];
    const enrich = await options.loadEnrich();
    return { exitCode: await enrich.run(settings, host, options.ops, [watcher]) };
  } catch (error) {
    const text = errorText(error, secrets);
    log.write(text);
    const [first = ''] = text.split('\n');
    return { exitCode: exitCodeOfError(error), message: first.replace(/^error: /, '') };
  }
}
