/** `case-tracker enrich`: calls the endpoint once per case and reports the result of every one. */

import type { Resolved } from '../../config/resolved.js';
import { Pipeline } from '../../core/run/pipeline.js';
import type { CaseSource, RunWatcher } from '../../core/ports.js';
import type { Host } from '../../host.js';
import { assertReadable } from '../../io/files/file-problem.js';
import { type FileOps, realFileOps } from '../../io/files/file-ops.js';
import { type FileSource, openSource } from '../../io/sources/file/file-source.js';
import { watchAll } from '../../core/run/watch-all.js';
import { openClient, proxyTo, type RunClient } from './client.js';
import { conclude } from './conclusion.js';
import { Delivery } from './delivery.js';
import { type Destination, openDestination } from './destination.js';
import { dryRun } from './dry-run.js';
import { graceMs, Interruption } from './interruption.js';
import { pipelineOptions } from './pipeline-options.js';
import type { QueueWork } from './queue-work.js';
import type { LivePage } from './live.js';
import { newRun } from './run-info.js';
import { countAhead, stateReader } from './run-state.js';
import { openWatchers } from './watchers.js';
import { tablesOf } from '../shared/tables.js';
import { isTableUrl } from '../../text/table-url.js';
import { FaultAbort } from '../shared/fault-abort.js';
import { readOptions, selectionOf } from '../shared/reading.js';

/**
 * Resolves with the exit code of the run; throws errors that end it before the first call.
 * @param ops the file system that results are written to.
 * @param extraWatchers of a caller; they are told what the watchers of the command line are told.
 */
export async function run(
  settings: Resolved<'enrich'>,
  host: Host,
  ops: FileOps = realFileOps,
  extraWatchers: readonly RunWatcher[] = [],
): Promise<number> {
  const { notify, dryRun: isDry } = settings.values;
  if (notify.length === 0 || isDry) return await runWatched(settings, host, ops, extraWatchers);
  const { withNotifications } = await import('./notifications.js');
  const proxy = (origin: string): ReturnType<typeof proxyTo> => proxyTo(origin, host.env);
  return await withNotifications(settings, host, proxy, (watcher) =>
    runWatched(settings, host, ops, [...extraWatchers, watcher]),
  );
}

async function runWatched(
  settings: Resolved<'enrich'>,
  host: Host,
  ops: FileOps,
  extraWatchers: readonly RunWatcher[],
): Promise<number> {
  const { values } = settings;
  assertReadable(values.files, host.cwd);
  using fault = new FaultAbort(host);
  await using client = await openClient(settings, host);
  const tables = await tablesOf(values.files, values, host);
  const reading = { ...readOptions(values, selectionOf(values), host), ...tables, showInvalid: values.strict };
  await using work = await workOf(settings, client, host);
  await using source = work?.source ?? (await knownFields(openSource({ ...reading, signal: fault.signal }), values));
  if (values.dryRun) return await dryRun(settings, client, (await peeked(settings, host)) ?? source, host);

  // Before the output, which `--overwrite` empties: a taken port costs nothing then.
  await using live = await livePage(settings, host);
  const others = live === undefined ? extraWatchers : [...extraWatchers, live.watcher];
  await using destination = await (work?.openDestination(ops) ?? destinationOf(settings, host, ops));
  const begun = newRun(settings, client, host);
  using watchers = openWatchers(settings, client, host, others);
  const watcher = work === undefined ? watchers.all : watchAll([work.watcher, watchers.all]);
  const delivery = new Delivery(values, { source, destination, watcher });
  const options = pipelineOptions(settings, destination, delivery.watcher, begun.id, work?.options);
  const pipeline = new Pipeline(source, destination.clientOf?.(client) ?? client, options, host);
  using interruption = new Interruption(host, pipeline, graceMs(settings, host), watchers.notices);
  fault.signal.addEventListener('abort', () => pipeline.fail(fault.signal.reason));
  live?.attach(interruption, watchers.notices);
  work?.attach(pipeline, watchers);
  destination.attach?.(pipeline, (text) => watchers.notices.say(text));
  for (const text of destination.notices) watchers.notices.say(text);
  await using count = countAhead(source, settings, host, watchers.mode, others.length > 0);
  watchers.all.started?.(begun, stateReader({ pipeline, delivery, interruption, count }, settings, host));
  await delivery.run(pipeline);
  await watchers.all.drained?.();
  // Awaited here: otherwise client and destination would be disposed of before it ends.
  const exitCode = await conclude({
    settings,
    host,
    begun,
    client,
    destination,
    delivery,
    pipeline,
    source,
    interruption,
    watchers,
  });
  await live?.linger();
  return exitCode;
}

/** The page that shows the run in browsers; undefined where nobody has asked for it. */
async function livePage(settings: Resolved<'enrich'>, host: Host): Promise<LivePage | undefined> {
  if (!settings.values.live) return undefined;
  const { openLivePage } = await import('./live.js');
  return openLivePage(settings, host);
}

/** The source, once its first cases have the fields that are to be columns. */
async function knownFields(source: FileSource, values: Resolved<'enrich'>['values']): Promise<FileSource> {
  if (values.fields === undefined) return source;
  const { withKnownFields } = await import('./field-check.js');
  return await withKnownFields(source, values);
}

/** The first cases that wait in the queue, which stay there; undefined for files. */
async function peeked(settings: Resolved<'enrich'>, host: Host): Promise<CaseSource | undefined> {
  const { queue } = settings.values;
  if (queue === undefined) return undefined;
  const { peekCases } = await import('./queue-peek.js');
  return peekCases({ ...settings.values, queue }, host);
}

/** The queue that the cases come from; undefined for files. */
async function workOf(settings: Resolved<'enrich'>, client: RunClient, host: Host): Promise<QueueWork | undefined> {
  const { queue, dryRun } = settings.values;
  if (queue === undefined || dryRun) return undefined;
  const { openQueueWork } = await import('./queue-work.js');
  return openQueueWork({ ...settings, values: { ...settings.values, queue } }, client, host);
}

/** A results table is loaded only where one is named. */
async function destinationOf(settings: Resolved<'enrich'>, host: Host, ops: FileOps): Promise<Destination> {
  if (!isTableUrl(settings.values.output)) return openDestination(settings, host, ops);
  const { openTableDestination } = await import('./table-destination.js');
  return openTableDestination(settings.values, host, ops);
}
