/** Errors that end a run: exit codes and error classes. A failed case is a value, never one of these. */

export const EXIT = {
  ok: 0,
  failures: 1,
  usage: 2,
  input: 3,
  stopped: 4,
  output: 5,
  bug: 70,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected end of the run: one to four lines that say what and where, and a hint with the remedy. */
export class CaseTrackerError extends Error {
  readonly exitCode: ExitCode;
  /** Further lines: where, and what was kept. */
  readonly details: readonly string[];
  /** The command or flag that solves it; several lines are allowed. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, more: ErrorDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.details = more.details ?? [];
    this.hint = more.hint;
  }
}

/** The reader of standard output has gone (`| head`): that is how it says "enough", and the run ends quietly. */
export class StdoutClosed extends Error {
  readonly code = 'EPIPE';
}

const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** The error for a failed write to standard output: StdoutClosed when its reader has gone, else the error itself. */
export function stdoutError(error: unknown): unknown {
  return CLOSED.has(systemCode(error) ?? '') ? new StdoutClosed('nobody reads it', { cause: error }) : error;
}

/** True when this error, or its cause, means that the reader of standard output has gone. */
export function isStdoutClosed(error: unknown): boolean {
  if (error instanceof StdoutClosed) return true;
  return error instanceof Error && error.cause !== undefined && isStdoutClosed(error.cause);
}

export interface ErrorDetails {
  readonly hint?: string | undefined;
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** Wrong flags or configuration; nothing was sent. */
export class UsageError extends CaseTrackerError {
  constructor(message: string, more?: ErrorDetails) {
    super(EXIT.usage, message, more);
  }
}

/** Input that can't be read as a whole. */
export class InputError extends CaseTrackerError {
  constructor(message: string, more?: ErrorDetails) {
    super(EXIT.input, message, more);
  }
}

export interface OutputErrorDetails extends ErrorDetails {
  /** How many of the results that were to be written are stored all the same, counted from the first. Default 0. */
  readonly stored?: number;
}

/** Output that can't be written. */
export class OutputError extends CaseTrackerError {
  readonly stored: number;

  constructor(message: string, more: OutputErrorDetails = {}) {
    super(EXIT.output, message, more);
    this.stored = more.stored ?? 0;
  }
}

export interface RenderOptions {
  /** Show where in the program it happened, too. */
  readonly stack?: boolean;
  /** Makes a text safe to show: without secrets and control characters. */
  readonly shown?: (text: string) => string;
}

/** The error as the user sees it: `error: …`, details, `hint: …`. A bug shows what to report. */
export function renderError(error: unknown, { stack = false, shown = (text) => text }: RenderOptions = {}): string {
  const { message, details, hint } = wordsOf(error);
  const hints = (hint?.split('\n') ?? []).map((line, index) => `${index === 0 ? '  hint: ' : '        '}${line}`);
  const trace = stack && error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const lines = [`error: ${message}`, ...details.map((line) => `  ${line}`), ...hints, ...trace];
  return lines.map((line) => `${shown(line)}\n`).join('');
}

/** The same as one JSON value on a line, for `--log-format json`; `time` is in ISO 8601. */
export function errorLogLine(
  error: unknown,
  time: string,
  { stack = false, shown = (text) => text }: RenderOptions = {},
): string {
  const { message: msg, ...words } = wordsOf(error);
  const trace = stack && error instanceof Error ? { stack: error.stack } : {};
  const line = { level: 'error', time, msg, exitCode: exitCodeOfError(error), ...words, ...trace };
  return `${JSON.stringify(line, (_, value: unknown) => (typeof value === 'string' ? shown(value) : value))}\n`;
}

/** 70, a bug, for what is no expected end. */
export function exitCodeOfError(error: unknown): ExitCode {
  return error instanceof CaseTrackerError ? error.exitCode : EXIT.bug;
}

function wordsOf(error: unknown): Pick<CaseTrackerError, 'message' | 'details' | 'hint'> {
  if (error instanceof CaseTrackerError) {
    const { message, details, hint } = error;
    return { message, details, hint };
  }
  const shortage = shortageOf(error);
  if (shortage !== undefined) return { ...shortage, details: [] };
  const what = error instanceof Error ? error.message : String(error);
  return {
    message: `this is a bug in case-tracker: ${what}`,
    details: [],
    hint: '--log-level debug shows where; please report it',
  };
}

const NO_FILES = { message: 'too many open files', hint: 'ulimit -n shows how many are allowed' };

/** The resource that the machine has run out of, if that is the error: not a bug, and free of secrets. */
export function shortageOf(error: unknown): { readonly message: string; readonly hint: string } | undefined {
  const code = systemCode(error);
  return code === 'EMFILE' || code === 'ENFILE' ? NO_FILES : undefined;
}

/** An uncaught error as a bug: even an expected error should have been caught somewhere. */
export function strayError(error: unknown): Error {
  const stray = new Error(error instanceof Error ? error.message : String(error), { cause: error });
  if (error instanceof Error && error.stack !== undefined) stray.stack = error.stack;
  return stray;
}

/** The system's code of an error (`ENOENT`, `EPIPE` …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
