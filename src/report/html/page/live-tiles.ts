/** The counts of the run as tiles: what stands in them. */

import { formatCount, formatDecimal, formatDuration, formatPercent, formatRate } from '../../../text/format.js';
import type { LiveModel } from './live-model.js';

export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly more: string;
  /** Its colour, as in the report. */
  readonly className: string;
  readonly isZero: boolean;
}

/** The results by outcome. */
export function outcomeTiles({ state }: LiveModel): Tile[] {
  const { done, enriched, failed, invalid, cancelled, resumed, pending } = state;
  const part = (amount: number): string => (amount === 0 ? 'none' : formatPercent(amount, done));
  return [
    tile('Enriched', enriched, `${formatPercent(enriched, done)} of ${formatCount(done)}`, 'ok'),
    tile('Failed', failed, part(failed), 'failed'),
    tile('Invalid', invalid, invalid === 0 ? 'none' : 'not a valid case', 'invalid'),
    tile('Cancelled', cancelled, cancelled === 0 ? 'none' : 'the run ended first', 'cancelled'),
    ...(pending > 0 ? [tile('Pending', pending, 'submitted, the answer is still to come', 'cancelled')] : []),
    tile('Resumed', resumed, resumed === 0 ? 'none' : 'enriched by an earlier run', 'resumed'),
  ];
}

/** How it goes now; at the end, how it went. */
export function callTiles(model: LiveModel): Tile[] {
  const { end } = model;
  return end === null ? tilesNow(model) : tilesAtEnd(end);
}

function tilesNow({ state }: LiveModel): Tile[] {
  const { inFlight, limit, adaptive, recentRate, leftMs, retries, p50Ms, p99Ms } = state;
  return [
    plain('In flight', formatCount(inFlight), `of ${formatCount(limit)}${adaptive ? ', adaptive' : ''}`),
    plain('Results a second', formatRate(recentRate), 'over the last seconds'),
    plain('Time left', durationOr(leftMs), leftMs === null ? 'not known yet' : 'at this rate'),
    plain('Retries', formatCount(retries), retries === 0 ? 'none' : 'calls made again'),
    plain('p50', durationOr(p50Ms), 'half are faster'),
    plain('p99', durationOr(p99Ms), '99 of 100 are faster'),
  ];
}

function tilesAtEnd({ summary }: NonNullable<LiveModel['end']>): Tile[] {
  const { attempts, retries, casesPerSecond, maxInFlight, latencyMs } = summary;
  const again = `${formatCount(retries)} ${retries === 1 ? 'retry' : 'retries'}`;
  const rate = formatDecimal(casesPerSecond, casesPerSecond < 10 ? 2 : 0);
  return [
    plain('Attempts', formatCount(attempts), again),
    plain('Cases a second', rate, `at most ${formatCount(maxInFlight)} in flight`),
    plain('p50', durationOr(latencyMs?.p50), 'half are faster'),
    plain('p90', durationOr(latencyMs?.p90), '9 of 10 are faster'),
    plain('p99', durationOr(latencyMs?.p99), '99 of 100 are faster'),
    plain('Slowest answer', durationOr(latencyMs?.max), 'of the enriched, waits left out'),
  ];
}

function tile(name: string, amount: number, more: string, className: string): Tile {
  return { name, value: formatCount(amount), more, className, isZero: amount === 0 };
}

function plain(name: string, value: string, more: string): Tile {
  return { name, value, more, className: '', isZero: false };
}

function durationOr(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : formatDuration(ms < 1000 ? ms : Math.round(ms / 100) * 100);
}
