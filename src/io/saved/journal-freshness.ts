import { Freshness } from '../../core/merge/freshness.js';
import { formatCounted, formatInstant } from '../../text/format.js';

/** What is too old at this moment; undefined when nothing ever is. */
export function freshnessAt(refreshAfterMs: number | undefined, nowMs: number): Freshness | undefined {
  return refreshAfterMs === undefined ? undefined : new Freshness(refreshAfterMs, nowMs);
}

/** Says that a journal has results with dates in the future. */
export function futureNotes({ future: { count, newest } }: Freshness, name: string): string[] {
  if (count === 0) return [];
  const dated = `${formatCounted(count, 'result')} in ${name} ${count === 1 ? 'is' : 'are'} dated later than now`;
  return [`${dated} (up to ${formatInstant(newest)}): not asked for again by --refresh-after; is the clock right?`];
}
