/** Durations, dates, counts, rates and sizes as people read them, and durations as flags take them. */

import { clip } from './clip.js';

/** Shown in place of NaN and infinite numbers. */
const NO_NUMBER = '–';

/** `2,947`; `–` for NaN. Not by Intl: it is slow to load, and formats by the machine's locale data. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return NO_NUMBER;
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2,947 cases`, `1 case`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `0.4ms`, `84ms`, `4.6s`, `12s`, `2m 05s`, `1h 03m`, `2d 04h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return NO_NUMBER;
  if (ms > 0 && ms < 0.05) return '<0.1ms';
  if (ms < 9.95) return `${formatDecimal(ms, 1)}ms`;
  if (Math.round(ms) < 1000) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${tenths / 10}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoUnits(seconds, 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  return minutes < 24 * 60 ? twoUnits(minutes, 60, 'h', 'm') : twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
}

/** The duration as a flag takes it, exactly: `2m`, `10s`, `1500ms`. */
export function durationFlag(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms >= 1000 && ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.ceil(ms)}ms`;
}

/** `2026-11-22 09:30:00 UTC`, or the text as it is when it is no date. */
export function formatInstant(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? clip(iso, 40) : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `12%`, `0.4%`; `<0.1%` rather than 0% for something that happened, 99% rather than 100% where something did not. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0%';
  const value = (part / whole) * 100;
  if (value < 0.1) return '<0.1%';
  return value < 10 ? `${formatDecimal(value, 1)}%` : `${Math.min(Math.round(value), part < whole ? 99 : 100)}%`;
}

/** A number with at most that many digits after the point. */
export function formatDecimal(value: number, digits: number): string {
  return Number.isFinite(value) ? String(Number(value.toFixed(digits))) : NO_NUMBER;
}

/** How many a second, without the unit: `412`, `8.5`, `0.25`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 9.95) return formatCount(perSecond);
  return String(Number(perSecond.toFixed(perSecond >= 0.95 ? 1 : 2)));
}

/** `512B`, `1.5KiB`, `2MiB`: the spelling that size flags take. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)}B`;
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1023.95 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${Math.round(value * 10) / 10}${UNITS[unit]}`;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

function twoUnits(total: number, per: number, large: string, small: string): string {
  return `${Math.floor(total / per)}${large} ${String(total % per).padStart(2, '0')}${small}`;
}

/** `a, b, c … and 6 more`. */
export function sampleText({
  count,
  examples,
}: {
  readonly count: number;
  readonly examples: readonly string[];
}): string {
  const more = count - examples.length;
  return `${examples.join(', ')}${more > 0 ? ` … and ${formatCount(more)} more` : ''}`;
}
