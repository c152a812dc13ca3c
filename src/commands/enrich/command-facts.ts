/** The command as the summary speaks of it: what hints and the commands to go on with are made of. */

import { redactTexts } from '../../io/redact.js';
import type { CommandFacts } from '../../report/hints.js';
import { shareText } from '../shared/allowance.js';
import type { EndedRun } from './conclusion.js';

export function commandFacts({ settings, client, destination }: EndedRun): CommandFacts {
  const { values, sources, argv = [] } = settings;
  const from = sources['headers']?.where;
  const { files, deadLetter } = values;
  const named = { argv, files, output: destination.file, deadLetter };
  return {
    ...redactTexts(named, (text) => client.redact(text)),
    journal: destination.isJournal,
    allowFailures: shareText(values.allowFailures),
    maxFailures: values.maxFailures === null ? undefined : shareText(values.maxFailures),
    maxRetryAfterMs: values.maxRetryAfterMs,
    maxResponseBytes: values.maxResponseSize,
    headers: values.headers.map(({ name }) => ({ name, from })),
  };
}
