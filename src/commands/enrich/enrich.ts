/** `case-tracker enrich`: calls the endpoint once per case and reports the result of every one. */

import type { Resolved } from '../../config/resolved.js';
import { Pipeline } from '../../core/run/pipeline.js';
import type { RunWatcher } from '../../core/ports.js';
import type { Host } from '../../host.js';
import { assertReadable } from '../../io/files/file-problem.js';
import { type FileOps, realFileOps } from '../../io/files/file-ops.js';
import { openClient } from './client.js';
import { conclude } from './conclusion.js';
import { Delivery } from './delivery.js';
import { dryRun } from './dry-run.js';
import { graceMs, Interruption } from './interruption.js';
import { openInputs, openLive, openResults, openWork, peekQueue, runNotifying } from './parts.js';
import { pipelineOptions } from './pipeline-options.js';
import { newRun, startedRun } from './run-info.js';
import { countAhead, stateReader } from './run-state.js';
import { openWatchers } from './watchers.js';
import { FaultAbort } from '../shared/fault-abort.js';

/**
 * Resolves with the exit code of the run; throws errors that end it before the first call.
 * @param ops the file system that results are written to.
 * @param watchers of a caller; they are told what the watchers of the command line are told.
 */
export async function run(
  settings: Resolved<'enrich'>,
  host: Host,
  ops: FileOps = realFileOps,
  watchers: readonly RunWatcher[] = [],
): Promise<number> {
  return await runNotifying(settings, host, (notifiers, over) =>
    runWatched(settings, host, ops, [...watchers, ...notifiers], over),
  );
}

/** @param over is called before the live page stays for a while. */
async function runWatched(
  settings: Resolved<'enrich'>,
  host: Host,
  ops: FileOps,
  others: readonly RunWatcher[],
  over: (exitCode: number) => void,
): Promise<number> {
  const { values } = settings;
  assertReadable(values.files, host.cwd);
  using fault = new FaultAbort(host);
  await using client = await openClient(settings, host);
  await using work = await openWork(settings, client, host);
  await using source = work?.source ?? (await openInputs(settings, host, fault.signal));
  if (values.dryRun) return await dryRun(settings, client, (await peekQueue(settings, host)) ?? source, host);

  // Before the output, which `--overwrite` empties: a taken port costs nothing then.
  await using live = await openLive(settings, host);
  await using destination = await (work?.openDestination(ops) ?? openResults(settings, host, ops));
  const begun = newRun(settings, client, host);
  using watchers = openWatchers(settings, client, host, [work?.watcher, live?.watcher, ...others]);
  const delivery = new Delivery(values, { source, destination, watcher: watchers.all });
  const options = pipelineOptions(settings, destination, delivery.watcher, begun.id, work?.options);
  const pipeline = new Pipeline(source, destination.clientOf?.(client) ?? client, options, host);
  using interruption = new Interruption(host, pipeline, graceMs(settings, host), watchers.notices);
  fault.signal.addEventListener('abort', () => pipeline.fail(fault.signal.reason));
  live?.attach(interruption, watchers.notices);
  work?.attach(pipeline, watchers);
  destination.attach?.(pipeline, (text) => watchers.notices.say(text));
  for (const text of destination.notices) watchers.notices.say(text);
  await using count = countAhead(source, settings, host, watchers.totalAfterMs);
  watchers.all.started?.(startedRun(begun), stateReader({ pipeline, delivery, interruption, count }, settings, host));
  await delivery.run(pipeline);
  await watchers.all.drained?.();
  const ended = { settings, host, begun, client, destination, delivery, pipeline, source, interruption, watchers };
  // Awaited here: otherwise client and destination would be disposed of before it ends.
  const exitCode = await conclude(ended);
  await live?.linger(() => over(exitCode));
  return exitCode;
}
