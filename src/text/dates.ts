/** Dates as people read them. Pure: no locale, no time zone of the machine. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const ISO = /^(\d{4}-\d\d-\d\d)(?:T[\d:.,]+(?:Z|([+-])(\d\d):?(\d\d)?)?)?$/;

/**
 * How far away an ISO 8601 date or date-time is, in calendar days where it was written (UTC unless it names an offset):
 * `today`, `in 2 days`, `3 days ago`, `in 4 months`. Any other text comes back as it is.
 */
export function relativeDay(isoDate: string, nowMs: number): string {
  const [, date, sign, hours = '0', minutes = '0'] = ISO.exec(isoDate) ?? [];
  if (date === undefined) return isoDate;
  const offsetMs = Number(`${sign ?? '+'}1`) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS);
  const days = Date.parse(date) / DAY_MS - Math.floor((nowMs + offsetMs) / DAY_MS);
  return Number.isNaN(days) ? isoDate : inWords(days);
}

function inWords(days: number): string {
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  if (days === -1) return 'yesterday';
  return days > 0 ? `in ${span(days)}` : `${span(-days)} ago`;
}

function span(days: number): string {
  if (days <= 60) return `${days} days`;
  const months = Math.round(days / 30.44);
  return months < 24 ? `${months} months` : `${Math.round(days / 365.25)} years`;
}
