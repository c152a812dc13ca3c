/** The top of the page: the verdict with its facts, and the numbers as tiles. */

import type { RunInfo, Summary } from '../../core/report.js';
import { amplification, endOf, type ReportView, type Threshold, verdictOf } from '../view.js';
import { count, counted, cut, duration, instant, percent, trimmed } from '../words.js';
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
      ${view.commandLine !== undefined && html`<p class="command"><span>Command</span> <code>${cut(view.commandLine, MAX_TEXT)}</code></p>`}
    </div>
  </header>`;
}

/** Every number of the summary that has a name of its own. */
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
  const label = shown.map(([, amount, name]) => `${count(amount)} ${name}`).join(', ');
  return html`<div class="shares" role="img" aria-label="${label}">
    ${shown.map(
      ([className, amount, name]) =>
        html`<i
          class="${className}"
          style="flex-grow:${trimmed((amount / total) * 1000, 3)}"
          title="${count(amount)} ${name}"
        ></i>`,
    )}
  </div>`;
}

function facts(view: ReportView): (readonly [string, Content])[] {
  const { run } = view;
  return [
    ['Exit code', view.exitCode],
    ['Ended', endOf(run)],
    ...retryAt(view.summary),
    ['Started', instantTime(run.startedAt)],
    ['Duration', duration(run.durationMs)],
    ['Endpoint', html`<code>${run.method} ${cut(run.endpoint, MAX_TEXT)}</code>`],
    ...shardFacts(view),
    ['Version', cut(run.version, 100)],
  ];
}

function retryAt({ retryAt: iso }: Summary): (readonly [string, Content])[] {
  return iso === undefined ? [] : [['Come back', instantTime(iso)]];
}

function shardFacts({ run, runs = [], missingShards = [] }: ReportView): (readonly [string, Content])[] {
  const found: (readonly [string, Content])[] = [];
  if (runs.length > 1) found.push(['Merged', html`${counted(runs.length, 'run')}${shardNames(runs)}`]);
  else if (run.shard !== null) found.push(['Shard', `${run.shard.index}/${run.shard.count}`]);
  const missing = missingShards.slice(0, MAX_RUNS).map((name) => cut(name, 40));
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
  return html`<time datetime="${cut(iso, 40)}">${instant(iso)}</time>`;
}

function outcomeTiles({ total, enriched, failed, invalid, cancelled, resumed }: Summary): Markup[] {
  return [
    tile('Enriched', count(enriched), `${percent(enriched, total)} of ${count(total)}`, 'ok', enriched),
    tile('Failed', count(failed), failed === 0 ? 'none' : percent(failed, total), 'failed', failed),
    tile('Invalid', count(invalid), invalid === 0 ? 'none' : 'not a valid case', 'invalid', invalid),
    tile('Cancelled', count(cancelled), cancelled === 0 ? 'none' : 'the run ended first', 'cancelled', cancelled),
    tile('Resumed', count(resumed), 'enriched by an earlier run', 'resumed', resumed),
  ];
}

function callTiles(summary: Summary): Markup[] {
  const calls = amplification(summary);
  const latency = summary.latencyMs;
  const retries = `${count(summary.retries)} ${summary.retries === 1 ? 'retry' : 'retries'}`;
  const amplified = calls === undefined ? retries : `${trimmed(calls, 2)}× · ${retries}`;
  return [
    tile('Attempts', count(summary.attempts), amplified),
    tile(
      'Cases a second',
      trimmed(summary.casesPerSecond, summary.casesPerSecond < 10 ? 2 : 0),
      `at most ${count(summary.maxInFlight)} in flight`,
    ),
    ...(['p50', 'p90', 'p99', 'max'] as const).map((name) =>
      tile(name === 'max' ? 'Slowest' : name, latency === null ? '–' : duration(latency[name]), LATENCY_WORDS[name]),
    ),
  ];
}

const LATENCY_WORDS = {
  p50: 'half are faster',
  p90: '9 of 10 are faster',
  p99: '99 of 100 are faster',
  max: 'of the enriched',
};

function tile(name: string, value: string, more: string, className = '', amount = 1): Markup {
  return html`<div class="tile ${className} ${amount === 0 ? 'zero' : ''}">
    <dt>${name}</dt>
    <dd>${value}</dd>
    <dd class="more">${more}</dd>
  </div>`;
}

function thresholds(all: readonly Threshold[]): Markup {
  if (all.length === 0) return html``;
  const item = ({ name, bound, actual, met }: Threshold): Markup =>
    html`<li class="${met ? 'met' : 'unmet'}">
      <b>${met ? '✓' : '✗'}</b> <code>${cut(name, 100)} ${cut(bound, 100)}</code>
      <span>${met ? 'met' : 'not met'}: ${cut(actual, 100)}</span>
    </li>`;
  return html`<ul class="thresholds" aria-label="Thresholds">
    ${all.slice(0, 20).map(item)}
  </ul>`;
}

function nextSteps({ next = [] }: ReportView): Markup {
  if (next.length === 0) return html``;
  const item = ({ command, why }: (typeof next)[number]): Markup =>
    html`<li><code>${cut(command, MAX_TEXT)}</code> <span>${cut(why, 200)}</span></li>`;
  return html`<div class="next">
    <h2>Next</h2>
    <ul>
      ${next.slice(0, 10).map(item)}
    </ul>
  </div>`;
}
