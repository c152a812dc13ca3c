import { describe, expect, test } from 'vitest';

import { pageScript } from '../../src/commands/shared/page-script.js';
import { HtmlReport } from '../../src/report/html/report.js';
import { MarkdownReport } from '../../src/report/markdown.js';
import { renderSummary, reportViewOf, summaryLogLine } from '../../src/report/terminal/summary.js';
import { amplification } from '../../src/report/view.js';
import { summary } from '../helpers/samples.js';
import { sampleView } from '../helpers/run-view.js';

const CASES = { total: 4, enriched: 4 };

describe('the factor by which calls were multiplied', () => {
  test.each([
    ['no call', { total: 4, invalid: 4, attempts: 0 }, undefined],
    ['one call a case', { ...CASES, attempts: 4 }, undefined],
    ['retries', { ...CASES, attempts: 10, retries: 6 }, 2.5],
    ['one retry in a thousand', { total: 1000, enriched: 1000, attempts: 1001, retries: 1 }, undefined],
    ['asked again after pauses, which is no retry', { ...CASES, attempts: 9, pauses: { count: 5, ms: 10 } }, 2.25],
    ['cases of an earlier run are not called', { ...CASES, resumed: 2, attempts: 3, retries: 1 }, 1.5],
    ['batches: fewer calls than cases', { ...CASES, attempts: 2 }, undefined],
    ['batches with retries', { ...CASES, attempts: 3, retries: 1 }, 1.5],
    ['cancelled in flight', { total: 4, enriched: 1, cancelled: 3, attempts: 4 }, undefined],
  ])('%s', (_, more, expected) => {
    expect(amplification(summary(more))).toBe(expected);
  });

  test.each([
    [{ ...CASES, attempts: 9 }, '2.25×'],
    [{ ...CASES, attempts: 4 }, undefined],
  ])('%j: every format says the same', (more, expected) => {
    const view = sampleView({ summary: summary(more), exitCode: 0 });
    const texts = [
      renderSummary(view),
      new MarkdownReport().render(reportViewOf(view)),
      new HtmlReport({ startMs: 0, endMs: 1 }, pageScript('report')).render(reportViewOf(view)),
    ];
    for (const text of texts) expect(/[\d.]+×/.exec(text)?.[0]).toBe(expected);
    const { amplification: factor } = JSON.parse(summaryLogLine(view)) as { amplification?: number };
    expect(factor === undefined ? undefined : `${factor}×`).toBe(expected);
  });
});
