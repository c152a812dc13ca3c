/** Stores rows of results in batches; a row that the server refuses is named, and the others are stored all the same. */

import { printable } from '../../text/printable.js';
import type { Login } from './login.js';
import { isDataFault, problemOf } from './problems.js';
import { batchesOf, insertInto, type ResultRow, valuesOf } from './result-rows.js';
import type { SteadyLink } from './steady-link.js';

const MOST_NAME = 100;

export class RowWriter {
  /** How many rows were added; those that were there already are not counted. */
  added = 0;
  /** Rows that the server has refused, each with its words. */
  readonly refused: string[] = [];
  readonly #link: SteadyLink;
  readonly #login: Login;
  readonly #insert: string;

  /** @param table an SQL identifier. */
  constructor(link: SteadyLink, login: Login, table: string) {
    this.#link = link;
    this.#login = login;
    this.#insert = insertInto(table);
  }

  /** Calls back with the rows that are in the table now. Rejects with an error that is about no single row. */
  async store(rows: Iterable<ResultRow>, stored: (rows: readonly ResultRow[]) => void): Promise<void> {
    for (const batch of batchesOf(rows)) await this.#storeBatch(batch, stored);
  }

  /** Halves a batch that is refused until the guilty row is alone. */
  async #storeBatch(rows: readonly ResultRow[], stored: (rows: readonly ResultRow[]) => void): Promise<void> {
    try {
      const { rowCount } = await this.#link.query(this.#insert, valuesOf(rows));
      this.added += rowCount ?? 0;
      stored(rows);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) return this.#refuse(only, error);
      const half = Math.ceil(rows.length / 2);
      await this.#storeBatch(rows.slice(0, half), stored);
      await this.#storeBatch(rows.slice(half), stored);
    }
  }

  #refuse({ caseId, index }: ResultRow, error: unknown): void {
    const name = (caseId ?? `record ${index}`).slice(0, MOST_NAME);
    this.refused.push(`${printable(name)}: ${problemOf(error, this.#login).message}`);
  }
}
