/** GitHub workflow commands: the failures of a run as annotations beside the lines they come from. */

import type { Renderer, SavedResult } from '../core/report.js';
import { type FailureGroup, FailureGroups, InvalidRecords, labelOf, nameOf } from './aggregate.js';
import { escapeCommandMessage, escapeCommandProperty } from './escape.js';
import { printable } from './text.js';
import { type ReportView, verdictOf } from './view.js';
import { count, counted, cut } from './words.js';

// GitHub shows ten annotations of a kind per step; one is left for whatever else the step has to say.
const MAX_ANNOTATIONS = 9;

/** At most 9 lines: failures in groups, then invalid records, the total last. Nothing when every case is enriched. */
export function githubAnnotations(view: ReportView): Renderer {
  const groups = new FailureGroups();
  const invalid = new InvalidRecords(MAX_ANNOTATIONS);
  return {
    begin: () => '',
    result(result) {
      if (result.status === 'failed') groups.add(result);
      else if (result.status === 'invalid') invalid.add(result);
      return '';
    },
    end: () => annotationLines(view, groups.sorted(), invalid.first).join(''),
  };
}

function annotationLines(view: ReportView, groups: readonly FailureGroup[], invalid: readonly SavedResult[]): string[] {
  const verdict = verdictOf(view);
  const total = { message: `${verdict.mark} ${verdict.text} (exit ${view.exitCode})`, title: 'case-tracker' };
  const found = [...groups.map((group) => groupAnnotation(group, view)), ...invalid.map(invalidAnnotation)];
  if (found.length === 0 && verdict.ok) return [];
  const level = verdict.ok ? 'warning' : 'error';
  return [...found.slice(0, MAX_ANNOTATIONS - 1), total].map((annotation) => commandLine(level, annotation));
}

interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

function groupAnnotation(group: FailureGroup, view: ReportView): Annotation {
  const ids = group.examples.map(({ id }) => printable(id)).join(', ');
  const more = group.count > group.examples.length ? ` and ${count(group.count - group.examples.length)} more` : '';
  const hint = view.hint?.(group);
  const source = group.examples[0]?.source;
  return {
    title: `${counted(group.count, 'case')}: ${printable(group.label)}`,
    message: `${printable(group.message)}\n${ids}${more}${hint === undefined ? '' : `\n${hint}`}`,
    file: source?.file,
    line: source?.line,
  };
}

function invalidAnnotation(result: SavedResult): Annotation {
  const label = result.error === null ? 'case' : labelOf(result.error);
  return {
    title: `invalid ${printable(label)}: ${printable(nameOf(result))}`,
    message: printable(result.error?.message ?? 'not a valid case'),
    file: result.source?.file,
    line: result.source?.line,
  };
}

function commandLine(level: string, { title, message, file, line }: Annotation): string {
  const place = file === undefined ? '' : `file=${escapeCommandProperty(cut(printable(file), 1000))},`;
  const at = file === undefined || line === undefined ? '' : `line=${line},`;
  return `::${level} ${place}${at}title=${escapeCommandProperty(cut(title, 200))}::${escapeCommandMessage(message)}\n`;
}
