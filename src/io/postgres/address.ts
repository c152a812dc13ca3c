/** `postgres://` URLs: which server, database and table, and how it is reached. Passwords are not in them any more. */

import { UsageError } from '../../errors.js';
import { closest } from '../../text/did-you-mean.js';
import { isLoopbackName } from '../../text/loopback.js';
import { identifiersOf } from './names.js';

/** Plain data, which can be cloned to a thread. */
export interface TableAddress {
  /** The URL without password, for messages. */
  readonly shown: string;
  /** A host name, or the folder of a socket, which begins with a slash. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  /** The parts of the table's name, schema first if given; undefined where the URL names none. */
  readonly table: readonly string[] | undefined;
  readonly tls: boolean;
  /** The file with trusted authorities. */
  readonly rootCert: string | undefined;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
}

const PARAMETERS = ['table', 'sslmode', 'sslrootcert', 'application_name', 'connect_timeout'];
const URL_PARTS = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/i;
const CONNECT_SECONDS = 10;
const DEFAULT_PORT = 5432;
const SOCKET_HINT = 'postgres://host/db; a socket is postgres://%2Fvar%2Frun%2Fpostgresql/db';

/** Reads a URL. Throws a UsageError that quotes it: it must have no password. */
export function parseAddress(shown: string): TableAddress {
  const parts = URL_PARTS.exec(shown);
  if (parts === null) throw wrong(shown, 'is no URL of a database', SOCKET_HINT);
  const [, login = '', place = '', path = '', query = '', fragment] = parts;
  if (fragment !== undefined) throw wrong(shown, 'has a #', 'write # as %23');
  const parameters = parametersOf(query, shown);
  const { host, port } = placeOf(place, shown);
  const database = decode(path, shown);
  if (database === '') throw wrong(shown, 'names no database', SOCKET_HINT);
  const table = parameters.get('table');
  return {
    shown,
    host,
    port,
    database,
    user: login === '' ? undefined : decode(login, shown),
    table: table === undefined ? undefined : identifiersOf(table),
    tls: wantsTls(parameters.get('sslmode'), host, shown),
    rootCert: parameters.get('sslrootcert'),
    applicationName: parameters.get('application_name') ?? 'case-tracker',
    connectTimeoutMs: secondsOf(parameters.get('connect_timeout'), shown) * 1000,
  };
}

/** True for a server that is reached without leaving this machine. */
export function isLocal(host: string): boolean {
  return host.startsWith('/') || isLoopbackName(host);
}

/** True when both mean the same table of the same database. */
export function isSameTable(one: TableAddress, other: TableAddress): boolean {
  const key = ({ host, port, database, table }: TableAddress): string =>
    JSON.stringify([isLocal(host) ? 'here' : host, port, database, table?.at(-1)]);
  return one.table !== undefined && key(one) === key(other);
}

function placeOf(place: string, shown: string): { readonly host: string; readonly port: number } {
  if (place.includes(',')) throw wrong(shown, 'names several hosts', 'name one: a DNS name or proxy can move');
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(place);
  const host = decode((found?.[1] ?? '').replace(/^\[(.*)\]$/, '$1'), shown);
  const port = Number(found?.[2] || DEFAULT_PORT);
  if (found === null || port < 1 || port > 65_535) throw wrong(shown, 'has a port that is none', SOCKET_HINT);
  if (host === '') throw wrong(shown, 'names no host', SOCKET_HINT);
  return { host, port };
}

function parametersOf(query: string, shown: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at), shown);
    const value = at === -1 ? '' : decode(pair.slice(at + 1).replaceAll('+', ' '), shown);
    if (!PARAMETERS.includes(name)) throw unknownParameter(name, shown);
    if (value === '') throw wrong(shown, `has no value for ${name}`, `?${name}=…`);
    if (parameters.has(name)) throw wrong(shown, `has ${name} twice`, 'give it once');
    parameters.set(name, value);
  }
  return parameters;
}

function unknownParameter(name: string, shown: string): UsageError {
  const near = closest(name, PARAMETERS);
  const did = near === undefined ? '' : `did you mean ${near}? `;
  // Some name a password: then the value is not shown.
  const url = /pass/i.test(name) ? shown.replace(/\?.*/, '?…') : shown;
  return wrong(url, `has a parameter ${name} that is not known`, `${did}known are ${PARAMETERS.join(', ')}`);
}

function wantsTls(mode: string | undefined, host: string, shown: string): boolean {
  if (mode === undefined) return !isLocal(host);
  if (mode === 'disable') return false;
  if (mode === 'verify-full') return !host.startsWith('/');
  const weaker = ['allow', 'prefer', 'require', 'verify-ca', 'no-verify'].includes(mode);
  throw wrong(
    shown,
    weaker ? `asks for sslmode=${mode}, which does not check who answers` : `has an unknown sslmode ${mode}`,
    'sslmode=verify-full (with sslrootcert=FILE for an own authority), or sslmode=disable',
  );
}

function secondsOf(text: string | undefined, shown: string): number {
  if (text === undefined) return CONNECT_SECONDS;
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text);
  throw wrong(shown, `has connect_timeout=${text}`, 'whole seconds: connect_timeout=10');
}

function decode(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(shown, 'has a % that is no escape', 'write % as %25');
  }
}

function wrong(shown: string, problem: string, hint: string): UsageError {
  return new UsageError(`${shown} ${problem}`, { hint });
}
