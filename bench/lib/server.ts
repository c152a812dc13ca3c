/** The endpoint, in a process of its own on the other core: nginx when it is installed, else node:http. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENV, isInstalled, owned, pinned, SERVER } from './child.js';

export interface Endpoint {
  readonly name: string;
  readonly port: number;
  /** The authority to trust, of one that speaks TLS. */
  readonly ca?: string;
  stop(): Promise<void>;
}

const DELAY_SERVER = fileURLToPath(new URL('../clients/delay-server.mjs', import.meta.url));
const QUICK_SERVER = fileURLToPath(new URL('../clients/quick-server.mjs', import.meta.url));
const CERTIFICATES = new URL('../../test/io/http/tls/', import.meta.url);
const BODY = '{"score":0.87,"segment":"enterprise","owner":"team-7","related":[12,40,7],"region":"eu"}';

/** An endpoint that answers at once. */
export async function startFast(folder: string): Promise<Endpoint> {
  return isInstalled('nginx') ? startNginx(folder) : startDelayed(0);
}

/** An endpoint that answers after a while, or never. */
export function startDelayed(delayMs: number | 'never'): Promise<Endpoint> {
  return startNode(`node:http, ${delayMs} ms`, [DELAY_SERVER, String(delayMs)]);
}

/** An endpoint that answers at once with so many bytes, at less cost than node:http: what is measured is the client. */
export function startQuick(bytes: number): Promise<Endpoint> {
  return startNode('node:net', [QUICK_SERVER, String(bytes)]);
}

/** The same over TLS, with small answers. */
export async function startQuickTls(folder: string): Promise<Endpoint> {
  const certificate = join(folder, 'server.pem');
  writeFileSync(certificate, ['server.pem', 'middle.pem'].map((name) => readFileSync(certificatePath(name))).join(''));
  const endpoint = await startNode('node:tls', [QUICK_SERVER, '0', certificate, certificatePath('server.key')]);
  return { ...endpoint, ca: certificatePath('root.pem') };
}

function certificatePath(name: string): string {
  return fileURLToPath(new URL(name, CERTIFICATES));
}

/** A program of this folder on the core of the endpoint; it prints its port. */
async function startNode(name: string, args: readonly string[]): Promise<Endpoint> {
  const [command = '', ...rest] = pinned(SERVER.core, [process.execPath, ...args]);
  const child = spawn(command, rest, { env: ENV, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  owned(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { name, port: Number(line.toString()), stop: () => ended(child) };
}

async function startNginx(folder: string): Promise<Endpoint> {
  const port = await freePort();
  const prefix = join(folder, 'nginx');
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, 'nginx.conf'), nginxConfiguration(port));
  const argv = pinned(SERVER.core, ['nginx', '-p', prefix, '-c', 'nginx.conf', '-e', 'error.log', '-g', 'daemon off;']);
  const [command = '', ...args] = argv;
  const child = owned(spawn(command, args, { env: ENV, stdio: ['ignore', 'ignore', 'inherit'], detached: true }));
  await untilOpen(port);
  return { name: 'nginx', port, stop: () => ended(child) };
}

function nginxConfiguration(port: number): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `worker_processes 1; pid nginx.pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; ${paths.join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096; default_type application/json;
    location / { return 200 '${BODY}'; }
  }
}
`;
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilOpen(port: number): Promise<void> {
  for (let left = 100; left > 0; left--) {
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error('nginx does not answer');
}
