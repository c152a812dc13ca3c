import { isUtf8 } from 'node:buffer';
import { isObject } from '../../json/text.js';
import type { SavedResult } from '../../core/results/run-info.js';
import { isSavedEnd, isSavedResult, type SavedEnd } from '../../core/results/saved-shape.js';
import { InputError } from '../../errors.js';
import { type FileOps, type NamedPath, reasonOf } from '../files/file-ops.js';
import { explainMisfit, type Misfit } from './misfit.js';

const NEWLINE = 0x0a;
const OPEN_OBJECT = 0x7b;
const CHUNK_SIZE = 1 << 20;
const MAX_LINE_SIZE = 1 << 28;

/** A result that was read back, with its source text on one line: what JSON renderers must write to change nothing. */
export interface SavedRecord {
  readonly kind: 'result';
  readonly result: SavedResult;
  readonly text: string;
}

/** The end of a run: the closing line of a journal, the head of a report. */
export interface RunEnd extends SavedEnd {
  readonly kind: 'run';
}

/** A result or the closing line, and where its line stands. */
export type JournalLine = (SavedRecord | RunEnd) & Position;

export interface Position {
  /** From 1. */
  readonly line: number;
  /** Of the line's first byte. */
  readonly offset: number;
}

/** How a journal ends: in order, with a whole line that lacks its line break, or in the middle of one. */
export interface JournalEnd {
  readonly kind: 'whole' | 'unterminated' | 'torn';
  /** Where the last line that counts ends. */
  readonly offset: number;
  /** The length of the torn tail in bytes. */
  readonly torn: number;
}

/**
 * Reads a journal of any size, a batch of lines at a time, with its end as the generator's return value. Throws an
 * InputError for a line that is no result, unless it is the last one and was cut off or consists of zeros.
 */
export async function* readJournal(
  name: string,
  fd: number,
  ops: FileOps,
): AsyncGenerator<readonly JournalLine[], JournalEnd> {
  const chunk = Buffer.allocUnsafe(CHUNK_SIZE);
  const lines = new LineParser();
  try {
    for (let offset = 0; ;) {
      const size = await readChunk(name, fd, chunk, offset, ops);
      if (size === 0) break;
      offset += size;
      const batch = lines.take(chunk.subarray(0, size));
      if (batch.length > 0) yield batch;
    }
    const { last, end } = lines.end();
    if (last !== undefined) yield [last];
    return end;
  } catch (error) {
    throw error instanceof BadLine ? await badLineError(name, error) : error;
  }
}

