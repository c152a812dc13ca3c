/** What is to be said at the end of a run besides its results. */

import type { Summary } from '../../core/results/run-info.js';
import { CaseTrackerError } from '../../errors.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { selectionNotes } from '../../report/terminal/selection-notes.js';
import type { SummaryView } from '../../report/terminal/summary.js';
import { selectionOf } from '../shared/reading.js';
import type { EndedRun } from './ended-run.js';

type Cause = NonNullable<SummaryView['cause']>;

/** The error that cut the input off, with what was obtained before; undefined when there was none. */
export function inputCause({ pipeline, source, destination }: EndedRun, summary: Summary): Cause | undefined {
  const error = pipeline.inputError;
  if (!(error instanceof CaseTrackerError)) return undefined;
  const where = destination.file === undefined ? '' : `; they are in ${destination.file}`;
  const counts = `${formatCounted(source.counts.read, 'record')} before it ${source.counts.read === 1 ? 'was' : 'were'} read`;
  const kept = `${counts}, ${formatCount(summary.enriched)} enriched${where}`;
  return {
    message: error.message,
    details: [...error.details, ...(summary.total > 0 ? [kept] : [])],
    hint: error.hint,
  };
}

export function outputCause(error: unknown): Cause | undefined {
  if (!(error instanceof CaseTrackerError)) return undefined;
  return { message: error.message, details: error.details, hint: error.hint };
}

/** Notices: how the journal and the input fit together, ids that are not there, and the like. */
export function runNotices({ settings, source, destination, begun }: EndedRun): string[] {
  const { resumption, lastRun } = destination;
  const notices: string[] = [];
  if (resumption !== undefined) {
    const { done, changed, unfinished, fresh, leftOut, vanished } = resumption.counts;
    const parts = [
      `${formatCount(done)} enriched before`,
      `${formatCount(unfinished)} not yet enriched`,
      `${formatCount(fresh)} new`,
      ...(changed > 0 ? [`${formatCount(changed)} changed`] : []),
      ...(leftOut > 0 ? [`${formatCount(leftOut)} left out (--only)`] : []),
      ...(source.complete && vanished > 0 ? [`${formatCount(vanished)} no longer in the input`] : []),
    ];
    notices.push(`resumed: ${parts.join(', ')}`);
    if (lastRun !== undefined && lastRun.settings !== begun.settings) {
      notices.push('the settings are not those of the earlier run');
    }
  }
  const { complete, counts, facts } = source;
  if (complete && facts) notices.push(...selectionNotes(selectionOf(settings.values), counts, facts));
  return notices;
}
