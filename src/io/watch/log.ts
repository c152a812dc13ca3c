/** Logs on stderr through pino, which is loaded when the first line is to be written and not before. */

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
  /** Ask first where making the fields costs something. */
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
  /** Takes the secrets out of a text. */
  readonly redact: (text: string) => string;
  /** The live lines that a log line has to go above, asked for each line. */
  readonly progress?: () => { notice(text: string): void } | undefined;
}

/** What a line about an attempt has. */
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

/** What takes the lines: pino, or what stands in for it. */
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

/** Holds lines until pino is there, then hands them on in order. */
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
    // Makes pino keep here what each line is made of.
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
      // The error is a plain object by then.
      serializers: { err: (error: unknown) => error },
      // Secrets go before pino makes JSON of the values, where one with a quotation mark would stand escaped.
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

/** Where pino can't be loaded, for want of descriptors perhaps: lines all the same. */
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
