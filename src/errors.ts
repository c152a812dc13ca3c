/** What ends a run: the exit codes and the few classes that are thrown. A failed case is a value, never one of these. */

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

/** An expected end of the run: one to four lines of what, where and a hint that mends it. */
export class CaseTrackerError extends Error {
  readonly exitCode: ExitCode;
  /** Further lines: where, and what was kept. */
  readonly details: readonly string[];
  /** The command or flag that mends it; several lines are allowed. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, more: ErrorDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.details = more.details ?? [];
    this.hint = more.hint;
  }
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

/** Output that can't be written. */
export class OutputError extends CaseTrackerError {
  constructor(message: string, more?: ErrorDetails) {
    super(EXIT.output, message, more);
  }
}

export interface RenderOptions {
  /** Show where in the program it happened, too. */
  readonly stack?: boolean;
  /** Makes a text fit to be seen: no secret, no control character. */
  readonly shown?: (text: string) => string;
}

/** The error as the user sees it: `error: …`, details, `hint: …`. A bug shows what to report. */
export function renderError(error: unknown, { stack = false, shown = (text) => text }: RenderOptions = {}): string {
  const lines = error instanceof CaseTrackerError ? expectedLines(error) : bugLines(error);
  const trace = stack && error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return [...lines, ...trace].map((line) => `${shown(line)}\n`).join('');
}

function expectedLines({ message, details, hint }: CaseTrackerError): string[] {
  const hints = (hint?.split('\n') ?? []).map((line, index) => `${index === 0 ? '  hint: ' : '        '}${line}`);
  return [`error: ${message}`, ...details.map((line) => `  ${line}`), ...hints];
}

function bugLines(error: unknown): string[] {
  const what = error instanceof Error ? error.message : String(error);
  return [`error: this is a bug in case-tracker: ${what}`, '  hint: --log-level debug shows where; please report it'];
}

/** The system's code of an error (`ENOENT`, `EPIPE` …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
