/** Tokens that a command prints: it is run by the shell, for a limited time, and never outlives the run. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Clock, CredentialProvider, Timer, Token } from '../../../core/ports.js';
import { systemCode } from '../../../errors.js';
import { LARGEST_TOKEN_TEXT, tokenIn } from './token-text.js';

export interface TokenCommandOptions {
  /** As it would be typed. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** After the command has ended, something that it started may still hold its output: that is waited for no longer. */
const HELD_OUTPUT_MS = 1_000;
const KEPT_OF_STDERR = 64 * 1024;
const SHOWN_LINES = 3;
/** The shell's codes for a command that can't be run and one that is not there. */
const NOT_RUN: ReadonlySet<number | null> = new Set([126, 127]);
const NO_SHELL = new Set(['ENOENT', 'EACCES', 'ENOTDIR']);

export class TokenCommand implements CredentialProvider {
  readonly #options: TokenCommandOptions;
  #running: Run | undefined;
  #isClosed = false;

  constructor(options: TokenCommandOptions) {
    this.#options = options;
  }

  async current(): Promise<Token> {
    if (this.#isClosed) throw new Error('the run is over');
    const askedAtMs = this.#options.clock.wallNow();
    const run = new Run(this.#options);
    this.#running = run;
    try {
      return tokenOf(await run.ended, askedAtMs);
    } finally {
      this.#running = undefined;
    }
  }

  /** Kills the command with all that it has started. */
  close(): void {
    this.#isClosed = true;
    this.#running?.stop('was stopped, as the run is over');
  }
}

/** What a command has printed, with code 0. */
function tokenOf(stdout: string, askedAtMs: number): Token {
  if (stdout.trim() === '') throw new Error('--token-command printed nothing');
  try {
    return tokenIn(stdout, askedAtMs);
  } catch (error) {
    throw new Error(`what --token-command printed ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** One run of the command, in a process group of its own. */
class Run {
  /** What it printed; rejects when it ended otherwise than with code 0. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #onExit = (): void => this.#kill();
  #timer: Timer;
  #stdout: Buffer[] = [];
  #size = 0;
  #stderr = '';
  #isCut = false;
  #resolve: (stdout: string) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor({ command, cwd, env, clock, timeoutMs = TIMEOUT_MS }: TokenCommandOptions) {
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#clock = clock;
    const isWindows = process.platform === 'win32';
    const how = { shell: true, detached: !isWindows, windowsHide: true, cwd, env: { ...env } } as const;
    this.#child = spawn(command, { ...how, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#timer = clock.setTimer(timeoutMs, () =>
      this.stop(`did not end within ${timeoutMs / 1000}s, and was stopped`),
    );
    // The end of this process without a close, as by a third Ctrl-C.
    process.once('exit', this.#onExit);
    this.#listen();
  }

  /** Kills the whole group; `why` completes the sentence “--token-command …”. */
  stop(why: string): void {
    this.#kill();
    this.#fail(`${why}${this.#words()}`);
  }

  #listen(): void {
    const { stdout, stderr } = this.#child;
    stdout?.on('data', (chunk: Buffer) => this.#print(chunk));
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complain(text);
    });
    this.#child.on('error', (error) => {
      this.#fail(`can't be started: ${error.message}`, NO_SHELL.has(systemCode(error) ?? ''));
    });
    this.#child.on('exit', (code, signal) => {
      this.#timer.cancel();
      this.#timer = this.#clock.setTimer(HELD_OUTPUT_MS, () => {
        this.#kill();
        this.#end(code, signal);
      });
    });
    this.#child.on('close', (code, signal) => this.#end(code, signal));
  }

  #complain(text: string): void {
    const whole = this.#stderr + text;
    this.#stderr = whole.slice(-KEPT_OF_STDERR);
    this.#isCut ||= whole.length > KEPT_OF_STDERR;
  }

  #print(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > LARGEST_TOKEN_TEXT) return this.stop('printed more than 64 KiB, and was stopped');
    this.#stdout.push(chunk);
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    if (code === 0) {
      this.#release();
      return this.#resolve(Buffer.concat(this.#stdout).toString('utf8'));
    }
    const how = code === null ? `was ended by ${String(signal)}` : `ended with code ${code}`;
    this.#fail(`${how}${this.#words()}`, NOT_RUN.has(code));
  }

  #fail(why: string, permanent = false): void {
    this.#release();
    this.#reject(Object.assign(new Error(`--token-command ${why}`), { permanent }));
  }

  /** Whatever still holds the output is not waited for. */
  #release(): void {
    this.#timer.cancel();
    process.off('exit', this.#onExit);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
  }

  /** The last lines of stderr, whole: of one that is cut, a secret in it would not be recognised. */
  #words(): string {
    const [first = '', ...more] = this.#stderr.split(/[\r\n]+/).map((line) => line.trim());
    const lines = this.#isCut ? more : [first, ...more];
    const last = lines.filter((line) => line !== '').slice(-SHOWN_LINES);
    return last.length === 0 ? '' : `: ${last.join(' / ')}`;
  }

  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true });
    else killGroup(pid);
  }
}

/** The group may be gone already. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
