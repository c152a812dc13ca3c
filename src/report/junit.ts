/** JUnit XML: one test case per case, for CI systems that show test results. Streamed; valid XML 1.0 with any data. */

import { clip } from '../text/clip.js';
import { failureLabel } from '../core/results/failure-label.js';
import { placeText } from '../core/case.js';
import type { CheckedThreshold } from '../core/results/run-end.js';
import type { SavedResult } from '../core/results/run-info.js';
import type { Renderer } from '../core/ports.js';
import { nameOf } from './invalid-records.js';
import { escapeXml, escapeXmlAttribute } from '../text/escape.js';
import { type ReportView, unfinishedText, unmetExpectations } from './view.js';

const MAX_NAME = 1000;
/** The client keeps 512 bytes of an answer; a file of results may have any number. */
const MAX_ANSWER = 4000;

/** A failed case is a failure, an invalid record an error, a cancelled case is skipped; what `--expect` found, or a run without an end, fails too. */
export function junitReport(view: ReportView): Renderer {
  const suite = suiteAttributes(view);
  const className = clip(`${view.run.method} ${view.run.endpoint}`, MAX_NAME);
  return {
    begin: () => `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${suite}>\n<testsuite ${suite}>\n`,
    result: (result) => testCase(result, className),
    end: () => `${shortcomingCases(view)}</testsuite>\n</testsuites>\n`,
  };
}

function suiteAttributes(view: ReportView): string {
  const { run, summary } = view;
  const unmet = shortcomings(view).length;
  return attributes({
    name: 'case-tracker',
    tests: summary.total + unmet,
    failures: summary.failed + unmet,
    errors: summary.invalid,
    skipped: summary.cancelled,
    time: seconds(run.durationMs),
    timestamp: run.startedAt.slice(0, 19),
  });
}

/** What is wrong with the results as a whole. */
function shortcomings(view: ReportView): readonly Pick<CheckedThreshold, 'flag' | 'measured'>[] {
  const unfinished = unfinishedText(view);
  const noEnd = unfinished === undefined ? [] : [{ flag: 'the end of the run', measured: unfinished }];
  return [...noEnd, ...unmetExpectations(view)];
}

function shortcomingCases(view: ReportView): string {
  return shortcomings(view)
    .map(({ flag, measured }) => {
      const failure = attributes({ type: 'incomplete', message: clip(measured, MAX_NAME) });
      return `<testcase ${attributes({ name: flag, classname: 'case-tracker report' })}><failure ${failure}/></testcase>\n`;
    })
    .join('');
}

function testCase(result: SavedResult, classname: string): string {
  const head = attributes({
    name: result.caseId === null ? nameOf(result) : clip(result.caseId, MAX_NAME),
    classname,
    time: seconds(result.durationMs),
    ...(result.source === undefined ? {} : { file: clip(result.source.file, MAX_NAME) }),
    ...(result.source?.line === undefined ? {} : { line: result.source.line }),
  });
  const outcome = outcomeElement(result);
  return outcome === '' ? `<testcase ${head}/>\n` : `<testcase ${head}>${outcome}</testcase>\n`;
}

function outcomeElement(result: SavedResult): string {
  const message = clip(result.error?.message ?? result.status, MAX_NAME);
  if (result.status === 'enriched') return enrichedNote(result);
  if (result.status === 'cancelled') return `<skipped ${attributes({ message })}/>`;
  const type = result.error === null ? result.status : failureLabel(result.error);
  const name = result.status === 'invalid' ? 'error' : 'failure';
  return `<${name} ${attributes({ type, message })}>${escapeXml(details(result))}</${name}>`;
}

/** What is special about an enrichment; JUnit has no other word for it. */
function enrichedNote({ stale, skipped, httpStatus, at }: SavedResult): string {
  if (stale) return `<system-out>stale: the last refresh failed, the answer of ${escapeXml(at)} stands</system-out>`;
  if (skipped) return '<system-out>skipped: not called, it was enriched already</system-out>';
  // The status of an answer that was accepted and is not 2xx.
  return httpStatus === undefined ? '' : `<system-out>answered with status ${httpStatus}</system-out>`;
}

function details(result: SavedResult): string {
  const { error } = result;
  const lines = [
    clip(error?.message ?? result.status, MAX_NAME),
    result.attempts > 0 ? `attempts: ${result.attempts}` : '',
    error?.requestId === undefined ? '' : `request id: ${clip(error.requestId, MAX_NAME)}`,
    result.source === undefined ? '' : `source: ${clip(placeText(result.source), MAX_NAME)}`,
    error?.body ? `answer: ${clip(error.body, MAX_ANSWER)}` : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXmlAttribute(String(value))}"`)
    .join(' ');
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1000).toFixed(3) : '0.000';
}
