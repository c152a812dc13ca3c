/** A child process pinned to a core, with what it took: wall time, CPU time of all its threads, peak memory. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Cost {
  readonly wallMs: number;
  /** User and system time of the process and its threads. */
  readonly cpuMs: number;
  /** The most resident memory, in MiB. */
  readonly peakMiB: number;
  readonly stdout: string;
}

export interface ChildOptions {
  /** The core to run on; any when absent. */
  readonly core?: number;
  readonly cwd?: string;
  /** Exit codes that are no failure; default 0. */
  readonly allowed?: readonly number[];
  /** Hears what it says on stderr, as it says it. */
  readonly onStderr?: (text: string) => void;
}

const SAMPLE_MS = 40;
const CLIENT_CORE = 0;
const SERVER_CORE = 1;

// Node 20 reads NODE_EXTRA_CA_CERTS for 80 ms at every start; a proxy has no part in any of this.
const LEFT_OUT = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|https?_proxy|CASE_TRACKER_.*|CI|FORCE_COLOR)$/i;
export const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !LEFT_OUT.test(name)));

export const CLIENT = { core: CLIENT_CORE } as const;
export const SERVER = { core: SERVER_CORE } as const;

const hasTaskset = isInstalled('taskset');

/** True when a program of this name is found. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The command line that runs a program on a core. */
export function pinned(core: number | undefined, argv: readonly string[]): string[] {
  return core === undefined || !hasTaskset ? [...argv] : ['taskset', '-c', String(core), ...argv];
}

const running = new Set<ChildProcess>();

/** A child that is ended together with this program, also by Ctrl-C. */
export function owned<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

const lastActions: (() => void)[] = [];

/** Something to do when the program ends early; it may be done twice. */
export function atEnd(action: () => void): void {
  lastActions.push(action);
}

/** Ends every child that still runs, and what it has started: each has a process group of its own. */
export function endChildren(): void {
  for (const action of lastActions) action();
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Runs to the end; rejects with the child's stderr when it fails. */
export async function measure(argv: readonly string[], options: ChildOptions = {}): Promise<Cost> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@"';
  const started = performance.now();
  const args = ['-c', script, 'bash', ...pinned(options.core, argv)];
  const child = owned(spawn('bash', args, { env: ENV, cwd: options.cwd, detached: true }));
  let peakKiB = 0;
  const sampler = setInterval(() => (peakKiB = Math.max(peakKiB, peakOfChildren(child.pid ?? 0))), SAMPLE_MS);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  if (options.onStderr) child.stderr.setEncoding('utf8').on('data', options.onStderr);
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    const wallMs = performance.now() - started;
    if (!(options.allowed ?? [0]).includes(code ?? -1)) throw new Error(`${argv.join(' ')}: ${code}\n${stderr()}`);
    return { wallMs, cpuMs: cpuOf(stderr()), peakMiB: peakKiB / 1024, stdout: stdout() };
  } finally {
    clearInterval(sampler);
  }
}

/** The wall time of a short command in milliseconds, without a shell around it. */
export async function wallMs(argv: readonly string[], options: ChildOptions = {}): Promise<number> {
  const [command = '', ...args] = pinned(options.core, argv);
  const started = performance.now();
  const child = owned(spawn(command, args, { env: ENV, cwd: options.cwd, stdio: 'ignore', detached: true }));
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  return performance.now() - started;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const parts: string[] = [];
  stream.on('data', (part: Buffer | string) => parts.push(part.toString()));
  return () => parts.join('');
}

function cpuOf(stderr: string): number {
  const [, user = '0', system = '0'] = /(\d+\.\d+) (\d+\.\d+)\s*$/.exec(stderr) ?? [];
  return (Number(user) + Number(system)) * 1000;
}

/** The high-water mark of the children of the shell, in KiB; it only ever grows, so the last look is the peak. */
function peakOfChildren(shell: number): number {
  try {
    const pids = readdirSync(`/proc/${shell}/task`).flatMap((task) =>
      readFileSync(`/proc/${shell}/task/${task}/children`, 'utf8').trim().split(' '),
    );
    return Math.max(0, ...pids.filter(Boolean).map(peakOf));
  } catch {
    return 0;
  }
}

function peakOf(pid: string): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
