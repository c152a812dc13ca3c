import { InputError } from '../../errors.js';
import { isJson } from '../../json/text.js';
import { isUtf16 } from '../../json/utf8.js';
import { LineCutter, type LineSink } from '../files/line-cutter.js';
import type { FileOps } from '../files/file-ops.js';
import { explainMisfit, type Misfit } from './misfit.js';
import { chunksOf } from './saved-file.js';
import { parseSaved, type RunEnd, type SavedPlace, type SavedRecord } from './saved-record.js';

const CHUNK_SIZE = 1 << 20;
const MAX_LINE_SIZE = 1 << 28;

/** A result, the place of a pending case or the closing line, with the number of its line from 1. */
export type JournalLine = (SavedRecord | RunEnd | SavedPlace) & { readonly line: number };

/** How a journal ends: properly, with a whole line that lacks its line break, or in the middle of a line. */
export interface JournalEnd {
  readonly kind: 'whole' | 'unterminated' | 'torn';
  /** Byte offset of the end of the last valid line. */
  readonly offset: number;
  /** The length of the torn tail in bytes. */
  readonly torn: number;
}

/**
 * Reads a journal of any size, a batch of lines at a time, with its end as the generator's return value. Throws an
 * InputError for a line that is no result, unless it is the last one and was truncated or consists of NUL bytes.
 */
export async function* readJournal(
  name: string,
  fd: number,
  ops: FileOps,
): AsyncGenerator<readonly JournalLine[], JournalEnd> {
  const lines = new JournalLines();
  try {
    let isFirst = true;
    for await (const chunk of chunksOf(name, fd, CHUNK_SIZE, ops)) {
      if (isFirst) refuseOtherBytes(name, chunk);
      isFirst = false;
      const batch = lines.take(chunk);
      if (batch.length > 0) yield batch;
    }
    const { last, end } = lines.end();
    if (last.length > 0) yield last;
    return end;
  } catch (error) {
    throw error instanceof BadLine ? await badLineError(name, error) : error;
  }
}

/**
 * Throws an InputError for UTF-16, which Windows PowerShell writes with `>`, and for gzip. UTF-16 is full of NUL bytes:
 * all of it would pass for the remains of an interrupted write.
 */
function refuseOtherBytes(name: string, start: Uint8Array): void {
  if (isUtf16(start)) {
    throw new InputError(`${name} is UTF-16; expected UTF-8`, {
      hint: 'iconv -f UTF-16 -t UTF-8 FILE > run.ndjson; write it with -o FILE, a PowerShell redirects in UTF-16',
    });
  }
  if (start[0] === 0x1f && start[1] === 0x8b) {
    throw new InputError(`${name} is compressed; expected text`, { hint: 'gunzip it first' });
  }
}

/** A line that is neither a result, nor the end of a run, nor the torn end of the file. */
class BadLine extends Error {
  readonly line: number;
  /** Byte offset of the line in the file. */
  readonly offset: number;
  readonly misfit: Misfit;

  constructor(line: number, offset: number, misfit: Misfit) {
    super('bad line');
    this.line = line;
    this.offset = offset;
    this.misfit = misfit;
  }
}

async function badLineError(name: string, { line, offset, misfit }: BadLine): Promise<InputError> {
  return new InputError(`${name}: line ${line} (byte ${offset}) is not ${await explainMisfit(misfit)}`, {
    hint:
      line === 1
        ? 'is it what enrich -o FILE.ndjson has written? a case file is no journal'
        : 'was the file edited, or written by a newer version? correct or remove that line',
  });
}

/** Parses lines into results, and determines how the journal ends. */
class JournalLines implements LineSink {
  readonly #lines = new LineCutter(MAX_LINE_SIZE, this);
  #batch: JournalLine[] = [];
  /** A bad line, which is an error unless only torn lines follow it. */
  #suspect: BadLine | undefined;
  /** Whether a line may be the remains of an interrupted write. */
  #mayBeTorn = hasZeros;

  /** `chunk` is not retained: the caller may reuse its buffer. */
  take(chunk: Buffer): readonly JournalLine[] {
    this.#batch = [];
    this.#lines.push(chunk);
    if (this.#lines.restLength > MAX_LINE_SIZE) this.tooLong(this.#lines.number);
    return this.#batch;
  }

  end(): { readonly last: readonly JournalLine[]; readonly end: JournalEnd } {
    const { restLength } = this.#lines;
    const end = this.#lines.offset + restLength;
    this.#batch = [];
    this.#mayBeTorn = isCutOff;
    this.#lines.endLine();
    if (this.#suspect === undefined) {
      return { last: this.#batch, end: { kind: restLength === 0 ? 'whole' : 'unterminated', offset: end, torn: 0 } };
    }
    const { offset } = this.#suspect;
    return { last: [], end: { kind: 'torn', offset, torn: end - offset } };
  }

  /** Called by the line cutter, as are the next two methods. */
  line(line: string, number: number): void {
    // trim() removes a byte order mark as well.
    const text = line.trim();
    const saved = text === '' ? undefined : parseSaved(text);
    if (saved?.kind === 'misfit') return this.#bad(number, saved, line);
    if (this.#suspect !== undefined) throw this.#suspect;
    // Member by member: an object spread would cost as much here as the check does.
    if (saved?.kind === 'run') this.#batch.push({ kind: 'run', run: saved.run, summary: saved.summary, line: number });
    else if (saved?.kind === 'place') this.#batch.push({ kind: 'place', place: saved.place, line: number });
    else if (saved !== undefined) this.#batch.push({ kind: 'result', result: saved.result, text, line: number });
  }

  notUtf8(bytes: Buffer, number: number): void {
    this.#bad(number, { kind: 'misfit', why: 'it is not UTF-8' }, bytes.toString());
  }

  tooLong(number: number): void {
    throw new BadLine(number, this.#lines.offset, { kind: 'misfit', why: 'a line of more than 256 MiB' });
  }

  #bad(number: number, misfit: Misfit, line: string): void {
    const bad = new BadLine(number, this.#lines.offset, misfit);
    if (!this.#mayBeTorn(line)) throw this.#suspect ?? bad;
    this.#suspect ??= bad;
  }
}

function hasZeros(line: string): boolean {
  return line.includes('\0');
}

/** True for the remains of an interrupted write: NUL bytes, or the beginning of an object. */
function isCutOff(line: string): boolean {
  return hasZeros(line) || (line.startsWith('{') && !isJson(line));
}
