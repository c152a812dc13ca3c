/** GitHub workflow commands: the failures of a run as annotations beside the lines they come from. */

import { clip } from '../text/clip.js';
import { type FailureGroup, FailureGroups } from '../core/results/failure-groups.js';
import { failureLabel } from '../core/results/failure-label.js';
import type { AnyResult } from '../core/results/run-info.js';
import type { Collector } from '../core/ports.js';
import { type InvalidRecord, InvalidRecords, nameOf } from './invalid-records.js';
import { escapeCommandMessage, escapeCommandProperty } from '../text/escape.js';
import { formatCount, formatCounted } from '../text/format.js';
import { printable } from '../text/printable.js';
import { type ReportView, verdictOf } from './view.js';

// GitHub shows ten annotations of a kind per step; one is left for whatever else the step has to say.
const MOST_ANNOTATIONS = 9;

/** What an annotation says, and beside which line. All texts are raw. */
export interface Annotation {
  readonly title: string;
  readonly lines: readonly string[];
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** At most 9 lines: failures in groups, then invalid records, the total last. Nothing when every case is enriched. */
export class GithubAnnotations implements Collector<ReportView> {
  readonly #groups = new FailureGroups();
  readonly #invalid = new InvalidRecords(MOST_ANNOTATIONS);

  add(result: AnyResult): void {
    if (result.status === 'failed') this.#groups.add(result);
    else if (result.status === 'invalid') this.#invalid.add(result);
  }

  render(view: ReportView): string {
    const verdict = verdictOf(view);
    const found = [
      ...this.#groups.groups().map((group) => groupAnnotation(group, view)),
      ...this.#invalid.first.map(invalidAnnotation),
    ];
    if (found.length === 0 && verdict.ok) return '';
    const total = { title: 'case-tracker', lines: [`${verdict.mark} ${verdict.text} (exit ${view.exitCode})`] };
    const level = verdict.ok ? 'warning' : 'error';
    return [...found.slice(0, MOST_ANNOTATIONS - 1), total]
      .map((annotation) => workflowCommand(level, annotation))
      .join('');
  }
}

/** The annotation as a line that the runner understands, whatever is in its texts. */
export function workflowCommand(level: 'error' | 'warning', { title, lines, file, line }: Annotation): string {
  const place = file === undefined ? '' : `file=${escapeCommandProperty(clip(printable(file), 1000))},`;
  const at = file === undefined || line === undefined ? '' : `line=${line},`;
  const name = escapeCommandProperty(clip(printable(title), 200));
  return `::${level} ${place}${at}title=${name}::${escapeCommandMessage(lines.map(printable).join('\n'))}\n`;
}

function groupAnnotation(group: FailureGroup, view: ReportView): Annotation {
  const ids = group.examples.join(', ');
  const more =
    group.count > group.examples.length ? ` and ${formatCount(group.count - group.examples.length)} more` : '';
  const hint = view.hint?.(group);
  return {
    title: `${formatCounted(group.count, 'case')}: ${failureLabel(group)}`,
    lines: [group.message, `${ids}${more}`, ...(hint === undefined ? [] : [hint])],
    file: group.place?.file,
    line: group.place?.line,
  };
}

function invalidAnnotation(result: InvalidRecord): Annotation {
  const label = result.error === null ? 'case' : failureLabel(result.error);
  return {
    title: `invalid ${label}: ${nameOf(result)}`,
    lines: [result.error?.message ?? 'not a valid case'],
    file: result.source?.file,
    line: result.source?.line,
  };
}
