/** Results tables as files: their rows are spooled as a journal, so that whatever reads journals reads tables too. */

import { createHash } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FinishedRun } from '../../core/merge/merge-index.js';
import { CaseTrackerError, InputError } from '../../errors.js';
import type { Host } from '../../host.js';
import { oneLine } from '../../json/text.js';
import { isTableUrl } from '../../text/table-url.js';
import { type FileOps, realFileOps } from '../files/file-ops.js';
import { LineCutter, type LineSink } from '../files/line-cutter.js';
import type { SavedRecord } from '../saved/saved-record.js';
import { unescaped } from './copy-text.js';
import { problemOf } from './problems.js';
import type { ResultRow } from './result-rows.js';
import { type OpenTable, openTable, uuidOf } from './results-table.js';
import { Spool } from './spool.js';

type World = Pick<Host, 'env' | 'cwd' | 'clock' | 'random'>;

/** File operations under which the URLs of tables are files with their rows. Disposing frees the space. */
export interface SpooledTables extends Disposable {
  readonly ops: FileOps;
}

/** Reads each table among the names. Throws an InputError for one that can't be read, a UsageError for what is none. */
export async function spoolTables(
  names: readonly string[],
  passwords: Readonly<Record<string, string>> | undefined,
  signal: AbortSignal,
  world: World,
): Promise<SpooledTables> {
  const spools = new Map<string, Spool>();
  const close = (): void => {
    for (const spool of spools.values()) spool[Symbol.dispose]();
  };
  try {
    for (const url of new Set(names.filter(isTableUrl))) {
      const spool = new Spool();
      spools.set(resolve(world.cwd, url), spool);
      await spoolTable(await openTable({ url, passwords }, world), spool, signal);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { ops: opsOver(spools), [Symbol.dispose]: close };
}

/** A result that was read back as a row. Its run is a hash of its text, so that loading it twice adds nothing. */
export function savedRow({ result, text }: SavedRecord, at: number): ResultRow {
  const { caseId, index, status, key, at: time, attempts, durationMs } = result;
  return { at, caseId, run: hashId(text), index, status, key: key ?? null, time, attempts, durationMs, line: text };
}

/** The id under which a run that was read back is stored, the same each time. */
export function savedRunId({ run }: FinishedRun): string {
  return hashId(JSON.stringify(run));
}

function hashId(text: string): string {
  return uuidOf(createHash('sha256').update(text).digest('hex'), '8');
}

async function spoolTable({ connection, names, login }: OpenTable, spool: Spool, signal: AbortSignal): Promise<void> {
  const stop = (): void => void connection.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await connection.query(
      "begin isolation level repeatable read read only; set local statement_timeout=0; set local work_mem='64MB'",
    );
    const stream = connection.copy(`copy (${JOURNAL(names.table, names.runs)}) to stdout`);
    const lines = new JournalLines(spool);
    for await (const bytes of stream) lines.push(bytes as Buffer);
    await connection.query('commit');
    if (stream.rowCount !== lines.count)
      throw new Error(`${lines.count} rows came, and the server has sent ${stream.rowCount}`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CaseTrackerError) throw error;
    const { message, hint } = problemOf(error, login);
    throw new InputError(`cannot read ${login.shown}: ${message}`, { hint, cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    await connection.close();
  }
}

/** The lines of a journal that would have the same results: by their time, the end of a run behind its results. */
const JOURNAL = (table: string, runs: string): string =>
  `select line from (select result::text as line, at, 0 as part, index from ${table} union all
    select '{"run":' || info::text || ',"summary":' || summary::text || '}', (info->>'finishedAt')::timestamptz, 1, 0
    from ${runs}) lines order by at, part, index`;

const MOST_LINE_BYTES = 1 << 28;

class JournalLines implements LineSink {
  readonly #spool: Spool;
  readonly #cutter = new LineCutter(MOST_LINE_BYTES, this);
  #text = '';

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  get count(): number {
    return this.#cutter.number - 1;
  }

  push(bytes: Buffer): void {
    this.#cutter.push(bytes);
    if (this.#text === '') return;
    this.#spool.append(Buffer.from(this.#text));
    this.#text = '';
  }

  line(text: string): void {
    this.#text += `${oneLine(unescaped(text))}\n`;
  }

  notUtf8(): void {
    throw new InputError('a row of the table is not UTF-8');
  }

  tooLong(): void {
    throw new InputError('a row of the table is larger than 256 MiB');
  }
}

function opsOver(spools: ReadonlyMap<string, Spool>): FileOps {
  const own = new Set([...spools.values()].map(({ fd }) => fd));
  return {
    ...realFileOps,
    open: (path, ...more) => spools.get(path)?.fd ?? realFileOps.open(path, ...more),
    statPath(path) {
      const spool = spools.get(path);
      return spool === undefined ? realFileOps.statPath(path) : fstatSync(spool.fd);
    },
    close: (fd) => (own.has(fd) ? undefined : realFileOps.close(fd)),
  };
}
