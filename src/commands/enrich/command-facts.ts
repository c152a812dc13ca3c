/** The command as the summary speaks of it: what hints and the commands to go on with are made of. */

import type { CommandFacts } from '../../report/hints.js';
import { shareText } from '../shared/allowance.js';
import type { EndedRun } from './conclusion.js';

export function commandFacts({ settings, client, destination }: EndedRun): CommandFacts {
  const { values, sources, argv = [] } = settings;
  const from = sources['headers']?.where;
  return {
    argv: argv.map((argument) => client.redact(argument)),
    files: values.files,
    output: destination.file,
    journal: destination.isJournal,
    deadLetter: values.deadLetter,
    allowFailures: shareText(values.allowFailures),
    maxFailures: values.maxFailures === null ? undefined : shareText(values.maxFailures),
    maxRetryAfterMs: values.maxRetryAfterMs,
    maxResponseBytes: values.maxResponseSize,
    headers: values.headers.map(({ name }) => ({ name, from })),
  };
}
