/** The command as the summary speaks of it: what hints and the commands to go on with are made of. */

import type { Summary } from '../../core/report.js';
import { redactTexts } from '../../io/redact.js';
import { isWithin, type Threshold as Share } from '../../core/stop-rules.js';
import type { CommandFacts } from '../../report/hints.js';
import { formatCount } from '../../report/format.js';
import type { Threshold } from '../../report/summary.js';
import { unenriched } from '../../verdict.js';
import type { EnrichSettings } from '../enrich.js';
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

/** The limits that the user set, and whether they held. */
export function thresholdsOf({ values, sources }: EnrichSettings, summary: Summary): Threshold[] | undefined {
  if (sources['allowFailures']?.from === 'default') return undefined;
  const missing = unenriched(summary);
  const share = summary.total === 0 ? 0 : (missing / summary.total) * 100;
  return [
    {
      flag: `--allow-failures ${shareText(values.allowFailures)}`,
      measured: `${formatCount(missing)} of ${formatCount(summary.total)} (${Number(share.toFixed(1))}%)`,
      ok: isWithin(values.allowFailures, missing, summary.total),
    },
  ];
}

function shareText(share: Share | 'none'): string {
  if (share === 'none') return 'none';
  return 'count' in share ? String(share.count) : `${share.percent}%`;
}
