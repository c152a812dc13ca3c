/** The parts of a run that are opened as its settings say; what only some runs need is loaded where one asks for it. */

import type { Resolved } from '../../config/resolved.js';
import type { CaseSource, RunWatcher } from '../../core/ports.js';
import type { Host } from '../../host.js';
import type { FileOps } from '../../io/files/file-ops.js';
import { type FileSource, openSource } from '../../io/sources/file/file-source.js';
import { isTableUrl } from '../../text/table-url.js';
import { readOptions, selectionOf } from '../shared/reading.js';
import { tablesOf } from '../shared/tables.js';
import { proxyTo, type RunClient } from './client.js';
import { type Destination, openDestination } from './destination.js';
import type { LivePage } from './live.js';
import type { QueueWork } from './queue-work.js';

/**
 * Runs with the watchers of those who are told when all is closed, whatever the end was (`--notify`). `run` calls `over`
 * where only the live page stays, so that they are told before it goes.
 */
export async function runNotifying(
  settings: Resolved<'enrich'>,
  host: Host,
  run: (watchers: readonly RunWatcher[], over: (exitCode: number) => void) => Promise<number>,
): Promise<number> {
  const { notify, dryRun } = settings.values;
  if (notify.length === 0 || dryRun) return await run([], () => {});
  const { withNotifications } = await import('./notifications.js');
  const proxy = (origin: string): ReturnType<typeof proxyTo> => proxyTo(origin, host.env);
  return await withNotifications(settings, host, proxy, (notifier, over) => run([notifier], over));
}

/** The queue that the cases come from; undefined for files. */
export async function openWork(
  settings: Resolved<'enrich'>,
  client: RunClient,
  host: Host,
): Promise<QueueWork | undefined> {
  const { queue, dryRun } = settings.values;
  if (queue === undefined || dryRun) return undefined;
  const { openQueueWork } = await import('./queue-work.js');
  return openQueueWork({ ...settings, values: { ...settings.values, queue } }, client, host);
}

/** The files and tables that the cases come from, once the first cases have the fields that are to be columns. */
export async function openInputs({ values }: Resolved<'enrich'>, host: Host, signal: AbortSignal): Promise<FileSource> {
  const tables = await tablesOf(values.files, values, host);
  const reading = { ...readOptions(values, selectionOf(values), host), ...tables, showInvalid: values.strict };
  const source = openSource({ ...reading, signal });
  if (values.fields === undefined) return source;
  const { withKnownFields } = await import('./field-check.js');
  return await withKnownFields(source, values);
}

/** The first cases that wait in the queue, which stay there; undefined for files. */
export async function peekQueue({ values }: Resolved<'enrich'>, host: Host): Promise<CaseSource | undefined> {
  const { queue } = values;
  if (queue === undefined) return undefined;
  const { peekCases } = await import('./queue-peek.js');
  return peekCases({ ...values, queue }, host);
}

/** The page that shows the run in browsers; undefined where nobody has asked for it. */
export async function openLive(settings: Resolved<'enrich'>, host: Host): Promise<LivePage | undefined> {
  if (!settings.values.live) return undefined;
  const { openLivePage } = await import('./live.js');
  return openLivePage(settings, host);
}

/** The file, stdout or table that the results go to. */
export async function openResults(settings: Resolved<'enrich'>, host: Host, ops: FileOps): Promise<Destination> {
  if (!isTableUrl(settings.values.output)) return openDestination(settings, host, ops);
  const { openTableDestination } = await import('./table-destination.js');
  return openTableDestination(settings.values, host, ops);
}
