/** The world of one run: its stderr goes to a log, its signals come from the API, and it can't end the process. */

import { type Host, noticeStream, type SignalName } from '../../host.js';

export interface RunHost {
  readonly host: Host;
  /** Delivers a signal to the run; one that comes before the run listens waits until it does. */
  readonly signal: (name: SignalName) => void;
  /** Resolves with an exit code when the run wanted to end the process because something in it hangs. */
  readonly died: Promise<number>;
}

/** Everything else is that of the process. */
export function runHost(outer: Host, log: (text: string | Uint8Array) => void): RunHost {
  const listeners = new Set<(signal: SignalName) => void>();
  const early: SignalName[] = [];
  let die: (code: number) => void = () => {};
  const died = new Promise<number>((resolve) => (die = resolve));
  const host: Host = {
    stdin: { isTTY: false, fd: outer.stdin.fd },
    stdout: { isTTY: false, write: () => Promise.resolve() },
    stderr: noticeStream({ isTTY: false, write: (text) => Promise.resolve(log(text)) }),
    env: withoutCi(outer.env),
    cwd: outer.cwd,
    pid: outer.pid,
    clock: outer.clock,
    random: outer.random,
    onSignal(listener) {
      listeners.add(listener);
      for (const name of early.splice(0)) queueMicrotask(() => listener(name));
      return () => void listeners.delete(listener);
    },
    onFault: (listener) => outer.onFault(listener),
    exit: () => {},
    die: (code) => die(code),
  };
  const signal = (name: SignalName): void => {
    if (listeners.size === 0) early.push(name);
    for (const listener of listeners) listener(name);
  };
  return { host, signal, died };
}

/** A run is no step of the CI job that the API may be started from. */
function withoutCi(env: Host['env']): Host['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GITHUB_')));
}
