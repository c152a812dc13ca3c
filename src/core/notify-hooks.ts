/** Where notifications of a run go, and which. */

export const NOTIFY_EVENTS = ['finished', 'failed', 'stopped', 'paused'] as const;

/** `finished`: exit code 0. `failed`: 1. `stopped`: it ended early. `paused`: nothing goes on for a while. */
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** A URL that takes notifications. */
export interface Hook {
  /** A secret: whoever knows it can write there. */
  readonly url: string;
  /** Its scheme and host, which may be shown. */
  readonly origin: string;
  readonly on: readonly NotifyEvent[];
}
