/** Opens a results table: checks that it is there and has its shape, and reads what earlier runs have stored in it. */

import { KeyedHash } from '../../core/hash/keyed-hash.js';
import type { Freshness } from '../../core/merge/freshness.js';
import { ResumeIndex } from '../../core/merge/resume-index.js';
import type { RunInfo, SavedResult } from '../../core/results/run-info.js';
import { isSavedEnd } from '../../core/results/saved-shape.js';
import { CaseTrackerError, InputError, UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { LineCutter, type LineSink } from '../files/line-cutter.js';
import { Connection } from './connection.js';
import { fieldsOf } from './copy-text.js';
import { type Driver, loadDriver } from './driver.js';
import { type Login, loginFor } from './login.js';
import { type ResultNames, resultNames } from './names.js';
import { problemOf } from './problems.js';
import { DESCRIBE, HAS_KEY, makeHint, RESULT_COLUMNS, RUN_COLUMNS } from './results-sql.js';
import { SteadyLink } from './steady-link.js';
import { TableSink } from './table-sink.js';

export interface ResultsTableOptions {
  /** Without its password. */
  readonly url: string;
  readonly passwords: Readonly<Record<string, string>> | undefined;
}

type World = Pick<Host, 'env' | 'cwd' | 'clock' | 'random'>;

/** A results table that is there and has its shape. Its owner closes the connection. */
export interface OpenTable {
  readonly login: Login;
  readonly driver: Driver;
  readonly table: readonly string[];
  readonly names: ResultNames;
  readonly connection: Connection;
}

/** Connects and checks. Throws a UsageError for what is no results table, an InputError where it can't be asked. */
export async function openTable(
  { url, passwords }: ResultsTableOptions,
  { env, cwd, clock }: World,
): Promise<OpenTable> {
  const login = loginFor(url, { env, cwd, passwords });
  const table = login.table ?? [];
  const names = resultNames(table);
  const driver = await loadDriver();
  const connection = await Connection.open(login, driver, clock).catch((error: unknown) => {
    throw inWords(error, login);
  });
  try {
    await checkShape(connection, names, login, table);
    return { login, driver, table, names, connection };
  } catch (error) {
    connection.destroy();
    throw inWords(error, login);
  }
}

/** The sink of a run into an open table; it owns the connection from now on. */
export function tableSink(
  open: OpenTable,
  run: string,
  waitMs: number,
  { clock, random }: World,
): {
  readonly sink: TableSink;
  readonly link: SteadyLink;
} {
  const { login, driver, table, connection } = open;
  const link = new SteadyLink({ login, driver, clock, random, waitMs }, connection);
  return { link, sink: new TableSink({ link, login, table, run }) };
}

/** A random UUID (version 4), made of the host's randomness. */
export function randomUuid(random: Host['random']): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return uuidOf(hex, '4');
}

/** The first 32 digits as a UUID of a version. */
export function uuidOf(hex: string, version: '4' | '8'): string {
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3] ?? '8';
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    version + hex.slice(13, 16),
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

/** What resuming needs of the table. */
export interface FormerResults {
  readonly index: ResumeIndex;
  readonly lastRun: RunInfo | undefined;
}

/** Reads id, status and key of every result, oldest first, so that the newest counts. */
export async function readFormer(
  { connection, names, login }: OpenTable,
  random: Host['random'],
  freshness?: Freshness,
): Promise<FormerResults> {
  const index = new ResumeIndex(KeyedHash.random(random), freshness);
  try {
    await connection.query(`begin isolation level repeatable read read only; ${FAST_SETTINGS}`);
    await readInto(index, connection, names);
    const { rows } = await connection.query(
      `select info::text, summary::text from ${names.runs} order by info->>'finishedAt' desc limit 1`,
    );
    await connection.query('commit');
    return { index, lastRun: runOf(rows[0]) };
  } catch (error) {
    throw inWords(error, login);
  }
}

/** Throws a UsageError when there are results in the table already. */
export async function refuseResults({ connection, names, login }: OpenTable): Promise<void> {
  const { rows } = await connection.query(`select 1 from ${names.table} limit 1`).catch((error: unknown) => {
    throw inWords(error, login);
  });
  if (rows.length === 0) return;
  throw new UsageError(`${login.shown} already holds results`, {
    hint: `--resume goes on from them; psql -c 'truncate ${names.table}, ${names.runs}' discards them`,
  });
}

