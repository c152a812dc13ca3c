/** The real binary in a process of its own, with nothing of this process's environment that could change what it does. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './program.js';

export interface BinaryOptions {
  /** Default: the temp folder, where no configuration is found. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** All of standard input; null leaves it open, to be written to. Default: empty. */
  readonly stdin?: string | Uint8Array | null;
}

export interface BinaryOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningBinary {
  readonly child: ChildProcessWithoutNullStreams;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout or stderr has what is looked for; rejects when the process ends without it. */
  shows(stream: 'stdout' | 'stderr', pattern: string | RegExp): Promise<void>;
  /** Rejects when Node warned of something, or the program thinks that it has a bug. */
  readonly ended: Promise<BinaryOutcome>;
}

// Whatever Node itself has to say is a fault of ours, and so is what the program calls its own bug.
const FAULT = /\(node:\d+\)|Warning:|unhandled|this is a bug|\n\s+at .*(?:node:internal|dist\/)/i;

/** Runs to the end. */
export function runBinary(args: readonly string[], options: BinaryOptions = {}): Promise<BinaryOutcome> {
  return startBinary(args, options).ended;
}

export function startBinary(args: readonly string[], options: BinaryOptions = {}): RunningBinary {
  return startCommand([...PROGRAM, ...args], options);
}

/** Runs a script of bash in which `ct` and `case-tracker` are the program, and `$1` and so on the parameters. */
export function runShell(script: string, cwd: string, ...parameters: string[]): Promise<BinaryOutcome> {
  const program = PROGRAM.map((word) => `'${word}'`).join(' ');
  const functions = ['ct', 'case-tracker'].map((name) => `${name}() { ${program} "$@"; }\n`).join('');
  return startCommand(['bash', '--norc', '-c', functions + script, 'bash', ...parameters], { cwd }).ended;
}

/** Starts a command line in which the program's is a part; whatever still runs when the test ends is killed. */
export function startCommand([file = '', ...args]: readonly string[], options: BinaryOptions = {}): RunningBinary {
  const child = spawn(file, args, {
    detached: true,
    cwd: options.cwd ?? tmpdir(),
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: '--unhandled-rejections=strict --trace-warnings',
      ...options.env,
    },
  });
  onTestFinished(() => killGroup(child.pid));
  const stdout = new Heard(child.stdout);
  const stderr = new Heard(child.stderr);
  feed(child, options.stdin === undefined ? '' : options.stdin);
  const ended = new Promise<BinaryOutcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      stdout.close();
      stderr.close();
      const outcome = { code, signal, stdout: stdout.text, stderr: stderr.text };
      if (FAULT.test(outcome.stderr)) reject(new Error(`${args.join(' ')}\n${outcome.stderr}`));
      else resolve(outcome);
    });
  });
  return {
    child,
    stdout: () => stdout.text,
    stderr: () => stderr.text,
    shows: (stream, pattern) => (stream === 'stdout' ? stdout : stderr).shows(pattern),
    ended,
  };
}

/** `count` cases as NDJSON, `C-1`, `C-2` and so on; `more` gives further members. */
export function ndjsonCases(count: number, more: (n: number) => object = () => ({})): string {
  let text = '';
  for (let n = 1; n <= count; n++) text += `${JSON.stringify({ id: `C-${n}`, ...more(n) })}\n`;
  return text;
}

function killGroup(pid: number | undefined): void {
  try {
    process.kill(-(pid ?? Number.NaN), 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}

function feed({ stdin }: ChildProcessWithoutNullStreams, content: string | Uint8Array | null): void {
  // The program may end without having read all of it.
  stdin.on('error', () => {});
  if (content !== null) stdin.end(content);
}

class Heard {
  text = '';
  #closed = false;
  readonly #listeners = new Set<() => void>();

  constructor(stream: NodeJS.ReadableStream) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.text += chunk;
      for (const listener of this.#listeners) listener();
    });
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners) listener();
  }

  shows(pattern: string | RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = typeof pattern === 'string' ? this.text.includes(pattern) : pattern.test(this.text);
        if (!found && !this.#closed) return;
        this.#listeners.delete(look);
        if (found) resolve();
        else reject(new Error(`never came: ${String(pattern)}, only\n${this.text}`));
      };
      this.#listeners.add(look);
      look();
    });
  }
}
