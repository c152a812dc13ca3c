import type { Clock, Random, Timer } from './core/ports.js';
import { systemCode, UsageError } from './errors.js';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** An output stream for text. `columns` is the width of a terminal. */
export interface OutputStream {
  readonly isTTY: boolean;
  readonly columns?: number | undefined;
  /** Resolves when the text is taken; rejects when the other end is gone (code EPIPE) or the write failed. */
  write(text: string | Uint8Array): Promise<void>;
  /** Calls back when the terminal is resized; returns a function that unsubscribes. */
  onResize?(listener: () => void): () => void;
}

/** The stream for notices. A failed write to it never decides how a run ends. */
export interface NoticeStream extends OutputStream {
  /** Resolves when the text is written or the write has failed: it never rejects, so callers need no error handling. */
  write(text: string | Uint8Array): Promise<void>;
  /** For results that are to go here (`-o /dev/stderr`): rejects when the write failed. */
  writeResults(text: string | Uint8Array): Promise<void>;
}

/** Everything ambient, passed in: tests fake it whole. */
export interface Host {
  /** Standard input, read by descriptor. */
  readonly stdin: { readonly isTTY: boolean; readonly fd: number };
  readonly stdout: OutputStream;
  readonly stderr: NoticeStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current folder. Throws a UsageError when it was removed. */
  readonly cwd: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Calls back at every signal; returns a function that unsubscribes. */
  onSignal(listener: (signal: SignalName) => void): () => void;
  /** Calls back for uncaught exceptions and unhandled rejections; returns a function that unsubscribes. */
  onFault(listener: (error: unknown) => void): () => void;
  /** The run is over: sets the exit code. Output already written is still delivered. */
  exit(code: number): void;
  /** Ends the process at once, output or not. */
  die(code: number): void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;
const UNKNOWN_WIDTH = 80;
const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// Ctrl-Break, which on Windows stands for SIGTERM: the latter can't be sent to a process there. Elsewhere it never comes.
const BREAK = 'SIGBREAK';

/** On how many cores this process may run. */
export function availableCores(): number {
  return process.getBuiltinModule('node:os').availableParallelism();
}

/** The clock of the machine. A wait longer than setTimeout can hold is split. */
export const realClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer(ms, fire) {
    if (ms <= MAX_TIMER_MS) {
      const handle = setTimeout(fire, ms);
      return { cancel: () => clearTimeout(handle) };
    }
    let rest: Timer;
    const handle = setTimeout(() => (rest = realClock.setTimer(ms - MAX_TIMER_MS, fire)), MAX_TIMER_MS);
    rest = { cancel: () => clearTimeout(handle) };
    return { cancel: () => rest.cancel() };
  },
  setExactTimer(ms, fire) {
    const due = performance.now() + ms;
    let immediate: NodeJS.Immediate | undefined;
    const spin = (): void => {
      if (performance.now() >= due) fire();
      else immediate = setImmediate(spin);
    };
    // setTimeout is late by a millisecond or so; the rest of the way is spent polling, between other events.
    const coarse = realClock.setTimer(Math.max(0, ms - 1.5), spin);
    return {
      cancel: () => {
        coarse.cancel();
        if (immediate) clearImmediate(immediate);
      },
    };
  },
};

/** The machine's randomness. */
export const realRandom: Random = Math.random;

/** The environment of the process. */
export const realEnv: Host['env'] = process.env;

/** The process this runs in. */
export function realHost(): Host {
  return {
    // Asked only where there is no file: the stream that `process.stdin` makes takes time.
    stdin: {
      get isTTY() {
        return process.stdin.isTTY ?? false;
      },
      fd: 0,
    },
    stdout: outputStream(process.stdout),
    stderr: noticeStream(outputStream(process.stderr)),
    env: realEnv,
    // Asked only when it is needed: `--help` and `--version` work in a folder that is gone, too.
    get cwd() {
      return currentFolder();
    },
    pid: process.pid,
    clock: realClock,
    random: realRandom,
    onSignal: listenToSignals,
    onFault: listenToFaults,
    exit: (code) => void (process.exitCode = code),
    die: (code) => process.exit(code),
  };
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    const what = systemCode(error) === 'ENOENT' ? 'was removed' : `cannot be found (${String(error)})`;
    throw new UsageError(`the current folder ${what}`, { hint: 'cd to a folder that is there', cause: error });
  }
}

function listenToSignals(listener: (signal: SignalName) => void): () => void {
  const onBreak = (): void => listener('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, listener);
  process.on(BREAK, onBreak);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
    process.off(BREAK, onBreak);
  };
}

/** Wraps a stream as one for notices. */
export function noticeStream(stream: OutputStream): NoticeStream {
  return {
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns;
    },
    write: (text) => stream.write(text).catch(() => {}),
    writeResults: (text) => stream.write(text),
    onResize: (resized) => stream.onResize?.(resized) ?? (() => {}),
  };
}

const FAULTS = ['uncaughtException', 'unhandledRejection'] as const;

function listenToFaults(listener: (error: unknown) => void): () => void {
  for (const fault of FAULTS) process.on(fault, listener);
  return () => {
    for (const fault of FAULTS) process.off(fault, listener);
  };
}

function outputStream(stream: NodeJS.WriteStream): OutputStream {
  let failed: Error | undefined;
  // Without a listener an EPIPE would be an uncaught exception; each write reports it to its caller instead.
  stream.on('error', (error) => (failed ??= error));
  return {
    isTTY: stream.isTTY ?? false,
    get columns() {
      // A terminal without a known size reports 0.
      return stream.columns === 0 ? UNKNOWN_WIDTH : stream.columns;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failed) return reject(failed);
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    onResize(resized) {
      stream.on('resize', resized);
      return () => stream.off('resize', resized);
    },
  };
}
