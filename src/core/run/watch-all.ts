/** Several watchers as one. */

import type { RunWatcher } from '../ports.js';

const TOLD_AT_ONCE = ['started', 'attempted', 'paused', 'outage', 'token', 'settled', 'delivered', 'stopped'] as const;
const AWAITED = ['drained', 'ended', 'lost'] as const;

/** Calls each of them in this order; awaited methods run one after another. It has only the methods that one of them has. */
export function watchAll(watchers: readonly RunWatcher[]): RunWatcher {
  const all: Record<string, Tell> = {};
  for (const event of TOLD_AT_ONCE) {
    const tells = tellsOf(watchers, event);
    if (tells.length > 0) all[event] = atOnce(tells);
  }
  for (const event of AWAITED) {
    const tells = tellsOf(watchers, event);
    if (tells.length > 0) all[event] = (...told) => tellInTurn(tells, told);
  }
  return all;
}

type Tell = (...told: unknown[]) => unknown;

/** Attempts and results come tens of thousands of times a second: no event has more than two parts. */
function atOnce(tells: readonly Tell[]): Tell {
  const [first] = tells;
  if (first !== undefined && tells.length === 1) return first;
  return (part, other) => {
    for (const tell of tells) tell(part, other);
  };
}

function tellsOf(watchers: readonly RunWatcher[], event: keyof RunWatcher): Tell[] {
  return watchers.flatMap((watcher) => {
    const tell = watcher[event] as Tell | undefined;
    return tell === undefined ? [] : [tell.bind(watcher)];
  });
}

async function tellInTurn(tells: readonly Tell[], told: readonly unknown[]): Promise<void> {
  for (const tell of tells) await tell(...told);
}