/** Reads a part of a file; 0 at its end. `name` is for the InputError. */
export async function readChunk(
  name: string,
  fd: number,
  chunk: Uint8Array,
  offset: number,
  ops: FileOps,
): Promise<number> {
  try {
    return await ops.read(fd, chunk, 0, chunk.length, offset);
  } catch (error) {
    throw new InputError(`cannot read ${name}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Opens a file of results for reading. Throws an InputError. */
export function openForReading({ name, path }: NamedPath, ops: FileOps): number {
  let fd: number | undefined;
  try {
    fd = ops.open(path, 'r');
    if (ops.stat(fd).isFile()) return fd;
  } catch (error) {
    const reason = ops.statPath(path) === undefined ? 'no such file' : reasonOf(error);
    throw new InputError(`cannot read ${name}: ${reason}`, { cause: error });
  }
  ops.close(fd);
  throw new InputError(`cannot read ${name}: it is not a regular file`, { hint: 'save the results in a file first' });
}

/** A line that is neither a result nor the end of a run, nor the torn end of the file. */
class BadLine extends Error {
  readonly position: Position;
  readonly misfit: Misfit;

  constructor(position: Position, misfit: Misfit) {
    super('bad line');
    this.position = position;
    this.misfit = misfit;
  }
}

async function badLineError(name: string, { position: { line, offset }, misfit }: BadLine): Promise<InputError> {
  return new InputError(`${name}: line ${line} (byte ${offset}) is not ${await explainMisfit(misfit)}`, {
    hint:
      line === 1
        ? 'is it what enrich -o FILE.ndjson has written? a case file is none'
        : 'was the file edited, or written by a newer version? mend or remove that line',
  });
}

/** Cuts bytes into lines and the lines into results. The unfinished line is kept in pieces, so that it may be long. */
class LineParser {
  #pieces: Buffer[] = [];
  #pending = 0;
  #offset = 0;
  #line = 1;
  /** A bad line that is an error unless it turns out to be the last one. */
  #suspect: BadLine | undefined;

  /** `chunk` is not kept: its buffer may be filled again. */
  take(chunk: Buffer): JournalLine[] {
    const batch: JournalLine[] = [];
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      this.#endLine(chunk.subarray(from, to), batch);
      from = to + 1;
    }
    if (from < chunk.length) this.#keep(Buffer.from(chunk.subarray(from)));
    return batch;
  }

  end(): { readonly last: JournalLine | undefined; readonly end: JournalEnd } {
    const rest = Buffer.concat(this.#pieces);
    const end = this.#offset + rest.length;
    const parsed = rest.length === 0 ? undefined : this.#parse(rest);
    if (parsed instanceof BadLine) this.#suspectTail(parsed, isCutOff(rest));
    else if (rest.length > 0) this.#throwSuspect();
    if (this.#suspect !== undefined || parsed instanceof BadLine) {
      const offset = this.#suspect?.position.offset ?? end;
      return { last: undefined, end: { kind: 'torn', offset, torn: end - offset } };
    }
    return { last: parsed, end: { kind: rest.length === 0 ? 'whole' : 'unterminated', offset: end, torn: 0 } };
  }

  #endLine(lastPiece: Buffer, batch: JournalLine[]): void {
    const bytes = this.#pieces.length === 0 ? lastPiece : Buffer.concat([...this.#pieces, lastPiece]);
    const parsed = this.#parse(bytes);
    if (parsed instanceof BadLine) this.#suspectTail(parsed, bytes.includes(0));
    else {
      this.#throwSuspect();
      if (parsed !== undefined) batch.push(parsed);
    }
    this.#pieces = [];
    this.#pending = 0;
    this.#offset += bytes.length + 1;
    this.#line++;
  }

  #suspectTail(bad: BadLine, mayBeTorn: boolean): void {
    if (!mayBeTorn) throw this.#suspect ?? bad;
    this.#suspect ??= bad;
  }

  #throwSuspect(): void {
    if (this.#suspect !== undefined) throw this.#suspect;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#pending += piece.length;
    if (this.#pending > MAX_LINE_SIZE) throw this.#badLine('a line of more than 256 MiB');
  }

  /** undefined for a blank line. */
  #parse(bytes: Buffer): JournalLine | BadLine | undefined {
    // trim() takes a byte order mark away as well.
    const text = bytes.toString('utf8').trim();
    if (text === '') return undefined;
    if (!isUtf8(bytes)) return this.#badLine('it is not UTF-8');
    const saved = parseSaved(text);
    if (saved.kind === 'misfit') return new BadLine(this.#position, saved);
    // Member by member: spreads would cost as much here as the check does.
    const { line, offset } = this.#position;
    if (saved.kind === 'run') return { kind: 'run', run: saved.run, summary: saved.summary, line, offset };
    return { kind: 'result', result: saved.result, text: saved.text, line, offset };
  }

  get #position(): Position {
    return { line: this.#line, offset: this.#offset };
  }

  #badLine(why: string): BadLine {
    return new BadLine(this.#position, { kind: 'misfit', why });
  }
}

/** True for what a write that did not end leaves: zeros, or the beginning of an object. */
function isCutOff(bytes: Buffer): boolean {
  if (bytes.includes(0)) return true;
  if (bytes[0] !== OPEN_OBJECT) return false;
  try {
    JSON.parse(bytes.toString('utf8'));
    return false;
  } catch {
    return true;
  }
}

/** The result or run in a text, or what does not fit. */
export function parseSaved(text: string): SavedRecord | RunEnd | Misfit {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'misfit', why: 'it is not JSON' };
  }
  if (!isObject(value)) return { kind: 'misfit', why: 'it is not an object' };
  if (isSavedResult(value)) return { kind: 'result', result: value, text };
  if (isSavedEnd(value)) return { kind: 'run', run: value.run, summary: value.summary };
  return { kind: 'misfit', value };
}
