/** The packages `pg` and `pg-copy-streams`: optional, loaded when a table is named, and used here alone. */

import type { Readable } from 'node:stream';
import { UsageError } from '../../errors.js';

/** What is used of pg's client. */
export interface RawClient {
  connect(): Promise<unknown>;
  query(query: string | { readonly text: string; readonly values?: readonly unknown[] }): Promise<RawResult>;
  query(stream: CopyStream): CopyStream;
  end(): Promise<void>;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown;
  readonly connection: { readonly stream: { destroy(): void } };
  readonly processID: number | null;
  readonly secretKey: number | null;
}

export interface RawResult {
  readonly rows: readonly Readonly<Record<string, string | null>>[];
  readonly fields: readonly { readonly name: string }[];
  readonly rowCount: number | null;
}

/** The answer to a COPY TO STDOUT; the count is that of the server, known after its end. */
export interface CopyStream extends Readable {
  readonly rowCount: number;
}

export interface Driver {
  client(config: Readonly<Record<string, unknown>>): RawClient;
  copyTo(sql: string): CopyStream;
}

/** Throws a UsageError with the install command where a package is missing. */
export async function loadDriver(): Promise<Driver> {
  try {
    const [{ Client }, { to }] = await Promise.all([import('pg'), import('pg-copy-streams')]);
    return {
      client: (config) => new Client(config) as unknown as RawClient,
      copyTo: (sql) => to(sql) as unknown as CopyStream,
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!/MODULE_NOT_FOUND/.test(code)) throw error;
    throw new UsageError('PostgreSQL needs the packages pg and pg-copy-streams, which are not installed', {
      hint: 'npm install pg pg-copy-streams (with -g where case-tracker was installed so)',
      cause: error,
    });
  }
}
