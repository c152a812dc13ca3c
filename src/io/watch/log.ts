/** Logs on stderr through pino, which is loaded when the first line is to be written and not before. */

import type { Logger as Pino } from 'pino';

import type { Clock } from '../../core/ports.js';
import type { OutputStream } from '../../host.js';
import type { Style } from '../../text/style.js';
import { printable, printableJson } from '../../text/printable.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

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

interface Line {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

/** What pino makes of a line. */
interface LogRecord {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly [name: string]: unknown;
}

/** A logger that writes lines of `level` and above, in order, one JSON object or one line of text each. */
export function createLogger(options: LoggerOptions): Logger {
  const lowest = options.level === 'silent' ? LOG_LEVELS.length : LOG_LEVELS.indexOf(options.level);
  const isEnabled = (level: LogLevel): boolean => LOG_LEVELS.indexOf(level) >= lowest;
  const queue = new LineQueue(options);
  const write =
    (level: LogLevel): Write =>
    (fields, message) => {
      if (isEnabled(level)) queue.add(level, fields, message);
    };
  return {
    isEnabled,
    flush: () => queue.flush(),
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

/** The line of one attempt, at `debug`. */
export function logAttempt(logger: Logger, fields: AttemptFields): void {
  if (logger.isEnabled('debug')) logger.debug({ ...fields }, 'attempt');
}

/** What makes JSON of lines. */
type Writer = Readonly<Record<LogLevel, Write>>;

async function loadPino(level: LoggerOptions['level'], write: (json: string) => void): Promise<Pino> {
  const { pino } = await import('pino');
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ level, base: null, timestamp: false, formatters }, { write });
}

/** Where pino can't be loaded, for want of descriptors perhaps: a line less well made is better than none. */
function plainWriter(write: (json: string) => void): Writer {
  const writeAt =
    (level: LogLevel): Write =>
    (fields, msg) =>
      write(JSON.stringify({ level, ...fields, msg }));
  return Object.fromEntries(LOG_LEVELS.map((level) => [level, writeAt(level)])) as unknown as Writer;
}

/** Holds lines until pino is there, then hands them on in order. */
class LineQueue {
  readonly #options: LoggerOptions;
  #waiting: Line[] = [];
  #writer: Writer | undefined;
  #loading: Promise<void> | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  add(level: LogLevel, fields: LogFields, message: string): void {
    const time = new Date(this.#options.clock.wallNow()).toISOString();
    const line = { level, fields: { time, ...fields }, message };
    if (this.#writer !== undefined) return this.#writer[level](line.fields, message);
    this.#waiting.push(line);
    this.#loading ??= this.#load();
  }

  async flush(): Promise<void> {
    await this.#loading;
    await this.#written;
  }

  async #load(): Promise<void> {
    const { redact } = this.#options;
    const emit = (json: string): void => this.#emit(renderLine(json, redact, this.#options));
    this.#writer = await loadPino(this.#options.level, emit).catch(() => plainWriter(emit));
    for (const line of this.#waiting) this.#writer[line.level](line.fields, line.message);
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

/**
 * The line that pino made, its secrets taken out of every name and text: in the values rather than in the line, where
 * a secret with a quotation mark would stand escaped, and one like `1` in every number. Level, time and request id are
 * our own. Stacks are for `debug` only.
 */
function renderLine(json: string, redact: (text: string) => string, options: LoggerOptions): string {
  const stacks = options.level === 'debug' || options.level === 'trace';
  const raw = JSON.parse(json) as LogRecord;
  const { level, time, requestId } = raw;
  const own = { level, time, ...(requestId === undefined ? {} : { requestId }) };
  const record = { ...(redacted(raw, redact, stacks) as LogRecord), ...own };
  const pretty = options.format === 'pretty' || (options.format === 'auto' && options.stream.isTTY);
  return pretty ? prettyLine(record, options.style) : printableJson(JSON.stringify(record));
}

function redacted(value: unknown, redact: (text: string) => string, stacks: boolean): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => redacted(element, redact, stacks));
  const members = Object.entries(value).filter(([name]) => stacks || name !== 'stack');
  return Object.fromEntries(members.map(([name, member]) => [redact(name), redacted(member, redact, stacks)]));
}

/** `09:30:00.123 WARN  message  name=value other="two words"`. */
function prettyLine(record: LogRecord, style: Style): string {
  const { level, time, msg = '', ...fields } = record;
  const name = level.toUpperCase().padEnd(5);
  const paint = level === 'error' ? style.red : level === 'warn' ? style.yellow : style.dim;
  const message = printable(msg);
  const pairs = Object.entries(fields).map(
    ([key, value]) => ` ${style.dim(`${printable(key)}=`)}${prettyValue(value)}`,
  );
  return `${style.dim(time.slice(11, 23))} ${paint(name)} ${message}${pairs.length > 0 ? ' ' : ''}${pairs.join('')}`;
}

function prettyValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bare = typeof value !== 'string' || /^[^\s"=]+$/.test(text);
  return printable(bare ? text : JSON.stringify(text));
}
