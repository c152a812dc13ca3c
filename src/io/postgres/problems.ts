/** What went wrong with the database, in words: by SQLSTATE where the server has spoken, by errno where it has not. */

import { systemCode } from '../../errors.js';
import type { Login } from './login.js';

/** The connection is gone, or nothing was heard on it for too long. */
export class ConnectionLost extends Error {}

/** The server wants a password, and there is none. */
export class NoPassword extends Error {}

export interface Problem {
  readonly message: string;
  readonly hint: string | undefined;
}

/** The SQLSTATE of an error that the server has sent; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' && 'severity' in (error as object) ? code : undefined;
}

// Shutdown, crash, start-up, read-only after a failover, resources, deadlock, lock and statement timeouts.
const AWAY = /^(08|57P|53|40)|^(25006|55P03|57014)$/;

/** True when the same may work in a while, on a new connection. */
export function isAway(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return AWAY.test(state) && state !== '53400';
  return !(error instanceof NoPassword) && !isUntrusted(error);
}

/** True when the server refuses a value, so that other rows may be stored all the same. */
export function isDataFault(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error) ?? '');
}

function isUntrusted(error: unknown): boolean {
  const code = systemCode(error) ?? '';
  const { message } = error as Error;
  return /^(CERT|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code) || /does not support SSL/.test(message);
}

/** The error in one line, and the remedy. No password is in it. */
export function problemOf(error: unknown, login: Login): Problem {
  const state = sqlState(error);
  const problem = state === undefined ? connectionProblem(error, login) : serverProblem(error as Error, state, login);
  return { ...problem, message: withoutSecret(problem.message, login.password) };
}

function serverProblem(error: Error, state: string, { database, user }: Login): Problem {
  return { message: error.message, hint: hintFor(state, error.message, user, database) };
}

function hintFor(state: string, message: string, user: string, database: string): string | undefined {
  const relation = /(?:table|view|relation|schema) "?([^"\s]+)"?/.exec(message)?.[1] ?? 'results';
  switch (state) {
    case '28P01':
      return `is it the right password for ${user}? it comes from the URL, PGPASSWORD or ~/.pgpass`;
    case '28000':
      return message.includes('pg_hba')
        ? 'pg_hba.conf on the server says who may log in how'
        : 'postgres://USER@host/db says who logs in';
    case '3D000':
      return `psql -l lists the databases; createdb ${database} makes it`;
    case '42501':
      return message.includes('schema')
        ? `grant usage on schema ${relation} to ${user}`
        : `grant select on ${relation} to ${user}; a results table needs insert too, and ${relation}_runs`;
    case '42P01':
      return 'upper and lower case count: ?table=schema.name; psql -c "\\d" lists the tables';
    case '25006':
      return 'a query only reads, in a read-only transaction';
    case '53300':
      return 'the server has no connection left: try again later, or with pgbouncer';
    default:
      return undefined;
  }
}

function connectionProblem(error: unknown, { host, port, noPassword }: Login): Problem {
  const code = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AggregateError) return connectionProblem(error.errors[0], { host, port, noPassword } as Login);
  if (error instanceof NoPassword) return { message: 'the server asks for a password', hint: noPassword };
  const place = host.startsWith('/') ? `the socket in ${host}` : `${host}:${port}`;
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return { message: `nothing listens at ${place}`, hint: 'is the server up? pg_isready tells' };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { message: `there is no host ${host}`, hint: 'is its name right?' };
  if (/does not support SSL/.test(message))
    return { message: 'the server has no TLS', hint: 'sslmode=disable where the way to it is safe' };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return { message: `its certificate is refused: ${message}`, hint: 'name the host as its certificate does' };
  if (isUntrusted(error)) return { message: `its certificate is refused: ${message}`, hint: 'sslrootcert=FILE' };
  if (/timeout expired/i.test(message)) return { message: 'no answer in time', hint: 'connect_timeout=SECONDS' };
  if (/Connection terminated/.test(message)) return { message: 'the connection was lost', hint: undefined };
  return { message: message === '' ? (code ?? 'unknown') : message, hint: undefined };
}

function withoutSecret(message: string, password: string | undefined): string {
  return password === undefined || password.length < 4 ? message : message.replaceAll(password, '***');
}
