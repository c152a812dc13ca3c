import { isSavedEnd } from '../../core/results/saved-shape.js';
import { InputError } from '../../errors.js';
import type { ElementSink } from '../../json/array-cutter.js';
import { ArrayDocument } from '../../json/array-document.js';
import { JsonProblem, placeInFile } from '../../json/position.js';
import { isObject, type JsonObject, oneLine } from '../../json/text.js';
import { markLength } from '../../json/utf8.js';
import type { FileOps } from '../files/file-ops.js';
import { Utf8Pieces } from '../files/utf8-pieces.js';
import { explainMisfit, type Misfit } from './misfit.js';
import { chunksOf } from './saved-file.js';
import { parseSaved, type RunEnd, type SavedRecord } from './saved-record.js';

const CHUNK_SIZE = 1 << 18;
const MAX_RESULT_SIZE = 1 << 28;
const MAX_FRAME_SIZE = 1 << 24;

/** A result of a report with its index in `results`, from 0; or, at the end, the report's run. */
export type ReportPart = (SavedRecord & { readonly element: number }) | RunEnd;

/**
 * Reads a JSON report of any size, a batch of results at a time, its run last.Throws an InputError for a document that
 * is truncated, not JSON, or no report.
 */
export async function* readReport(name: string, fd: number, ops: FileOps): AsyncGenerator<readonly ReportPart[]> {
  const report = new ReportDocument(name);
  let isFirst = true;
  for await (const chunk of chunksOf(name, fd, CHUNK_SIZE, ops)) {
    const batch = report.take(isFirst ? chunk.subarray(markLength(chunk)) : chunk);
    isFirst = false;
    if (batch.length > 0) yield batch;
    if (report.misfit !== undefined) throw await misfitError(name, report.misfit);
  }
  const end = report.end();
  if (end.kind === 'run') yield [end];
  else throw await misfitError(name, { misfit: end, element: undefined });
}

/** A misfit in place of a result, or without `element`, in place of the run and the summary. */
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

/** Splits a report into the elements of its `results`, and the frame: the document around them. */
class ReportDocument implements ElementSink {
  readonly #name: string;
  readonly #pieces = new Utf8Pieces();
  readonly #document: ArrayDocument;
  /** The bytes of the document without its results. */
  #frame: Buffer[] = [];
  #frameSize = 0;
  #batch: ReportPart[] = [];
  /** The first element that is no result; what follows it is ignored. */
  misfit: ReportMisfit | undefined;

  constructor(name: string) {
    this.#name = name;
    const around = (bytes: Buffer): void => this.#addToFrame(bytes);
    this.#document = new ArrayDocument({ pathOf: () => ['results'], maxElementBytes: MAX_RESULT_SIZE, around }, this);
  }

  /** `chunk` is not retained: the caller may reuse its buffer. */
  take(chunk: Buffer): readonly ReportPart[] {
    this.#batch = [];
    const { piece, isBad } = this.#pieces.next(chunk);
    try {
      this.#document.take(piece);
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error;
      this.#notJson(error);
    }
    if (isBad && this.misfit === undefined) throw this.#notUtf8();
    return this.#batch;
  }

  end(): RunEnd | Misfit {
    const { outline, cutter } = this.#document;
    if (outline?.state !== 'done') {
      throw new InputError(`${this.#name} is cut off: end of file after ${cutter.count} results`, {
        hint: 'get the file again, or use the journal (.ndjson), which can be read up to where it was cut',
      });
    }
    if (this.#pieces.isTorn) throw this.#notUtf8();
    const head = parseObject(Buffer.concat(this.#frame).toString());
    if (head?.['schemaVersion'] !== 1 || !outline.found) throw this.#notAReport();
    if (!isObject(head['run']) || !isObject(head['summary'])) throw this.#notAReport();
    return isSavedEnd(head) ? { kind: 'run', run: head.run, summary: head.summary } : { kind: 'misfit', value: head };
  }

  /** Called by the document scanner for each element. */
  element(text: string | undefined, element: number): void {
    if (this.misfit !== undefined) return;
    if (text === undefined) throw this.#tooLarge();
    const saved = parseSaved(oneLine(text));
    if (saved.kind === 'result') this.#batch.push({ ...saved, element });
    else this.misfit = { misfit: saved.kind === 'misfit' ? saved : { kind: 'misfit', why: 'no result' }, element };
  }

  /** Invalid JSON inside the results is a bad result; outside of them, the file is no report at all. */
  #notJson({ message, offset, line }: JsonProblem): void {
    if (this.misfit !== undefined) return;
    if (!this.#document.isInArray) throw this.#notAReport([`${message} (${placeInFile(offset, line)})`]);
    this.misfit = { misfit: { kind: 'misfit', why: 'it is not JSON' }, element: this.#document.cutter.count };
  }

  #addToFrame(bytes: Buffer): void {
    this.#frameSize += bytes.length;
    if (this.#frameSize > MAX_FRAME_SIZE) throw this.#tooLarge();
    if (bytes.length > 0) this.#frame.push(Buffer.from(bytes));
  }

  #notUtf8(): InputError {
    return new InputError(`${this.#name} is not UTF-8`);
  }

  #tooLarge(): InputError {
    return new InputError(`${this.#name} is no JSON report of case-tracker: too large`);
  }

  #notAReport(details: readonly string[] = []): InputError {
    return new InputError(`${this.#name} is neither a journal nor a JSON report of case-tracker`, { details });
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
