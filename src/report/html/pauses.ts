/** When no call was allowed because the endpoint had asked for a pause: found from the waits of cases, in constant memory. */

/** The run's time in equal parts, each about half a pixel of a chart: a pause is drawn as long as it was. */
const CELLS = 2000;

/** A part of the run's time, from 0 to 1. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/**
 * Pauses are derived from waits and from attempts. A case's wait for a pause lasts until its next attempt, which may come
 * long after the pause, when a slot is free: a pause ends where any attempt begins.
 */
export class Pauses {
  readonly #waitsBegun = new Float64Array(CELLS + 1);
  readonly #waitsEnded = new Float64Array(CELLS + 1);
  readonly #attempts = new Uint8Array(CELLS + 1);

  /** A case waited for a pause over this part of the run's time. */
  wait({ from, to }: Band): void {
    const [begin, end] = [cellAt(from), cellAt(to)];
    this.#waitsBegun[begin] = (this.#waitsBegun[begin] ?? 0) + 1;
    this.#waitsEnded[end] = (this.#waitsEnded[end] ?? 0) + 1;
  }

  /** An attempt began. */
  attempt(at: number): void {
    this.#attempts[cellAt(at)] = 1;
  }

  /** The pauses in order; none touches another. */
  bands(): Band[] {
    const bands: Band[] = [];
    let waiting = 0;
    let start: number | undefined;
    for (let cell = 0; cell <= CELLS; cell++) {
      const begun = this.#waitsBegun[cell] ?? 0;
      waiting += begun - (this.#waitsEnded[cell] ?? 0);
      const goesOn = start !== undefined && this.#attempts[cell] === 0;
      const isPaused = waiting > 0 && (begun > 0 || goesOn);
      if (isPaused) start ??= cell;
      else if (start !== undefined) {
        bands.push({ from: start / CELLS, to: cell / CELLS });
        start = undefined;
      }
    }
    return start === undefined ? bands : [...bands, { from: start / CELLS, to: 1 }];
  }
}

function cellAt(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * CELLS);
}
