import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../errors.js';

/** Facts about this machine's processes, and the scope within which their pids are valid. */
export interface Processes {
  readonly host: string;
  /** Boot id of the machine; undefined where the system doesn't tell. */
  readonly boot?: string | undefined;
  /** Machine id, stable across reboots; undefined where it is not certainly unique. */
  readonly machine?: string | undefined;
  /** The pid namespace, within which pids are unique: each container has its own. undefined where there are none. */
  readonly namespace?: string | undefined;
  /** Start time of a process, comparable for equality; null when it has ended; undefined when it lives but the time is unknown. */
  startOf(pid: number): string | null | undefined;
}

// The number of the initial pid namespace, constant on Linux.
const FIRST_NAMESPACE = 'pid:[4026531836]';

/** The processes of this machine, by signal 0 and, where there is one, /proc. */
export const realProcesses: Processes = {
  host: hostname(),
  get boot() {
    return readText('/proc/sys/kernel/random/boot_id');
  },
  get machine() {
    // In a container the file comes from the image, so many machines share one id.
    return this.namespace === FIRST_NAMESPACE ? readText('/etc/machine-id') : undefined;
  },
  get namespace() {
    return readLink('/proc/self/ns/pid');
  },
  startOf(pid) {
    if (!isAlive(pid)) return null;
    // Where /proc shows another pid namespace than ours, its pids mean other processes.
    if (readLink('/proc/self') !== String(process.pid)) return undefined;
    const stat = readText(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    // The second field, the name in parentheses, may contain spaces and parentheses: count from the last one.
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
