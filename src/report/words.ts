/** Numbers, times and long texts in the words of a report. */

/** `2,963` */
export function count(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

/** `1 case`, `2,963 cases` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `8.4 ms`, `84 ms`, `4.6 s`, `2 min 5 s`, `1 h 3 min` */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 9.95) return `${trimmed(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trimmed(ms / 1000, 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return withRest(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/** `2026-11-22 09:30:00 UTC`, or the text as it is when it is no date. */
export function instant(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? cut(iso, 40) : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `12%`, `0.4%`; `<0.1%` rather than 0% for something that happened. */
export function percent(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0%';
  const value = (part / whole) * 100;
  if (value < 0.1) return '<0.1%';
  return value < 10 ? `${trimmed(value, 1)}%` : `${Math.min(Math.round(value), part < whole ? 99 : 100)}%`;
}

/** A number with at most that many digits after the point. */
export function trimmed(value: number, digits: number): string {
  return Number.isFinite(value) ? String(Number(value.toFixed(digits))) : '–';
}

/** At most `max` characters; what was cut gives way to `…`. The long text is not kept alive by the short one. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 2)) ? max - 2 : max - 1;
  // V8 keeps the whole text behind a slice; going through JSON makes a copy.
  return JSON.parse(JSON.stringify(`${text.slice(0, end)}…`)) as string;
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${restUnit}`;
}