// The order of the results is that of their time, which one process sorts; nothing else may run into a timeout.
const FAST_SETTINGS =
  "set local work_mem='64MB'; set local statement_timeout=0; set local idle_in_transaction_session_timeout=0; set local timezone='UTC'";

// Well above an id of 16 MiB with every character escaped.
const MOST_LINE_BYTES = 1 << 28;

async function readInto(index: ResumeIndex, connection: Connection, names: ResultNames): Promise<void> {
  // Of results without an enrichment the whole text: the server refuses to look into JSON that has \\u0000 in it.
  // No null among them, so that nearly no row has a backslash in it.
  const columns = `case_id, status, coalesce(key, ''), index, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    case when status <> 'enriched' then result::text else '' end`;
  const stream = connection.copy(`copy (select ${columns} from ${names.table} order by at, stored_at) to stdout`);
  const lines = new LineCutter(MOST_LINE_BYTES, new ResumeRows(index));
  let rows = 0;
  for await (const bytes of stream) {
    lines.push(bytes as Buffer);
    rows = lines.number - 1;
  }
  await connection.query('select 1');
  if (stream.rowCount !== rows) throw new Error(`${rows} rows came, and the server has sent ${stream.rowCount}`);
}

/** Brings rows of the table into the index. */
class ResumeRows implements LineSink {
  readonly #index: ResumeIndex;

  constructor(index: ResumeIndex) {
    this.#index = index;
  }

  line(text: string): void {
    const fields = text.includes('\\') ? fieldsOf(text) : text.split('\t');
    const [caseId = null, status, key, index, at, whole] = fields;
    const saved: Partial<SavedResult> = whole ? (JSON.parse(whole) as SavedResult) : {};
    const { error = null, source, refresh, poll } = saved;
    const result = {
      caseId,
      status: status as SavedResult['status'],
      index: Number(index),
      at: at ?? '',
      error,
      ...(key ? { key } : {}),
      ...(source === undefined ? {} : { source }),
      ...(refresh === undefined ? {} : { refresh }),
      ...(poll === undefined ? {} : { poll }),
    };
    this.#index.add(result);
  }

  notUtf8(): void {
    throw new Error('a row is not UTF-8');
  }

  tooLong(): void {
    throw new Error('a row is too long');
  }
}

function runOf(row: Readonly<Record<string, string | null>> | undefined): RunInfo | undefined {
  if (row === undefined) return undefined;
  const end = {
    run: JSON.parse(row['info'] ?? 'null') as unknown,
    summary: JSON.parse(row['summary'] ?? 'null') as unknown,
  };
  return isSavedEnd(end) ? end.run : undefined;
}

async function checkShape(
  connection: Connection,
  { table, runs, latest }: ResultNames,
  login: Login,
  names: readonly string[],
): Promise<void> {
  const { rows } = await connection.query(DESCRIBE, [table, runs, latest]);
  const has = (part: string, column: string, type?: string): boolean =>
    rows.some((row) => row['part'] === part && row['name'] === column && (type === undefined || row['type'] === type));
  const hint = makeHint(names, login.shown);
  if (!rows.some(({ part }) => part === 'table'))
    throw new UsageError(`there is no table ${table} in ${login.shown}`, { hint });
  const parts = [
    ['table', table, RESULT_COLUMNS],
    ['runs', runs, RUN_COLUMNS],
  ] as const;
  for (const [part, name, columns] of parts) {
    const bad = Object.entries(columns).find(([column, type]) => !has(part, column, type));
    if (bad === undefined) continue;
    const what = rows.some((row) => row['part'] === part) ? `has no column ${bad.join(' ')}` : 'is not there';
    throw new UsageError(`${login.shown} is no results table: ${name} ${what}`, {
      hint: `name another table, and make it: ${hint}`,
    });
  }
  if (!has('latest', 'case_id'))
    throw new UsageError(`${login.shown} is no results table: there is no view ${latest}`, { hint });
  const key = await connection.query(HAS_KEY, [table]);
  if (key.rows.length > 0) return;
  throw new UsageError(`${login.shown} is no results table: (run, index) is not its key`, { hint });
}

function inWords(error: unknown, login: Login): unknown {
  if (error instanceof CaseTrackerError) return error;
  const { message, hint } = problemOf(error, login);
  return new InputError(`cannot use ${login.shown}: ${message}`, { hint, cause: error });
}
