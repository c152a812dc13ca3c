/**
 * A PostgreSQL of the test's own, in a temporary folder, reached by a socket in it (and by a port on loopback where a test
 * asks for that). Skipped with a notice where there is none; in CI that is a failure.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const ROOT = '/usr/lib/postgresql';

/** The folder of the newest server's programs, or undefined. */
export const postgresBin: string | undefined = findBin();

if (postgresBin === undefined) {
  if (process.env['CI'] === 'true') throw new Error('there is no PostgreSQL, and in CI every test must run');
  process.stderr.write('notice: there is no PostgreSQL here: the tests that need it are skipped\n');
}

export interface Postgres {
  /** `postgres://postgres@%2F…/postgres`, without a table. */
  readonly url: string;
  readonly folder: string;
  /** The port that it has been given, also the number of its socket. */
  readonly port: number;
  /** The URL with a table. */
  table(name: string, more?: string): string;
  /** Runs SQL as the owner of everything; the rows as text, fields divided by |. */
  sql(text: string): string;
  /** Stops it at once, as a crash would. */
  stop(mode?: 'fast' | 'immediate'): void;
  start(): Promise<void>;
  close(): void;
}

export interface PostgresOptions {
  /** Listen on loopback too. */
  readonly tcp?: boolean;
  /** Further lines of postgresql.conf. */
  readonly config?: readonly string[];
  /** Lines of pg_hba.conf in front of "everybody is trusted". */
  readonly access?: readonly string[];
  /** Files beside the data that the server may read. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts one; about a second. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'case-tracker-pg-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const owner = serverUser();
  chmodSync(folder, 0o755);
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const as = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
  const run = (name: string, args: readonly string[]): string =>
    execFileSync(join(postgresBin ?? '', name), args, { ...as, env, cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    if (owner !== undefined) chownSync(join(data, name), owner.uid, owner.gid);
  }
  writeFileSync(
    join(data, 'pg_hba.conf'),
    [...(options.access ?? []), 'local all all trust', 'host all all 127.0.0.1/32 trust', ''].join('\n'),
  );
  const config = [
    `port=${port}`,
    `unix_socket_directories='${folder}'`,
    `listen_addresses='${options.tcp ? '127.0.0.1' : ''}'`,
    'fsync=off',
    'max_connections=40',
    ...(options.config ?? []),
  ];
  writeFileSync(join(data, 'postgresql.auto.conf'), `${config.join('\n')}\n`);
  if (owner !== undefined) chownSync(join(data, 'postgresql.auto.conf'), owner.uid, owner.gid);
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(join(postgresBin ?? '', 'postgres'), ['-D', data], { ...as, env, cwd: folder, stdio: 'ignore' });
    await untilReady(() => run('pg_isready', ['-h', folder, '-p', String(port), '-q']));
  };
  const stop = (mode: 'fast' | 'immediate' = 'immediate'): void =>
    void run('pg_ctl', ['-D', data, '-m', mode, '-w', 'stop']);
  await start();
  const url = `postgres://postgres@${encodeURIComponent(folder)}:${port}/postgres`;
  return {
    url,
    folder,
    port,
    table: (name, more = '') => `${url}?table=${encodeURIComponent(name)}${more}`,
    sql: (text) =>
      execFileSync(
        join(postgresBin ?? '', 'psql'),
        ['-h', folder, '-p', String(port), '-U', 'postgres', '-XqAt', '-v', 'ON_ERROR_STOP=1'],
        {
          input: text,
          encoding: 'utf8',
          stdio: ['pipe', 'pipe', 'pipe'],
          env,
        },
      ).trimEnd(),
    stop,
    start,
    close() {
      child?.kill('SIGQUIT');
      try {
        stop();
      } catch {
        // It is down already.
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
export function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function untilReady(ask: () => unknown): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      ask();
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function findBin(): string | undefined {
  if (!existsSync(ROOT)) return undefined;
  const newest = readdirSync(ROOT).toSorted((a, b) => Number(b) - Number(a));
  return newest.map((version) => join(ROOT, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}
