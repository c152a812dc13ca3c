/** Notices at the end of a run. */

import { isFiltering } from '../../core/cases/select.js';
import type { Summary } from '../../core/results/run-info.js';
import { CaseTrackerError } from '../../errors.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { hiddenNotes, inputNotes, selectionNotes } from '../../report/terminal/selection-notes.js';
import type { SummaryView } from '../../report/terminal/summary.js';
import { judgedFiles, selectionOf } from '../shared/reading.js';
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
export function runNotices(ended: EndedRun): string[] {
  const { settings, source, destination, begun, pipeline } = ended;
  const { resumption, lastRun } = destination;
  const notices: string[] = [];
  if (resumption !== undefined) {
    const { done, refreshed, changed, unfinished, asked } = resumption.counts;
    const { fresh, leftOut, leftOutMissing, vanished } = resumption.counts;
    const isWhole = pipeline.complete && source.complete;
    const unheard = isWhole && vanished > 0 ? [unreadCasesText(vanished, ended)] : [];
    const parts = [
      `${formatCount(done)} enriched before`,
      `${formatCount(unfinished)} not yet enriched`,
      `${formatCount(fresh)} new`,
      ...(refreshed > 0 ? [`${formatCount(refreshed)} to be refreshed`] : []),
      ...(asked > 0 ? [`${formatCount(asked)} of these already submitted`] : []),
      ...(changed > 0 ? [`${formatCount(changed)} changed`] : []),
      ...(leftOut > 0 ? [leftOutText(leftOut, leftOutMissing)] : []),
      ...unheard,
    ];
    notices.push(`resumed: ${parts.join(', ')}`);
    if (lastRun !== undefined && lastRun.settings !== begun.settings) {
      notices.push('the settings are not those of the earlier run');
    }
  }
  notices.push(...(destination.endNotices?.() ?? []));
  const { complete, counts, facts } = source;
  notices.push(...hiddenNotes(counts, judgedFiles(settings)), ...(facts === undefined ? [] : inputNotes(facts)));
  if (complete && facts) notices.push(...selectionNotes(selectionOf(settings.values), counts, facts));
  return notices;
}

/** `3 left out (--only), 2 of them without a result (missing)`. */
function leftOutText(leftOut: number, missing: number): string {
  const which = missing === leftOut ? 'all' : `${formatCount(missing)} of them`;
  return `${formatCount(leftOut)} left out (--only)${missing > 0 ? `, ${which} without a result (missing)` : ''}`;
}

/**
 * The notice about cases of the journal that this run has not read. They are certainly gone from the input only if the
 * run has read every record and knows the id of each.
 */
function unreadCasesText(count: number, { settings, delivery }: EndedRun): string {
  const selection = selectionOf(settings.values);
  const knowsAll = !isFiltering(selection) && selection.shard === undefined && delivery.nameless === 0;
  return `${formatCount(count)} ${knowsAll ? 'no longer in the input' : 'more in the journal that this run did not ask about'}`;
}
