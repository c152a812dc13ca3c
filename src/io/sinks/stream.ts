import { constants } from 'node:fs';
import type { EnrichmentResult } from '../../core/case.js';
import type { Clock } from '../../core/ports.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import type { ResultSink } from '../../core/ports.js';
import { ReportText } from '../../core/results/result-text.js';
import { OutputError, stdoutError, systemCode } from '../../errors.js';
import type { NoticeStream, OutputStream } from '../../host.js';
import type { TextOutput } from '../files/atomic-file.js';
import { type FileOps, outputError, quietly } from '../files/file-ops.js';
import { jsonShownOn } from '../../text/printable.js';
import { UnsavedResults, resultGroups } from './result-group.js';

/**
 * Writes text to a consumer with backpressure. One write is under way at a time; texts that arrive meanwhile are joined
 * into the next one. After an error every further write fails with it.
 */
export class PacedOutput implements TextOutput {
  readonly #name: string;
  readonly #send: (text: string) => Promise<void>;
  readonly #release: () => void;
  #waiting: string[] = [];
  #sending: Promise<void> = Promise.resolve();
  #error: unknown;

  /** `name` is for messages. */
  constructor(name: string, send: (text: string) => Promise<void>, release: () => void = () => {}) {
    this.#name = name;
    this.#send = send;
    this.#release = release;
  }

  async write(text: string): Promise<void> {
    this.#waiting.push(text);
    this.#sending = this.#sending.then(() => this.#sendWaiting());
    await this.#sending;
    if (this.#error !== undefined) throw outputError(this.#name, this.#error);
  }

  async finish(): Promise<void> {
    await this.#sending;
    this.#release();
    if (this.#error !== undefined) throw outputError(this.#name, this.#error);
  }

  async close(): Promise<void> {
    await this.#sending;
    this.#release();
  }

  async #sendWaiting(): Promise<void> {
    const texts = this.#waiting;
    this.#waiting = [];
    if (texts.length === 0 || this.#error !== undefined) return;
    try {
      await this.#send(texts.join(''));
    } catch (error) {
      this.#error = error;
    }
  }
}

/** Standard output as a destination for text. On a terminal, control characters in JSON are escaped. */
export function stdoutOutput(stdout: OutputStream, isJson = false, encoding: BufferEncoding = 'utf8'): TextOutput {
  const shown = encoded(shownOn(stdout, isJson), encoding);
  const send = (text: string): Promise<void> =>
    stdout.write(shown(text)).catch((error: unknown) => Promise.reject(stdoutError(error) as Error));
  return new PacedOutput('standard output', send);
}

/** The same for standard error. A reader that has gone is an error here, not a normal end: results are lost. */
export function stderrOutput(stderr: NoticeStream, isJson = false, encoding: BufferEncoding = 'utf8'): TextOutput {
  const shown = encoded(shownOn(stderr, isJson), encoding);
  return new PacedOutput('standard error', (text) => stderr.writeResults(shown(text)));
}

function shownOn(stream: OutputStream, isJson: boolean): (text: string) => string {
  return isJson ? jsonShownOn(stream) : (text) => text;
}

/** Streams take text as UTF-8, and every other encoding as bytes. */
function encoded(shown: (text: string) => string, encoding: BufferEncoding): (text: string) => string | Uint8Array {
  return encoding === 'utf8' ? shown : (text) => Buffer.from(shown(text), encoding);
}

/** A descriptor of a pipe or device; closed at the end if `isOwn`. */
export function descriptorOutput(
  path: string,
  fd: number,
  ops: FileOps,
  isOwn: boolean,
  encoding: BufferEncoding = 'utf8',
): TextOutput {
  const send = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text, encoding);
    for (let done = 0; done < bytes.length;) done += await ops.writeSlow(fd, bytes, done, bytes.length - done);
  };
  return new PacedOutput(path, send, () => isOwn && quietly(() => ops.close(fd)));
}

const FIFO_RETRY_MS = 100;

/**
 * Opens a pipe or device for writing. Waits for the reader of a named pipe without blocking the event loop; an
 * abort ends the wait with the signal's reason.
 */
export async function openDevice(path: string, ops: FileOps, clock: Clock, signal?: AbortSignal): Promise<number> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      const probe = ops.open(path, constants.O_WRONLY | constants.O_NONBLOCK);
      // The reader is there: the pipe is opened again in blocking mode, where writes wait for a slow reader instead of failing.
      try {
        return ops.open(path, constants.O_WRONLY);
      } finally {
        ops.close(probe);
      }
    } catch (error) {
      if (systemCode(error) !== 'ENXIO') throw outputError(path, error);
    }
    await new Promise<void>((resolve) => clock.setTimer(FIFO_RETRY_MS, resolve));
  }
}

/** Writes results to a stream, one text per group. Errors name the results that were not written. */
class ResultStream {
  readonly #output: TextOutput;
  readonly #unsaved = new UnsavedResults();

  constructor(output: TextOutput) {
    this.#output = output;
  }

  async write(results: readonly EnrichmentResult[], textOf: (lines: readonly string[]) => string): Promise<void> {
    for (const { from, end, lines } of resultGroups(results)) {
      await this.#described(this.#output.write(textOf(lines)), results.slice(from, end));
    }
  }

  async end(text: string): Promise<void> {
    if (text !== '') await this.#described(this.#output.write(text));
    await this.#described(this.#output.finish());
  }

  close(): Promise<void> {
    return this.#output.close();
  }

  async #described(written: void | Promise<void>, results: readonly EnrichmentResult[] = []): Promise<void> {
    try {
      await written;
    } catch (error) {
      this.#unsaved.add(results);
      throw error instanceof OutputError ? this.#unsaved.describe(error) : error;
    }
  }
}

/**
 * Results as lines of NDJSON, as they come, and nothing else, for `jq` and other programs. A result counts as stored
 * when the stream has accepted it; what happens to it after that is up to the reader.
 */
export class NdjsonStreamSink implements ResultSink {
  readonly storesOn = 'write';
  readonly #stream: ResultStream;

  constructor(output: TextOutput) {
    this.#stream = new ResultStream(output);
  }

  write(results: readonly EnrichmentResult[]): Promise<void> {
    return this.#stream.write(results, (lines) => `${lines.join('\n')}\n`);
  }

  finish(): Promise<void> {
    return this.#stream.end('');
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}

/**
 * The JSON report for streams, where nothing can be overwritten: `summary` and `run` come after the results. `finish`
 * makes it one valid document, however the run ended.
 */
export class JsonStreamSink implements ResultSink {
  readonly storesOn = 'write';
  readonly #stream: ResultStream;
  readonly #text = new ReportText();

  constructor(output: TextOutput) {
    this.#stream = new ResultStream(output);
  }

  write(results: readonly EnrichmentResult[]): Promise<void> {
    return this.#stream.write(results, (lines) => this.#text.results(lines));
  }

  finish(run: RunInfo, summary: Summary): Promise<void> {
    return this.#stream.end(this.#text.end(run, summary));
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
