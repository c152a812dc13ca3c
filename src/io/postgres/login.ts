/** How to log in: the address with user, password and trusted authorities, looked up where libpq looks. */

import { readFileSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { systemCode, UsageError } from '../../errors.js';
import { errnoWords } from '../../text/errno-words.js';
import { type TableAddress, parseAddress } from './address.js';

/** Plain data, which can be cloned to the reading thread. */
export interface Login extends TableAddress {
  readonly user: string;
  readonly password: string | undefined;
  /** Why there is no password, for the case that the server asks for one. */
  readonly noPassword: string;
  /** Trusted authorities, PEM. */
  readonly ca: string | undefined;
}

/** The surroundings that a login is looked up in. */
export interface LoginWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Passwords of URLs, by the URL without it, as they were written. */
  readonly passwords?: Readonly<Record<string, string>> | undefined;
}

/** The login for a URL without password. Throws a UsageError. */
export function loginFor(url: string, { env, cwd, passwords = {} }: LoginWorld): Login {
  const address = parseAddress(url);
  const user = address.user ?? env['PGUSER'] ?? userInfo().username;
  const given = passwords[url];
  const ca = address.rootCert === undefined ? undefined : authorities(address.rootCert, cwd);
  const own = given === undefined ? env['PGPASSWORD'] || undefined : decoded(given);
  const file = own === undefined ? fromFile({ ...address, user }, env) : { password: own };
  return { ...address, user, ca, noPassword: NO_PASSWORD, password: undefined, ...file };
}

const NO_PASSWORD = 'PGPASSWORD=… case-tracker …, or a line host:port:database:user:password in ~/.pgpass';

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    throw new UsageError('the password in a postgres:// URL has a % that is no escape', {
      hint: 'write % as %25; or leave the password out and set PGPASSWORD',
    });
  }
}

function authorities(file: string, cwd: string): string | undefined {
  if (file === 'system') return undefined;
  try {
    const text = readFileSync(resolve(cwd, file), 'utf8');
    if (text.includes('-----BEGIN')) return text;
  } catch (error) {
    const code = systemCode(error) ?? '';
    throw new UsageError(`cannot read sslrootcert=${file}: ${errnoWords(code, 'reading') ?? code}`, { cause: error });
  }
  throw new UsageError(`sslrootcert=${file} has no certificate in it`, { hint: 'a file in PEM form' });
}

type Found = Pick<Login, 'password'> | Pick<Login, 'noPassword'>;

/** As libpq: a file that others can read is not used. */
function fromFile(address: TableAddress & { readonly user: string }, env: LoginWorld['env']): Found {
  const path = env['PGPASSFILE'] ?? join(env['HOME'] ?? homedir(), '.pgpass');
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { password: undefined };
    if ((stats.mode & 0o077) !== 0 && process.platform !== 'win32') {
      return { noPassword: `${path} is not used, as others can read it: chmod 600 ${path}` };
    }
    return { password: passwordFor(readFileSync(path, 'utf8'), address) };
  } catch {
    return { password: undefined };
  }
}

/** The password of the first line of a .pgpass that fits. */
export function passwordFor(
  text: string,
  { host, port, database, user }: Pick<Login, 'host' | 'port' | 'database' | 'user'>,
): string | undefined {
  const hosts = host.startsWith('/') ? [host, 'localhost'] : [host];
  const wanted = [hosts, [String(port)], [database], [user]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const fits = wanted.every((values, at) => fields[at] === '*' || values.includes(fields[at] ?? ''));
    if (fits && fields.length >= 5) return fields[4];
  }
  return undefined;
}

/** Fields are divided by colons; a backslash takes the next character as it is. */
function fieldsOf(line: string): string[] {
  const fields = [''];
  for (const [part] of line.matchAll(/\\[\s\S]|[\s\S]/gu)) {
    if (part === ':' && fields.length < 5) fields.push('');
    else fields.push((fields.pop() ?? '') + (part.length > 1 && part.startsWith('\\') ? part.slice(1) : part));
  }
  return fields;
}
