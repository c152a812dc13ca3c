/** Logs on stderr through pino, which is loaded lazily, with the first line. */

import type { Clock } from '../../core/ports.js';
import type { OutputStream } from '../../host.js';
import type { Style } from '../../text/style.js';
import { printable, printableJson } from '../../text/printable.js';
import { fieldRedactor, type LogFields } from './log-fields.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Write = (fields: LogFields, message: string) => void;

/** Never throws and never rejects: a log that can't be written is no reason to end a run. */
export interface Logger extends Readonly<Record<LogLevel, Write>> {
  /** Check first where computing the fields is expensive. */
  isEnabled(level: LogLevel): boolean;
  /** Resolves when every line so far is written. */
  flush(): Promise<void>;
}

export interface LoggerOptions {
  readonly level: LogLevel | 'silent';
  /** `auto` is pretty on a terminal, else JSON. */
  readonly format: 'auto' | 'json' | 'pretty';
  readonly stream: OutputStream;
  readonly clock: Clock;
  readonly style: Style;
  /** Redacts secrets in a text. */
  readonly redact: (text: string) => string;
  /** The live lines above which log lines must go; called for each line. */
  readonly progress?: () => { notice(text: string): void } | undefined;
}

/** The fields of a line about an attempt. */
export interface AttemptFields {
  readonly caseId: string;
  readonly requestId: string;
  readonly attempt: number;
  /** `GET /cases/{id}`: the method and the template, without secrets. */
  readonly operation: string;
  readonly durationMs: number;
  /** `ok`, `http 503`, `timeout body` … */
  readonly outcome: string;
}

/** The writer of lines: pino, or its plain fallback. */
type Writer = Readonly<Record<LogLevel, Write>>;

/** A logger that writes lines of `level` and above, in order, one JSON object or one line of text each. */
export function createLogger(options: LoggerOptions): Logger {
  const lowest = options.level === 'silent' ? LOG_LEVELS.length : LOG_LEVELS.indexOf(options.level);
  const isEnabled = (level: LogLevel): boolean => LOG_LEVELS.indexOf(level) >= lowest;
  const queue = new LineQueue(options);
  const writer = writerOf((level) => (fields, message) => {
    if (isEnabled(level)) queue.add(level, fields, message);
  });
  return { ...writer, isEnabled, flush: () => queue.flush() };
}

/** The line of one attempt, at `debug`. */
export function logAttempt(logger: Logger, fields: AttemptFields): void {
  if (logger.isEnabled('debug')) logger.debug({ ...fields }, 'attempt');
}

function writerOf(writeAt: (level: LogLevel) => Write): Writer {
  return Object.fromEntries(LOG_LEVELS.map((level) => [level, writeAt(level)])) as unknown as Writer;
}

/** Buffers lines until pino is loaded, then passes them on in order. */
class LineQueue {
  readonly #options: LoggerOptions;
  #waiting: ((writer: Writer) => void)[] = [];
  #writer: Writer | undefined;
  #loading: Promise<void> | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  add(level: LogLevel, fields: LogFields, message: string): void {
    const timed = { time: new Date(this.#options.clock.wallNow()).toISOString(), ...fields };
    if (this.#writer !== undefined) return this.#writer[level](timed, message);
    this.#waiting.push((writer) => writer[level](timed, message));
    this.#loading ??= this.#load();
  }

  async flush(): Promise<void> {
    await this.#loading;
    await this.#written;
  }

  async #load(): Promise<void> {
    const emit = (line: string): void => this.#emit(line);
    this.#writer = await pinoWriter(this.#options, emit).catch(() => plainWriter(this.#options, emit));
    for (const writeTo of this.#waiting) writeTo(this.#writer);
    this.#waiting = [];
  }

  #emit(line: string): void {
    const { stream, progress } = this.#options;
    const above = progress?.();
    if (above !== undefined) return above.notice(line);
    const writing = stream.write(`${line}\n`).catch(() => undefined);
    this.#written = this.#written.then(() => writing);
  }
}

type Emit = (line: string) => void;

async function pinoWriter(options: LoggerOptions, emit: Emit): Promise<Writer> {
  const { pino } = await import('pino');
  const { level, redact, style } = options;
  const hideSecrets = fieldRedactor(redact, showsStacks(options), pino.stdSerializers.err);
  const pretty = isPretty(options);
  const destination = {
    // Makes pino keep the parts of each line on this object.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    lastObj: {},
    lastMsg: '',
    write(json: string): void {
      const label = pino.levels.labels[this.lastLevel] ?? '';
      emit(pretty ? prettyLine(label, this.lastObj, this.lastMsg, style) : printableJson(json.trimEnd()));
    },
  };
  const writer: Writer = pino(
    {
      level,
      base: null,
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
      // The error has been turned into a plain object by now.
      serializers: { err: (error: unknown) => error },
      // Secrets are redacted before pino writes JSON, which would escape a secret with a quotation mark in it.
      hooks: {
        logMethod([fields, message = ''], write) {
          write.call(this, hideSecrets(fields as LogFields), redact(message));
        },
      },
    },
    destination,
  );
  return writer;
}

/** The fallback where pino can't be loaded, for instance for lack of file descriptors. */
function plainWriter(options: LoggerOptions, emit: Emit): Writer {
  const { redact, style } = options;
  const hideSecrets = fieldRedactor(redact, showsStacks(options), ({ name, message, stack }) => ({
    type: name,
    message,
    stack,
  }));
  return writerOf((level) => (given, message) => {
    const fields = hideSecrets(given);
    const msg = redact(message);
    if (isPretty(options)) emit(prettyLine(level, fields, msg, style));
    else emit(printableJson(JSON.stringify({ level, ...fields, msg })));
  });
}

function isPretty({ format, stream }: LoggerOptions): boolean {
  return format === 'pretty' || (format === 'auto' && stream.isTTY);
}

function showsStacks({ level }: LoggerOptions): boolean {
  return level === 'debug' || level === 'trace';
}

/** `09:30:00.123 WARN  message  name=value other="two words"`. */
function prettyLine(level: string, { time, ...fields }: LogFields, message: string, style: Style): string {
  const paint = level === 'error' ? style.red : level === 'warn' ? style.yellow : style.dim;
  const start = `${style.dim(String(time).slice(11, 23))} ${paint(level.toUpperCase().padEnd(5))} ${printable(message)}`;
  const pairs = Object.entries(fields).map(
    ([name, value]) => ` ${style.dim(`${printable(name)}=`)}${prettyValue(value)}`,
  );
  return `${start}${pairs.length > 0 ? ' ' : ''}${pairs.join('')}`;
}

function prettyValue(value: unknown): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value));
  return printable(/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));
}
