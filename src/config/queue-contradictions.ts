/** What does not go together with a queue: there the cases are chosen when they are put in, and the results stay in Redis. */

import { UsageError } from '../errors.js';
import { isGiven, type MergedSettings as Settings, valueOf, writtenName as at } from './merged.js';
import { flagName } from './settings/setting.js';
import { SELECTION } from './settings/cases.js';
import { WORKER } from './settings/queue.js';

const OUTPUT = ['output', 'outputWait', 'resume', 'overwrite', 'only', 'order', 'refreshAfter', 'fields'];

/** Throws a UsageError for a worker that is asked for what only a run over files can do. */
export function checkWorker(settings: Settings): void {
  if (!isGiven(settings, 'queue')) return needQueue(settings, ['queue'], WORKER, '--queue redis://host/0#name');
  refuseFiles(settings);
  for (const key of Object.keys(SELECTION)) {
    if (isGiven(settings, key)) refuse(settings, key, 'case-tracker enqueue … chooses which cases are in the queue');
  }
  for (const key of OUTPUT) {
    if (isGiven(settings, key))
      refuse(settings, key, 'case-tracker report --queue … -o run.ndjson collects the results');
  }
  const format = valueOf(settings, 'format');
  if (isGiven(settings, 'format') && format !== 'auto') {
    refuse(settings, 'format', 'case-tracker report --queue … has the formats');
  }
  if (valueOf(settings, 'onFailure') !== 'skip') return;
  throw new UsageError(`${at(settings, 'onFailure')} skip leaves results out, and a queue has one for every case`, {
    hint: 'collect, or fail-fast',
  });
}

/** Throws a UsageError for a report that is asked for files and a queue, or for neither. */
export function checkCollector(settings: Settings): void {
  const files = (valueOf(settings, 'files') as readonly string[]).length;
  if (isQueueNamed(settings) && files > 0) refuse(settings, 'files', 'collect first, then report the journal');
  if (!isQueueNamed(settings))
    needQueue(
      settings,
      ['queue', 'queueTimeout', 'ca'],
      { follow: WORKER.follow },
      '--queue redis://host/0#name -o run.ndjson',
    );
  if (isGiven(settings, 'queue') || files > 0) return;
  throw new UsageError('report needs RESULTS', { hint: 'case-tracker report run.ndjson --format html -o run.html' });
}

/** Throws a UsageError for a command that is about a queue and has none. */
export function checkQueue(command: string, settings: Settings): void {
  if (isGiven(settings, 'queue')) return;
  throw new UsageError('no queue given', {
    hint: `case-tracker ${command} --queue redis://host/0#name, or CASE_TRACKER_QUEUE`,
  });
}

/** False where files are named and the environment alone has a queue: then it is not about the queue. */
export function isQueueNamed(settings: Settings): boolean {
  const queue = settings.get('queue')?.given[0];
  const files = settings.get('files')?.given[0];
  return queue !== undefined && (files === undefined || queue.origin.from === 'flag');
}

function refuseFiles(settings: Settings): void {
  if (settings.get('files')?.given[0]?.origin.from !== 'flag') return;
  throw new UsageError(`a worker takes its cases from ${at(settings, 'queue')}, not from files`, {
    hint: 'case-tracker enqueue FILE --queue … puts them in; --unset queue enriches the file',
  });
}

function needQueue(
  settings: Settings,
  without: readonly string[],
  group: Readonly<Record<string, { readonly type: unknown }>>,
  hint: string,
): void {
  const key = Object.keys(group).find(
    (name) => !without.includes(name) && settings.get(name)?.given[0]?.origin.from === 'flag',
  );
  if (key !== undefined) throw new UsageError(`${at(settings, key)} needs --queue`, { hint });
}

function refuse(settings: Settings, key: string, hint: string): never {
  const one = settings.get(key);
  const name = one && flagName(key, one.setting) === undefined ? 'RESULTS' : at(settings, key);
  throw new UsageError(`${name} does not go with ${at(settings, 'queue')}`, { hint });
}
