/** What the ending of `-o` says about the form of a text, and the names that no text should have. */

import { UsageError } from '../../errors.js';
import { endingFor, endingOf, type FileFormat, formatByEnding } from '../../text/file-endings.js';
import { shellQuote } from '../../text/shell.js';

/** What a command can write by itself. */
export interface Writable<F extends FileFormat> {
  readonly noun: string;
  /** Those that an ending tells. */
  readonly byEnding: readonly F[];
  /** All of them, as `--format` names them. */
  readonly formats: string;
}

/**
 * The form that the ending of a file's name tells; JSON for a name without one. Throws a UsageError for an ending that
 * tells none, or one that the command does not write.
 */
export function formByEnding<F extends FileFormat>(path: string, writable: Writable<F>): F | 'json' {
  refuseMisleading(path);
  const ending = endingOf(path);
  const format = formatByEnding(path);
  const form = writable.byEnding.find((one) => one === format);
  if (form !== undefined) return form;
  if (ending === undefined) return 'json';
  throw new UsageError(`-o ${path}: its ending tells no form of ${writable.noun}`, {
    hint: format === undefined ? sayTheForm(writable) : reportMakesIt(path, format),
  });
}

/** Throws a UsageError for an ending of what is never written, whatever `--format` says. */
export function refuseMisleading(path: string | undefined): void {
  if (path === undefined) return;
  const ending = endingOf(path) ?? '';
  if (ending === 'gz') {
    const plain = path.replace(/\.gz$/i, '');
    throw new UsageError(`-o ${path}: what is written is not compressed`, {
      hint: `-o ${shellQuote(plain)}, then gzip ${shellQuote(plain)}`,
    });
  }
  const hint = INSTEAD.get(ending);
  if (hint !== undefined) throw new UsageError(`-o ${path}: ${ending} files are not written`, { hint });
}

const FOR_EXCEL = '--format excel -o FILE.csv is what Excel opens by double click';
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ...['xlsx', 'xlsm', 'xls', 'ods'].map((ending) => [ending, FOR_EXCEL] as const),
  ['parquet', '-o FILE.ndjson, then DuckDB or the like: copy (from read_json(…)) to … (format parquet)'],
]);

function sayTheForm({ byEnding, formats }: Writable<FileFormat>): string {
  const endings = byEnding.map((form) => `.${endingFor(form)}`);
  return `endings that do: ${endings.join(', ')}; or say it: --format ${formats}`;
}

function reportMakesIt(path: string, format: FileFormat): string {
  return `-o run.ndjson, then: case-tracker report run.ndjson --format ${format} -o ${shellQuote(path)}`;
}
