import { isUtf8 } from 'node:buffer';
import { oneLine } from '../../json/text.js';
import { isObject, type JsonObject } from '../../json/text.js';
import { isSavedEnd } from '../../core/results/saved-shape.js';
import { InputError } from '../../errors.js';
import type { FileOps } from '../files/file-ops.js';
import { type RunEnd, type SavedRecord, parseSaved, readChunk } from './journal-reader.js';
import { explainMisfit, type Misfit } from './misfit.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const CHUNK_SIZE = 1 << 18;

/** A result of a report with its number in `results`, from 0; or, at the end, its run. */
export type ReportPart = (SavedRecord & { readonly element: number }) | RunEnd;

/**
 * Reads a JSON report of any size, a batch of results at a time, its run last. Throws an InputError for a document that
 * is cut off, not JSON, or no report.
 */
export async function* readReport(name: string, fd: number, ops: FileOps): AsyncGenerator<readonly ReportPart[]> {
  const chunk = Buffer.allocUnsafe(CHUNK_SIZE);
  const splitter = new ReportSplitter(name);
  for (let offset = 0; ;) {
    const size = await readChunk(name, fd, chunk, offset, ops);
    if (size === 0) break;
    offset += size;
    const batch = splitter.take(chunk.subarray(0, size));
    if (batch.length > 0) yield batch;
    if (splitter.misfit !== undefined) throw await misfitError(name, splitter.misfit);
  }
  const end = splitter.end();
  if (end.kind === 'run') yield [end];
  else throw await misfitError(name, { misfit: end, element: undefined });
}

/** What stands where a result, or with no element the run and the summary, should be. */
interface ReportMisfit {
  readonly misfit: Misfit;
  readonly element: number | undefined;
}

async function misfitError(name: string, { misfit, element }: ReportMisfit): Promise<InputError> {
  const what = element === undefined ? 'what is around its results' : `results[${element}]`;
  return new InputError(`${name}: ${what} is not ${await explainMisfit(misfit)}`, {
    hint: 'was the file edited, or written by a newer version?',
  });
}

/**
 * Cuts a report into the elements of its `results` and the frame around them. Elements and frame are each parsed, and
 * every element ends at one comma, so that together they prove the whole document.
 */
class ReportSplitter {
  readonly #name: string;
  /** The document with an empty `results`. */
  readonly #frame: Piece;
  readonly #element: Piece;
  /** The first element that is no result; what comes after it is not looked at. */
  misfit: ReportMisfit | undefined;
  #elements = 0;
  #depth = 0;
  #inResults = false;
  #inString = false;
  #escaped = false;

  constructor(name: string) {
    this.#name = name;
    this.#frame = new Piece(name, 1 << 24);
    this.#element = new Piece(name, 1 << 28);
  }

  /** `chunk` is not kept: its buffer may be filled again. */
  take(chunk: Buffer): ReportPart[] {
    const batch: ReportPart[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) this.#stepInString(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) from = this.#open(chunk, from, at);
      else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) from = this.#close(chunk, from, at, batch);
      else if (byte === COMMA && this.#inResults && this.#depth === 2) {
        this.#endElement(chunk.subarray(from, at), batch);
        from = at + 1;
      }
    }
    (this.#inResults ? this.#element : this.#frame).add(chunk.subarray(from));
    return batch;
  }

  end(): RunEnd | Misfit {
    const text = this.#frame.takeText();
    if (this.#depth > 0 || this.#inString) {
      throw new InputError(`${this.#name} is cut off: end of file after ${this.#elements} results`, {
        hint: 'get the file again, or use the journal (.ndjson), which can be read up to where it was cut',
      });
    }
    const head = parseObject(text);
    if (head?.['schemaVersion'] !== 1 || !Array.isArray(head['results'])) throw this.#notAReport();
    if (!isObject(head['run']) || !isObject(head['summary'])) throw this.#notAReport();
    return isSavedEnd(head) ? { kind: 'run', run: head.run, summary: head.summary } : { kind: 'misfit', value: head };
  }

  #stepInString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  /** Returns where the part that is being read begins. */
  #open(chunk: Buffer, from: number, at: number): number {
    if (++this.#depth !== 2 || chunk[at] !== OPEN_ARRAY) return from;
    this.#frame.add(chunk.subarray(from, at + 1));
    this.#inResults = RESULTS_BEGIN.test(this.#frame.tail());
    return at + 1;
  }

  #close(chunk: Buffer, from: number, at: number, batch: ReportPart[]): number {
    if (--this.#depth !== 1 || !this.#inResults) return from;
    const last = chunk.subarray(from, at);
    if (this.#elements > 0 || !this.#element.isBlankWith(last)) this.#endElement(last, batch);
    this.#inResults = false;
    return at;
  }

  #endElement(last: Buffer, batch: ReportPart[]): void {
    this.#element.add(last);
    const text = oneLine(this.#element.takeText());
    if (this.misfit !== undefined) return;
    const saved = parseSaved(text);
    const element = this.#elements++;
    if (saved.kind === 'result') batch.push({ ...saved, element });
    else this.misfit = { misfit: saved.kind === 'run' ? { kind: 'misfit', why: 'no caseId' } : saved, element };
  }

  #notAReport(): InputError {
    return new InputError(`${this.#name} is neither a journal nor a JSON report of case-tracker`);
  }
}

const RESULTS_BEGIN = /(?<!\\)"results"\s*:\s*\[$/;

/** Bytes that arrive in pieces and make one text, up to a size. */
class Piece {
  readonly #name: string;
  readonly #maxSize: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(name: string, maxSize: number) {
    this.#name = name;
    this.#maxSize = maxSize;
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    if (this.#size > this.#maxSize) throw new InputError(`${this.#name} is no JSON report of case-tracker: too large`);
    this.#chunks.push(Buffer.from(bytes));
  }

  /** The last characters, enough for a member's name. */
  tail(): string {
    return Buffer.concat(this.#chunks.slice(-256)).subarray(-256).toString('utf8');
  }

  isBlankWith(last: Buffer): boolean {
    return (
      Buffer.concat([...this.#chunks, last])
        .toString('utf8')
        .trim() === ''
    );
  }

  /** The whole text, and starts anew. */
  takeText(): string {
    const bytes = Buffer.concat(this.#chunks);
    if (!isUtf8(bytes)) throw new InputError(`${this.#name} is not UTF-8`);
    this.#chunks = [];
    this.#size = 0;
    return bytes.toString('utf8').trim();
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
