import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../errors.js';

/** What is known about the processes of this machine, and where their pids mean something. */
export interface Processes {
  readonly host: string;
  /** Which start of the machine this is; undefined where the system won't say. */
  readonly boot?: string | undefined;
  /** Tells this machine from others, over its starts; undefined where that is not sure. */
  readonly machine?: string | undefined;
  /** Pids only mean something within it: each container has its own. undefined where there are none. */
  readonly namespace?: string | undefined;
  /** When the process started, in a form to compare; null when it is gone; undefined when it lives and no more is known. */
  startOf(pid: number): string | null | undefined;
}

// Linux gives the namespace that the machine starts with this number, always.
const FIRST_NAMESPACE = 'pid:[4026531836]';

/** The processes of this machine, by signal 0 and, where there is one, /proc. */
export const realProcesses: Processes = {
  host: hostname(),
  get boot() {
    return readText('/proc/sys/kernel/random/boot_id');
  },
  get machine() {
    // In a container the file is the image's: many machines have the same.
    return this.namespace === FIRST_NAMESPACE ? readText('/etc/machine-id') : undefined;
  },
  get namespace() {
    return readLink('/proc/self/ns/pid');
  },
  startOf(pid) {
    if (!isAlive(pid)) return null;
    // Where /proc shows another namespace than ours, its pids are not the ones we mean.
    if (readLink('/proc/self') !== String(process.pid)) return undefined;
    const stat = readText(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    // The second field, the name in parentheses, may hold anything: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    return isDead ? null : `${this.boot ?? ''} ${fields[19] ?? ''}`;
  },
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
