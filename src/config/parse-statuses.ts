/** Statuses as they are written: `404`, `200-299`. */

import type { StatusRange } from '../core/flow/accepted-statuses.js';
import { accept, type Parsed, refuse } from './parse-values.js';

const TAKES = 'statuses and ranges of them from 200 to 599: 200-299,404';

/** One status or range. */
export function parseStatuses(text: string): Parsed<StatusRange> {
  const item = text.trim();
  if (item === '') return refuse('is empty', { takes: TAKES });
  if (/^[1-5]xx$/i.test(item)) return parseClass(item);
  const match = /^(\d+)(?:-(\d+))?$/.exec(item);
  if (match === null) return refuse('is no status', { takes: TAKES });
  const range = { from: Number(match[1]), to: Number(match[2] ?? match[1]) };
  if (range.from > range.to) {
    const turned = range.to < 200 || range.from > 599 ? {} : { instead: [[`${range.to}-${range.from}`]] as const };
    return refuse('begins after its end', { ...turned, takes: TAKES });
  }
  return range.from < 200 || range.to > 599 ? refuse(outsideText(range), { takes: TAKES }) : accept(range);
}

/** `2xx` is how people write it, and not what is taken: there `-` says where it ends. */
function parseClass(item: string): Parsed<StatusRange> {
  const digit = item.charAt(0);
  if (digit === '1') return refuse(outsideText({ from: 100, to: 199 }), { takes: TAKES });
  return refuse('is no status', { instead: [[`${digit}00-${digit}99`]], takes: TAKES });
}

function outsideText({ from, to }: StatusRange): string {
  return from >= 100 && to <= 199 ? 'is no final answer, but what comes before one' : 'is out of range';
}
