/** The exit code of a run, from how it ended. */

import type { RunInfo, Summary } from './core/results/run-info.js';
import { isWithin, type Threshold, unenriched } from './core/run/stop-rules.js';
import { EXIT, type ExitCode } from './errors.js';
import type { SignalName } from './host.js';

/** How a run ended, as far as the exit code is concerned. */
export interface Ending {
  readonly stoppedBy: RunInfo['stoppedBy'];
  readonly complete: boolean;
  /** The signal that interrupted it, also when something else had stopped it before. */
  readonly signal?: SignalName | null;
  readonly outputFailed?: boolean;
  readonly inputFailed?: boolean;
}

const BY_SIGNAL: Readonly<Record<SignalName, ExitCode>> = {
  SIGHUP: EXIT.hangup,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

/** The exit code of a signal: 128 and its number. */
export function signalExitCode(signal: SignalName): ExitCode {
  return BY_SIGNAL[signal];
}

/** If several apply: output, then signals, then an early stop, then input, then failures beyond the allowance. */
export function exitCodeOf(ending: Ending, summary: Summary, allowed: Threshold): ExitCode {
  const { stoppedBy } = ending;
  if (ending.outputFailed || stoppedBy === 'output') return EXIT.output;
  if (ending.signal) return signalExitCode(ending.signal);
  if (stoppedBy === 'signal') return EXIT.interrupted;
  // Whatever else a newer version may know is an early stop too.
  if (stoppedBy !== null && stoppedBy !== 'input') return EXIT.stopped;
  if (ending.inputFailed || stoppedBy === 'input') return EXIT.input;
  return isWithin(allowed, unenriched(summary), summary.total) ? EXIT.ok : EXIT.failures;
}

/** The end of saved results whose run was killed or is still under way: it counts as an early stop. */
export const UNFINISHED: Ending = { stoppedBy: 'unfinished', complete: false };

/** The exit code that saved runs had, or would have had with this allowance. */
export function savedExitCode(runs: readonly Ending[], summary: Summary, allowed: Threshold): ExitCode {
  const codes = new Set(runs.map((run) => exitCodeOf(run, summary, allowed)));
  const order: readonly ExitCode[] = [EXIT.output, EXIT.interrupted, EXIT.stopped, EXIT.input, EXIT.failures];
  return order.find((code) => codes.has(code)) ?? exitCodeOf({ stoppedBy: null, complete: true }, summary, allowed);
}
