/** A redis-server of the test's own, on a free port of loopback, with nothing in it. Skipped with a notice where there is none. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The version of the redis-server that is installed, or undefined. */
export const redisVersion: string | undefined = installedVersion();

if (redisVersion === undefined) {
  if (process.env['CI'] === 'true') throw new Error('there is no redis-server, and in CI every test must run');
  process.stderr.write('notice: there is no redis-server here: the tests that need it are skipped\n');
}

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT`, without a name. */
  readonly url: string;
  /** The URL of a queue. */
  queue(name: string): string;
  /** Runs redis-cli. */
  cli(...args: readonly string[]): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Suspends it, or lets it go on: a Redis that hangs. */
  suspend(): void;
  resume(): void;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** @param config as on the command line: `--appendonly yes`. */
export async function startRedis(config: readonly string[] = []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'case-tracker-redis-'));
  const [port, first] = await startedSomewhere(folder, config);
  let child = first;
  const url = `redis://127.0.0.1:${port}`;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return {
    port,
    url,
    queue: (name) => `${url}/0#${name}`,
    cli: (...args) =>
      execFileSync('redis-cli', ['-p', String(port), ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trimEnd(),
    kill,
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async restart() {
      await kill();
      child = await started(port, folder, config);
    },
    async close() {
      child.kill('SIGCONT');
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free may be taken a moment later. */
async function startedSomewhere(folder: string, config: readonly string[], tries = 3): Promise<[number, ChildProcess]> {
  const port = await freePort();
  try {
    return [port, await started(port, folder, config)];
  } catch (error) {
    if (tries === 1) throw error;
    return startedSomewhere(folder, config, tries - 1);
  }
}

async function started(port: number, folder: string, config: readonly string[]): Promise<ChildProcess> {
  const base = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--daemonize', 'no'];
  const child = spawn('redis-server', [...base, ...config], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended: ${said}`)));
  });
  // From now on nobody reads what it says.
  child.stdout?.removeAllListeners('data').resume();
  await answers(port);
  return child;
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function installedVersion(): string | undefined {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}
