import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Clock, Random } from '../../src/core/ports.js';
import { type Host, type OutputStream, type SignalName, noticeStream, realClock } from '../../src/host.js';

export interface FakeHostOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the temp folder. */
  readonly cwd?: string;
  /** Piped standard input. Without it standard input is a terminal where nobody types. */
  readonly stdin?: string | Uint8Array;
  /** Fails each write to stdout. */
  readonly stdoutError?: Error;
  readonly stdoutTTY?: boolean;
  readonly stderrTTY?: boolean;
  /** The width of the terminals; default 80. */
  readonly columns?: number;
  /** Default: the machine's clock. See clock.ts for one that stands still. */
  readonly clock?: Clock;
  /** Default: always 0.5. */
  readonly random?: Random;
}

export interface FakeHost {
  readonly host: Host;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  /** Delivers a signal to whoever listens; throws when nobody does, as the process would have died. */
  signal(name: SignalName): void;
  /** Something that nobody has caught: delivered to whoever listens. */
  fault(error: unknown): void;
  /** How many listen to signals, resizing and faults: only `main`, to faults, before and after a run. */
  listeners(): number;
  /** Changes the width of the terminals. */
  resize(columns: number): void;
  /** From now on writing to stdout fails with EPIPE, as behind `| head`. */
  closeStdout(): void;
  /** The same for stderr. */
  closeStderr(): void;
  /** The first code given to `exit` or `die`. */
  readonly exitCode: Promise<number>;
  /** The newest code given to `exit` or `die`, or undefined. */
  code(): number | undefined;
}

/**
 * A whole host in memory. Only standard input is real, because it is read by descriptor: a temp file that has no name
 * any more and is read like a pipe's content.
 */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const terminal = { columns: options.columns ?? 80, listeners: new Set<() => void>() };
  const stdout = fakeStream(options.stdoutTTY ?? false, terminal, options.stdoutError);
  const stderr = fakeStream(options.stderrTTY ?? false, terminal);
  const signals = new Set<(signal: SignalName) => void>();
  const faults = new Set<(error: unknown) => void>();
  let code: number | undefined;
  let resolveExit: (code: number) => void;
  const exitCode = new Promise<number>((resolve) => (resolveExit = resolve));
  const end = (given: number): void => resolveExit((code = given));
  const host: Host = {
    stdin: fakeStdin(options.stdin),
    stdout: stdout.stream,
    stderr: noticeStream(stderr.stream),
    env: options.env ?? {},
    cwd: options.cwd ?? tmpdir(),
    pid: 4242,
    clock: options.clock ?? realClock,
    random: options.random ?? (() => 0.5),
    onSignal(listener) {
      signals.add(listener);
      return () => void signals.delete(listener);
    },
    onFault(listener) {
      faults.add(listener);
      return () => void faults.delete(listener);
    },
    exit: end,
    die: end,
  };
  return {
    host,
    stdout: () => stdout.text(),
    stderr: () => stderr.text(),
    signal(name) {
      if (signals.size === 0) throw new Error(`${name}: nobody listens`);
      for (const listener of signals) listener(name);
    },
    fault(error) {
      for (const listener of faults) listener(error);
    },
    listeners: () => signals.size + terminal.listeners.size + faults.size,
    resize(columns) {
      terminal.columns = columns;
      for (const listener of terminal.listeners) listener();
    },
    closeStdout: () => stdout.close(),
    closeStderr: () => stderr.close(),
    exitCode,
    code: () => code,
  };
}

interface FakeStream {
  readonly stream: OutputStream;
  text(): string;
  close(): void;
}

function fakeStream(
  isTTY: boolean,
  terminal: { columns: number; readonly listeners: Set<() => void> },
  error?: Error,
): FakeStream {
  const chunks: Uint8Array[] = [];
  return {
    stream: {
      isTTY,
      get columns() {
        return isTTY ? terminal.columns : undefined;
      },
      write(text) {
        if (error !== undefined) return Promise.reject(error);
        chunks.push(Buffer.from(text));
        return Promise.resolve();
      },
      onResize(listener) {
        terminal.listeners.add(listener);
        return () => void terminal.listeners.delete(listener);
      },
    },
    text: () => Buffer.concat(chunks).toString(),
    close: () => void (error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  };
}

function fakeStdin(content: string | Uint8Array | undefined): Host['stdin'] {
  let fd: number | undefined;
  return {
    isTTY: content === undefined,
    get fd() {
      fd ??= content === undefined ? openSync(devNull, 'r') : openNameless(content);
      return fd;
    },
  };
}

function openNameless(content: string | Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'fake-stdin-'));
  const file = join(folder, 'stdin');
  writeFileSync(file, content);
  const fd = openSync(file, 'r');
  rmSync(folder, { recursive: true });
  return fd;
}
