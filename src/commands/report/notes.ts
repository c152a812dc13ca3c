/** What `report` says on stderr: what the files lack, and what `--expect` has found. */

import type { Completeness } from '../../core/merge/completeness.js';
import { type Sample } from '../../core/results/sample.js';
import { sampleText } from '../../text/format.js';
import type { Host } from '../../host.js';
import type { SavedResults } from '../../io/saved/saved-results.js';
import { formatCounted } from '../../text/format.js';
import { printable } from '../../text/printable.js';
import type { Resolved } from '../../config/resolved.js';
import type { MergedReport } from './merging.js';

/** The facts that notes are made from. */
export interface Notable {
  readonly saved: SavedResults;
  readonly merged: MergedReport;
  readonly notices: readonly string[];
  /** What a queue lacks, a sentence each. */
  readonly findings?: readonly string[];
}

/** Findings are printed always, notices unless `--quiet`. */
export async function printNotes(notable: Notable, { quiet }: Resolved<'report'>['values'], host: Host): Promise<void> {
  const { completeness } = notable.merged;
  const { findings: more = [] } = notable;
  const lines = [
    ...(quiet ? [] : noticesOf(notable)),
    ...[...(completeness === undefined ? [] : findings(completeness)), ...more].map((text) => `✗ ${text}`),
    ...(!quiet && completeness?.isComplete && more.length === 0
      ? ['✓ every expected case has exactly one result']
      : []),
  ];
  if (lines.length > 0) await host.stderr.write(`${lines.map(printable).join('\n')}\n`);
}

function noticesOf({ saved, merged, notices }: Notable): string[] {
  const { corrected } = saved.index;
  const shards = merged.completeness === undefined ? shardFindings(merged) : [];
  return [
    ...[...saved.notices, ...notices].map((notice) => `! ${notice}`),
    ...pendingNotes(merged.pending),
    ...(corrected > 0
      ? [`! ${formatCounted(corrected, 'invalid record')} of earlier runs, corrected since, not counted`]
      : []),
    ...shards.map((finding) => `! ${finding}`),
  ];
}

function pendingNotes(pending: Sample): string[] {
  if (pending.count === 0) return [];
  const what = `${formatCounted(pending.count, 'case')} submitted and still pending`;
  return [`! ${what}: ${sampleText(pending)}; --resume with --poll asks on`];
}

/** What `--expect` found missing or wrong, a sentence each. */
export function findings(completeness: Completeness): string[] {
  const { missing, unexpected, enrichedTwice } = completeness;
  return [
    ...finding('missing', missing, 'expected case', 'without a result'),
    ...finding('unexpected', unexpected, 'case', 'with a result that no case file has'),
    ...finding('enriched twice', enrichedTwice, 'case', 'for which the same was asked and answered more than once'),
    ...shardFindings(completeness),
  ];
}

function shardFindings({
  missingShards,
  otherSettings,
}: Pick<Completeness, 'missingShards' | 'otherSettings'>): string[] {
  return [
    ...finding('missing shards', missingShards, 'shard', 'without a finished run'),
    ...finding('other settings', otherSettings, 'shard', 'that did not run with the settings of the others'),
  ];
}

function finding(title: string, sample: Sample, noun: string, what: string): string[] {
  return sample.count === 0 ? [] : [`${title}: ${formatCounted(sample.count, noun)} ${what}: ${sampleText(sample)}`];
}
