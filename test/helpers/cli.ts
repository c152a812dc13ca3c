import { COMMANDS, type Loaders } from '../../src/commands/index.js';
import type { Files } from '../../src/config/files.js';
import type { CommandName } from '../../src/config/settings/index.js';
import type { Resolved } from '../../src/config/resolved.js';
import { type Host, noticeStream, realClock } from '../../src/host.js';
import { main } from '../../src/main.js';

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly columns?: number;
  readonly commands?: Partial<Loaders>;
  readonly stdinIsTTY?: boolean;
  /** Fails each write to stdout. */
  readonly stdoutError?: Error;
}

export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `main` with a host that keeps what is written. Standard input is a terminal unless said otherwise. */
export function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliOutcome> {
  return new Promise((resolve) => {
    const out: string[] = [];
    const err: string[] = [];
    const host: Host = {
      stdin: { isTTY: options.stdinIsTTY ?? true, fd: 0 },
      stdout: {
        isTTY: false,
        columns: options.columns,
        write: (text) => {
          if (options.stdoutError) return Promise.reject(options.stdoutError);
          out.push(String(text));
          return Promise.resolve();
        },
      },
      stderr: noticeStream({ isTTY: false, write: (text) => Promise.resolve(void err.push(String(text))) }),
      env: options.env ?? {},
      cwd: options.cwd ?? '/nowhere',
      pid: 1,
      clock: realClock,
      random: () => 0.5,
      onSignal: () => () => {},
      onFault: () => () => {},
      exit: (code) => resolve({ code, stdout: out.join(''), stderr: err.join('') }),
      die: (code) => resolve({ code, stdout: out.join(''), stderr: err.join('') }),
    };
    main(argv, host, { ...COMMANDS, ...options.commands });
  });
}

/** A command that keeps its settings instead of running. */
export function recorded<C extends CommandName>(
  name: C,
): { readonly loaders: Partial<Loaders>; settings: () => Resolved<C> } {
  let seen: Resolved<C> | undefined;
  const run = (settings: Resolved<C>): Promise<number> => {
    seen = settings;
    return Promise.resolve(0);
  };
  return {
    loaders: { [name]: () => Promise.resolve({ run }) } as unknown as Partial<Loaders>,
    settings: () => {
      if (seen === undefined) throw new Error(`${name} was not run`);
      return seen;
    },
  };
}

/** Files by absolute path, instead of a disk. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  return {
    exists: (path) => Object.hasOwn(texts, path),
    realPath: (path) => path,
    read: (path) => {
      const text = texts[path];
      if (text !== undefined) return text;
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    },
  };
}
