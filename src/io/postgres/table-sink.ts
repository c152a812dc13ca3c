/** Results into a table: stored when their insert is committed. */

import type { EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { OutputError, type OutputErrorDetails } from '../../errors.js';
import { UnsavedResults } from '../sinks/result-group.js';
import type { Login } from './login.js';
import { resultNames } from './names.js';
import { problemOf } from './problems.js';
import { rowOf } from './result-rows.js';
import { RowWriter } from './row-writer.js';
import type { SteadyLink } from './steady-link.js';

export interface TableSinkOptions {
  readonly link: SteadyLink;
  readonly login: Login;
  readonly table: readonly string[];
  /** The run that the results are of: a UUID. */
  readonly run: string;
}

/**
 * A row that the server refuses is an error that names its case; the other results are stored all the same, those of
 * later writes too. After any other error nothing more is stored.
 */
export class TableSink implements ResultSink {
  readonly storesOn = 'write';
  readonly #link: SteadyLink;
  readonly #login: Login;
  readonly #runs: string;
  readonly #writer: RowWriter;
  readonly #run: string;
  readonly #unsaved = new UnsavedResults();
  #error: unknown;

  constructor({ link, login, table, run }: TableSinkOptions) {
    const names = resultNames(table);
    this.#link = link;
    this.#login = login;
    this.#runs = names.runs;
    this.#writer = new RowWriter(link, login, names.table);
    this.#run = run;
  }

  async write(results: readonly EnrichmentResult[]): Promise<void> {
    const isStored: boolean[] = results.map(() => false);
    if (this.#error === undefined) await this.#store(results, isStored);
    this.#unsaved.add(results.filter((_, at) => !isStored[at]));
    const firstLost = isStored.indexOf(false);
    this.#throwIfFailed(firstLost === -1 ? results.length : firstLost);
  }

  async finish(run: RunInfo, summary: Summary): Promise<void> {
    try {
      if (this.#error === undefined) await storeRun(this.#link, this.#runs, this.#run, { run, summary });
    } catch (error) {
      this.#error = error;
    } finally {
      await this.#link.close();
    }
    this.#throwIfFailed(0);
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  async #store(results: readonly EnrichmentResult[], isStored: boolean[]): Promise<void> {
    const rows = results.map((result, at) => rowOf(result, at, this.#run));
    try {
      await this.#writer.store(rows, (stored) => {
        for (const { at } of stored) isStored[at] = true;
      });
    } catch (error) {
      this.#error = error;
    }
  }

  #throwIfFailed(stored: number): void {
    const { details } = this.#unsaved;
    if (this.#error !== undefined) throw cannotWrite(this.#error, this.#login, { details, stored });
    if (this.#writer.refused.length > 0) throw refusal(this.#writer.refused, this.#login, { details, stored });
  }
}

/** Stores how a run has ended. Its results tell when it is there already. */
export async function storeRun(
  link: SteadyLink,
  runs: string,
  id: string,
  { run, summary }: { readonly run: RunInfo; readonly summary: Summary },
): Promise<void> {
  const sql = `insert into ${runs} (run, info, summary) values ($1, $2, $3) on conflict (run) do nothing`;
  await link.query(sql, [id, JSON.stringify(run), JSON.stringify(summary)]);
}

/** The error for a table that takes nothing. */
export function cannotWrite(error: unknown, login: Login, more: OutputErrorDetails = {}): OutputError {
  const { message, hint = 'what is in the table stays; --resume goes on from it' } = problemOf(error, login);
  return new OutputError(`cannot write ${login.shown}: ${message}`, { hint, ...more });
}

const MOST_NAMED = 3;

/** The error for rows that the server has refused. */
export function refusal(refused: readonly string[], { shown }: Login, more: OutputErrorDetails = {}): OutputError {
  const what = refused.length === 1 ? 'a result' : `${refused.length} results`;
  return new OutputError(`${shown} refuses ${what}`, {
    ...more,
    details: [...refused.slice(0, MOST_NAMED), ...(more.details ?? [])],
    hint: 'the other results are stored; was a check, trigger or column added to the table?',
  });
}
