/** The URL of a queue: which Redis, and the queue's name in it. */

export interface QueueAddress {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The queue's name, `cases` where the URL has none. */
  readonly name: string;
}

export type ParsedAddress =
  | { readonly ok: true; readonly address: QueueAddress }
  | { readonly ok: false; readonly problem: string; readonly takes: string };

const DEFAULT_PORT = 6379;
const LONGEST_NAME = 100;
const TAKES = 'redis://host/0#name, or rediss:// for TLS';

/** Reads `redis[s]://[[user]:password@]host[:port][/database][#name]`. A problem never quotes the URL: it may hold a password. */
export function parseQueueAddress(text: string): ParsedAddress {
  const url = urlOf(text);
  if (url === undefined) return refused('is no URL');
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    return refused('does not begin with redis:// or rediss://');
  if (url.hostname === '') return refused('names no host');
  if (url.search !== '') return refused('has parameters after a ?, which a queue does not take');
  if (!/^(\/\d{0,5})?$/.test(url.pathname))
    return refused('names a database that is no number', 'a number: redis://host/0#name');
  return withLogin(url);
}

/** How the queue is named in messages: without user and password. */
export function shownAddress({ tls, host, port, database, name }: QueueAddress): string {
  return `${tls ? 'rediss' : 'redis'}://${host}:${port}/${database}#${name}`;
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function withLogin(url: URL): ParsedAddress {
  const [user, password, name] = [url.username, url.password, url.hash.slice(1)].map(decoded);
  if (user === undefined || password === undefined || name === undefined) return refused('has a % that is no escape');
  if (user !== '' && password === '') return refused('has a user and no password', 'redis://user:password@host/0#name');
  const problem = nameProblem(name);
  if (problem !== undefined) return refused(problem, 'a name of letters, digits and the like: redis://host/0#billing');
  return {
    ok: true,
    address: {
      tls: url.protocol === 'rediss:',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      database: Number(url.pathname.slice(1) || '0'),
      user: user === '' ? undefined : user,
      password: password === '' ? undefined : password,
      name: name === '' ? 'cases' : name,
    },
  };
}

/** Braces would move the queue's keys to another slot of a cluster, white space can't be typed or seen. */
function nameProblem(name: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(name)) return 'has white space in the name of the queue';
  if (/[{}]/.test(name)) return 'has braces in the name of the queue';
  return name.length > LONGEST_NAME ? `has a name of more than ${LONGEST_NAME} characters` : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function refused(problem: string, takes = TAKES): ParsedAddress {
  return { ok: false, problem, takes };
}
