/** A pgbouncer in transaction mode in front of a test's PostgreSQL. Skipped with a notice where there is none; in CI a failure. */

import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Postgres, serverUser } from './postgres-server.js';

const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];

export const bouncerPath: string | undefined = FOLDERS.map((folder) => join(folder, 'pgbouncer')).find((path) =>
  existsSync(path),
);

if (bouncerPath === undefined) {
  if (process.env['CI'] === 'true') throw new Error('there is no pgbouncer, and in CI every test must run');
  process.stderr.write('notice: there is no pgbouncer here: the tests that need it are skipped\n');
}

export interface Bouncer {
  /** Of the database, without a table. */
  readonly url: string;
  close(): void;
}

export async function startBouncer(pg: Postgres): Promise<Bouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'case-tracker-bouncer-'));
  const port = await freePort();
  const owner = serverUser();
  const lines = [
    '[databases]',
    `postgres = host=${pg.folder} port=${pg.port} pool_size=4`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `auth_file = ${join(folder, 'users')}`,
    'pool_mode = transaction',
  ];
  writeFileSync(join(folder, 'users'), '"postgres" ""\n');
  writeFileSync(join(folder, 'bouncer.ini'), `${lines.join('\n')}\n`.replace('auth_type = any', 'auth_type = trust'));
  if (owner !== undefined)
    for (const name of ['', 'users', 'bouncer.ini']) chownSync(join(folder, name), owner.uid, owner.gid);
  const as = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  const child = spawn(bouncerPath ?? '', [join(folder, 'bouncer.ini')], { ...as, cwd: folder, stdio: 'ignore' });
  await untilItListens(port);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    close() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilItListens(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('pgbouncer does not listen');
}
