/** The HTML report: one self-contained page that opens from disk, at most 5 MB whatever the size of the run. */

import type { Renderer, SavedResult } from '../core/report.js';
import { callingMs, FailureGroups, InvalidRecords } from './aggregate.js';
import { RetryCounts, settingsTable, SlowestCases } from './html/cases.js';
import { failureKinds, failureTable, invalidTable } from './html/failures.js';
import { FailureRows } from './html/failure-rows.js';
import { tiles, verdictBar } from './html/head.js';
import { Latencies } from './html/latency-chart.js';
import type { Markup } from './html/markup.js';
import { page, type Section, section } from './html/page.js';
import { Timeline } from './html/timeline.js';
import { timelineChart } from './html/timeline-chart.js';
import type { ReportView } from './view.js';

const MAX_BYTES = 5_000_000;
// Everything but the rows of the failure table is bounded by far less than the rest.
const MAX_ROW_BYTES = 4_200_000;
const MAX_INVALID = 200;

/** Gathers the results in bounded memory and writes the page at the end. */
export function htmlReport(view: ReportView): Renderer {
  const data = new PageData(view);
  return {
    begin: () => '',
    result(result) {
      data.add(result);
      return '';
    },
    end: () => data.page(),
  };
}

class PageData {
  readonly #view: ReportView;
  readonly #groups = new FailureGroups();
  readonly #rows = new FailureRows(MAX_ROW_BYTES);
  readonly #invalid = new InvalidRecords(MAX_INVALID);
  readonly #timeline: Timeline;
  readonly #latencies = new Latencies();
  readonly #slowest = new SlowestCases();
  readonly #retries = new RetryCounts();

  constructor(view: ReportView) {
    const runs = [view.run, ...(view.runs ?? [])];
    this.#view = view;
    this.#timeline = new Timeline(
      Math.min(...runs.map((run) => Date.parse(run.startedAt))),
      Math.max(...runs.map((run) => Date.parse(run.finishedAt))),
    );
  }

  add(result: SavedResult): void {
    this.#timeline.add(result);
    this.#slowest.add(result);
    this.#retries.add(result);
    if (result.status === 'failed') this.#rows.add(result, this.#groups.add(result));
    if (result.status === 'invalid') this.#invalid.add(result);
    if (result.attempts === 0) return;
    if (result.status === 'enriched') this.#latencies.enriched.add(callingMs(result));
    if (result.status === 'failed') this.#latencies.failed.add(callingMs(result));
  }

  page(): string {
    const groups = this.#groups.sorted();
    const labels = groups.map(({ label }) => label);
    return page({
      view: this.#view,
      top: [verdictBar(this.#view), tiles(this.#view)],
      sections: this.#sections(groups),
      failures: (maxBytes) => this.#rows.json(groups.map(groupData), labels, maxBytes),
      maxBytes: MAX_BYTES,
    });
  }

  #sections(groups: ReturnType<FailureGroups['sorted']>): Section[] {
    const { summary, settings = [] } = this.#view;
    const failed = groups.reduce((sum, group) => sum + group.count, 0);
    const all: readonly (readonly [boolean, string, string, () => Markup, number?])[] = [
      [failed > 0, 'kinds', 'Failures by kind', () => failureKinds(groups, this.#view)],
      [failed > 0, 'failures', 'Failed cases', () => failureTable(this.#rows, failed), failed],
      [true, 'timeline', 'Timeline', () => timelineChart(this.#timeline, summary)],
      [true, 'latency', 'Latency', () => this.#latencies.chart(summary)],
      [true, 'slowest', 'Slowest cases', () => this.#slowest.section()],
      [true, 'retries', 'Retries', () => this.#retries.section(summary)],
      [this.#invalid.count > 0, 'invalid', 'Invalid input', () => invalidTable(this.#invalid), this.#invalid.count],
      [settings.length > 0, 'settings', 'Settings', () => settingsTable(settings)],
    ];
    return all
      .filter(([wanted]) => wanted)
      .map(([, id, title, content, amount]) => section(id, title, content(), amount));
  }
}

function groupData({ label, kind, httpStatus, code, phase }: ReturnType<FailureGroups['sorted']>[number]): unknown {
  return { label, kind, status: httpStatus, code, phase };
}
