/** The labels at the axes of charts, and the scales behind them. */

import { formatCount, formatDuration } from '../../../text/format.js';

/** A label at `at` (0 to 1) of an axis. Minor ones are left out on narrow screens. */
export interface Tick {
  readonly at: number;
  readonly label: string;
  readonly minor?: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS: readonly number[] = [
  [1, [1, 2, 5, 10, 20, 50, 100, 200, 500]] as const,
  [SECOND, [1, 2, 5, 10, 15, 30]] as const,
  [MINUTE, [1, 2, 5, 10, 15, 30]] as const,
  [HOUR, [1, 2, 3, 6, 12, 24, 48]] as const,
].flatMap(([unit, factors]) => factors.map((factor) => factor * unit));

/** At most six round values from 0 to at least `max`, `least` or more apart. */
export function linearTicks(max: number, format: (value: number) => string, least = 0): { top: number; ticks: Tick[] } {
  const step = Math.max(least, roundUp(Math.max(max, 1e-9) / 4));
  const steps = Math.max(1, Math.ceil(max / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, i) => ({ at: i / steps, label: format(i * step) }));
  return { top: steps * step, ticks };
}

/** Five to ten round times after the run's start. */
export function timeTicks(totalMs: number): Tick[] {
  const step = STEPS.find((candidate) => totalMs / candidate <= 9) ?? 10 ** Math.ceil(Math.log10(totalMs / 9));
  const ticks: Tick[] = [];
  for (let index = 0; index * step <= totalMs * 1.0001; index++) {
    ticks.push({
      at: (index * step) / totalMs,
      label: index === 0 ? '0' : formatDuration(index * step),
      minor: index % 3 !== 0,
    });
  }
  return ticks;
}

export interface LogScale {
  /** The position (0 to 1) of a time. */
  readonly at: (ms: number) => number;
  readonly ticks: readonly Tick[];
}

/** Times on a logarithmic axis, from one to a greater one, in milliseconds. */
export function logScale(fromMs: number, toMs: number): LogScale {
  const low = Math.log10(fromMs);
  const high = Math.log10(toMs);
  const at = (ms: number): number => (Math.log10(Math.max(ms, 1e-6)) - low) / (high - low);
  const factors = high - low > 3 ? [1] : [1, 2, 5];
  const ticks: Tick[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      const position = at(value);
      if (position >= 0 && position <= 1)
        ticks.push({ at: position, label: shortDuration(value), minor: factor !== 1 });
    }
  }
  return { at, ticks: ticks.some(({ minor }) => !minor) ? ticks : ticks.map(withoutMinor) };
}

function withoutMinor({ at, label }: Tick): Tick {
  return { at, label };
}

/** Axis labels stay in seconds (`100 s`), which is easier to read on a logarithmic axis than `1 min 40 s`. */
function shortDuration(ms: number): string {
  return ms < 1000 ? formatDuration(ms) : `${formatCount(ms / 1000)}s`;
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}
