/** The endpoint, in a process of its own on the other core: nginx when it is installed, else node:http. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENV, isInstalled, pinned, SERVER } from './child.js';

export interface Endpoint {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

const DELAY_SERVER = fileURLToPath(new URL('../clients/delay-server.mjs', import.meta.url));
const BODY = '{"score":0.87,"segment":"enterprise","owner":"team-7","related":[12,40,7],"region":"eu"}';

/** An endpoint that answers at once. */
export async function startFast(folder: string): Promise<Endpoint> {
  return isInstalled('nginx') ? startNginx(folder) : startDelayed(0);
}

/** An endpoint that answers after a while, or never. */
export async function startDelayed(delayMs: number | 'never'): Promise<Endpoint> {
  const [command = '', ...args] = pinned(SERVER.core, [process.execPath, DELAY_SERVER, String(delayMs)]);
  const child = spawn(command, args, { env: ENV, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { name: `node:http, ${delayMs} ms`, port: Number(line.toString()), stop: () => ended(child) };
}

async function startNginx(folder: string): Promise<Endpoint> {
  const port = await freePort();
  const prefix = join(folder, 'nginx');
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, 'nginx.conf'), nginxConfiguration(port));
  const argv = pinned(SERVER.core, ['nginx', '-p', prefix, '-c', 'nginx.conf', '-e', 'error.log', '-g', 'daemon off;']);
  const [command = '', ...args] = argv;
  const child = spawn(command, args, { env: ENV, stdio: ['ignore', 'ignore', 'inherit'] });
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
