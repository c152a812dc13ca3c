/** What several runs against one endpoint share, on one machine or many: their rate, and the endpoint's pause. */

/** Says when the next attempt may start. It is asked again and again, and told of each start. */
export interface Pacer {
  /** How long the next start has to wait, in milliseconds; 0 when it may go. */
  waitMs(now: number): number;
  started(now: number): void;
}

/** What a run lets the others do to it. */
export interface SharingRun {
  /** The endpoint asks all of them for a pause of so many milliseconds from now. A longer one stays. */
  pause(ms: number): void;
  /** The pacer has something new: a start that was refused may be asked for again. */
  look(): void;
}

export interface SharedThrottle {
  /** Keeps the rate of all; null where there is none. */
  readonly pacer: Pacer | null;
  /** The endpoint has asked this run for a pause of so many milliseconds from now. */
  tellPause(ms: number): void;
  /** Called once, before the first start. */
  connect(run: SharingRun): void;
}
