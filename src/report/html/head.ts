/** The top of the page: the verdict with its facts, and the numbers as tiles. */

import type { RunInfo, Summary } from '../../core/results/run-info.js';
import type { CheckedThreshold } from '../../core/results/run-end.js';
import { amplification, endOf, type ReportView, verdictOf } from '../view.js';
import { clip } from '../../text/clip.js';
import {
  formatCount,
  formatCounted,
  formatDecimal,
  formatDuration,
  formatInstant,
  formatPercent,
} from '../../text/format.js';
import { type Content, html, type Markup } from './markup.js';

const MAX_RUNS = 64;
const MAX_TEXT = 2000;

/** The verdict bar: what happened, how the run ended, what it was. */
export function verdictBar(view: ReportView): Markup {
  const verdict = verdictOf(view);
  return html`<header class="verdict ${verdict.ok ? 'good' : 'bad'}">
    <div class="wrap">
      <p class="brand">case-tracker <span>run report</span></p>
      <h1><span class="mark" aria-hidden="true">${verdict.mark}</span><span>${verdict.text}</span></h1>
      ${shares(view.summary)}
      <dl class="facts">
        ${facts(view).map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
      ${view.commandLine !== undefined && html`<p class="command"><span>Command</span> <code>${clip(view.commandLine, MAX_TEXT)}</code></p>`}
    </div>
  </header>`;
}

/** The summary's numbers, the thresholds, and what to do next. */
export function tiles(view: ReportView): Markup {
  return html`<section class="tiles" aria-label="Totals">
    <dl class="tile-row outcomes">${outcomeTiles(view.summary)}</dl>
    <dl class="tile-row">${callTiles(view.summary)}</dl>
    ${thresholds(view.thresholds ?? [])}${nextSteps(view)}
  </section>`;
}

function shares({ total, enriched, failed, invalid, cancelled }: Summary): Markup {
  if (total === 0) return html``;
  const parts = [
    ['ok', enriched, 'enriched'],
    ['failed', failed, 'failed'],
    ['invalid', invalid, 'invalid'],
    ['cancelled', cancelled, 'cancelled'],
  ] as const;
  const shown = parts.filter(([, amount]) => amount > 0);
  const label = shown.map(([, amount, name]) => `${formatCount(amount)} ${name}`).join(', ');
  return html`<div class="shares" role="img" aria-label="${label}">
    ${shown.map(
      ([className, amount, name]) =>
        html`<i
          class="${className}"
          style="flex-grow:${formatDecimal((amount / total) * 1000, 3)}"
          title="${formatCount(amount)} ${name}"
        ></i>`,
    )}
  </div>`;
}

function facts(view: ReportView): (readonly [string, Content])[] {
  const { run } = view;
  return [
    ['Exit code', view.exitCode],
    ['Ended', endOf(view)],
    ...retryAt(view.summary),
    ['Started', instantTime(run.startedAt)],
    ['Duration', formatDuration(run.durationMs)],
    ['Endpoint', html`<code>${run.method} ${clip(run.endpoint, MAX_TEXT)}</code>`],
    ...shardFacts(view),
    ['Version', clip(run.version, 100)],
  ];
}

function retryAt({ retryAt: iso }: Summary): (readonly [string, Content])[] {
  return iso === undefined ? [] : [['Come back', instantTime(iso)]];
}

function shardFacts(view: ReportView): (readonly [string, Content])[] {
  const { run, runs = [], missingShards = [] } = view;
  const found: (readonly [string, Content])[] = [];
  if (runs.length > 1) found.push(['Merged', html`${formatCounted(runs.length, 'run')}${shardNames(runs)}`]);
  else if (run.shard !== null) found.push(['Shard', `${run.shard.index}/${run.shard.count}`]);
  const missing = missingShards.slice(0, MAX_RUNS).map((name) => clip(name, 40));
  if (view.pending !== undefined) found.push(['Still pending', clip(view.pending, 2000)]);
  if (missing.length > 0) found.push(['Missing shards', html`<strong>✗ ${missing.join(', ')}</strong>`]);
  return found;
}

