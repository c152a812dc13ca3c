import { randomBytes } from 'node:crypto';
import { ID_PATTERN } from './shapes.js';

/** The last moment of the year 9999: a later one has more digits, and makes no id. */
const LATEST_MS = 253_402_300_799_999;

/** Makes ids of runs: by time, each greater than those before, with 96 random bits that nobody guesses. */
export class RunIds {
  #lastMs: number;

  /** @param after the greatest id that there is. */
  constructor(after?: string) {
    this.#lastMs = after === undefined ? 0 : timeOf(after);
  }

  /** `20261124t175059123-…`; `nowMs` in milliseconds since 1970. */
  next(nowMs: number): string {
    const nextMs = Math.max(Math.floor(nowMs), this.#lastMs + 1);
    // Beyond the end is only what somebody has made by hand: then it is by the clock again.
    this.#lastMs = nextMs <= LATEST_MS ? nextMs : Math.floor(nowMs);
    const time = new Date(this.#lastMs).toISOString().replace(/[-:.Z]/g, '');
    return `${time.toLowerCase()}-${randomBytes(12).toString('hex')}`;
  }
}

/** True for what can be an id, and so a name in the runs folder: never a path. */
export function isRunId(text: string): boolean {
  return ID_PATTERN.test(text);
}

function timeOf(id: string): number {
  const [, year, month, day, hour, minute, second, milli] =
    /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)(\d{3})/.exec(id) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`) || 0;
}
