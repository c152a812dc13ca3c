/** Facts about the command line, from which the summary makes hints and follow-up commands. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { configFlags, inputFlags } from '../../config/provenance.js';
import type { EnrichValues } from '../../config/resolved.js';
import { redactTexts } from '../../io/secrets/redact.js';
import type { CommandFacts } from '../../report/terminal/hints.js';
import { shareText } from '../shared/allowance.js';
import type { EndedRun } from './ended-run.js';

export function commandFacts({ settings, client, destination, host }: EndedRun): CommandFacts {
  const { values, sources, argv = [] } = settings;
  const from = sources['headers']?.where;
  const { files, deadLetter } = values;
  const named = {
    argv,
    files,
    output: destination.file,
    deadLetter,
    inputFlags: inputFlags(sources),
    configFlags: configFlags(sources),
  };
  return {
    ...redactTexts(named, (text) => client.redact(text)),
    journal: destination.isJournal,
    freeJournal: freeJournal(settings.values, host.cwd),
    allowFailures: shareText(values.allowFailures),
    maxFailures: values.maxFailures === null ? undefined : shareText(values.maxFailures),
    leftOutMissing: destination.resumption?.counts.leftOutMissing,
    first: values.first,
    maxRetryAfterMs: values.maxRetryAfterMs,
    maxResponseBytes: values.maxResponseSize,
    headers: values.headers.map(({ name }) => ({ name, from })),
  };
}

const JOURNAL_NAMES = ['run.ndjson', 'run-2.ndjson', 'run-3.ndjson', 'run-4.ndjson'];

/** A free file name for a journal that `-o` could name in the same command; undefined where the format does not allow one. */
function freeJournal({ format, order }: EnrichValues, cwd: string): string | undefined {
  const fits = (format === 'auto' || format === 'ndjson') && order !== 'input';
  return fits ? JOURNAL_NAMES.find((name) => !existsSync(resolve(cwd, name))) : undefined;
}