function shardNames(runs: readonly RunInfo[]): string {
  const names = runs.flatMap(({ shard }) => (shard === null ? [] : [`${shard.index}/${shard.count}`]));
  return names.length === 0
    ? ''
    : `: shards ${names.slice(0, MAX_RUNS).join(', ')}${names.length > MAX_RUNS ? ' …' : ''}`;
}

function instantTime(iso: string): Markup {
  return html`<time datetime="${clip(iso, 40)}">${formatInstant(iso)}</time>`;
}

function outcomeTiles(summary: Summary): Markup[] {
  const { total, enriched, failed, invalid, cancelled, resumed, skipped = 0, stale = 0, pending = 0 } = summary;
  return [
    tile(
      'Enriched',
      formatCount(enriched),
      `${formatPercent(enriched, total)} of ${formatCount(total)}`,
      'ok',
      enriched,
    ),
    tile('Failed', formatCount(failed), failed === 0 ? 'none' : formatPercent(failed, total), 'failed', failed),
    tile('Invalid', formatCount(invalid), invalid === 0 ? 'none' : 'not a valid case', 'invalid', invalid),
    tile('Cancelled', formatCount(cancelled), cancelled === 0 ? 'none' : 'the run ended first', 'cancelled', cancelled),
    ...(pending > 0
      ? [tile('Pending', formatCount(pending), 'submitted, the answer is still to come', 'cancelled')]
      : []),
    tile('Resumed', formatCount(resumed), 'enriched by an earlier run', 'resumed', resumed),
    ...(skipped > 0 ? [tile('Skipped', formatCount(skipped), 'enriched before: not called', 'resumed')] : []),
    ...(stale > 0 ? [tile('Stale', formatCount(stale), 'enriched, the last refresh failed', 'invalid')] : []),
  ];
}

function callTiles(summary: Summary): Markup[] {
  const calls = amplification(summary);
  const latency = summary.latencyMs;
  const retries = `${formatCount(summary.retries)} ${summary.retries === 1 ? 'retry' : 'retries'}`;
  const polls = summary.polls === undefined ? '' : ` · ${formatCounted(summary.polls, 'poll')}`;
  const amplified = (calls === undefined ? retries : `${formatDecimal(calls, 2)}× · ${retries}`) + polls;
  return [
    tile('Attempts', formatCount(summary.attempts), amplified),
    tile(
      'Cases a second',
      formatDecimal(summary.casesPerSecond, summary.casesPerSecond < 10 ? 2 : 0),
      `at most ${formatCount(summary.maxInFlight)} in flight`,
    ),
    ...(['p50', 'p90', 'p99', 'max'] as const).map((name) =>
      tile(
        name === 'max' ? 'Slowest answer' : name,
        latency === null ? '–' : formatDuration(latency[name]),
        LATENCY_WORDS[name],
      ),
    ),
  ];
}

const LATENCY_WORDS = {
  p50: 'half are faster',
  p90: '9 of 10 are faster',
  p99: '99 of 100 are faster',
  max: 'of the enriched, waits left out',
};

function tile(name: string, value: string, more: string, className = '', amount = 1): Markup {
  return html`<div class="tile ${className} ${amount === 0 ? 'zero' : ''}">
    <dt>${name}</dt>
    <dd>${value}</dd>
    <dd class="more">${more}</dd>
  </div>`;
}

function thresholds(all: readonly CheckedThreshold[]): Markup {
  if (all.length === 0) return html``;
  const item = ({ flag, measured, ok }: CheckedThreshold): Markup =>
    html`<li class="${ok ? 'met' : 'unmet'}">
      <b>${ok ? '✓' : '✗'}</b> <code>${clip(flag, 200)}</code>
      <span>${ok ? 'met' : 'not met'}: ${clip(measured, 100)}</span>
    </li>`;
  return html`<ul class="thresholds" aria-label="Thresholds">
    ${all.slice(0, 20).map(item)}
  </ul>`;
}

function nextSteps({ next = [] }: ReportView): Markup {
  if (next.length === 0) return html``;
  const item = ({ command, what }: (typeof next)[number]): Markup =>
    html`<li><code>${clip(command, MAX_TEXT)}</code> <span>${clip(what, 200)}</span></li>`;
  return html`<div class="next">
    <h2>Next</h2>
    <ul>
      ${next.slice(0, 10).map(item)}
    </ul>
  </div>`;
}
