import { type FileOps, realFileOps } from '../../src/io/files/file-ops.js';

export interface Fault {
  /** The calls that count. Default: all that change something. */
  readonly calls?: readonly (keyof FileOps)[];
  /** Which of them fails, from 1; and all later writes and syncs, as on a full disk, with `forGood`. */
  readonly at: number;
  readonly code?: string;
  readonly forGood?: boolean;
}

const CHANGES: readonly (keyof FileOps)[] = [
  'open',
  'write',
  'writeSlow',
  'truncate',
  'sync',
  'syncData',
  'rename',
  'link',
];

/** The file system with a fault. A write that fails takes half of its bytes first, as a disk does that fills up. */
export function faultyOps(fault: Fault): FileOps & { readonly faults: () => number } {
  const calls = fault.calls ?? CHANGES;
  let count = 0;
  let faults = 0;
  const fails = (name: keyof FileOps): boolean => {
    if (!calls.includes(name)) return false;
    count++;
    const hit = fault.forGood ? count >= fault.at : count === fault.at;
    if (hit) faults++;
    return hit;
  };
  const error = (name: string): Error => Object.assign(new Error(`${name} failed`), { code: fault.code ?? 'EIO' });
  const ops: FileOps = { ...realFileOps };
  for (const name of CHANGES) Object.assign(ops, { [name]: failing(name) });
  let tornWrite = false;
  ops.write = (fd, bytes, offset, length, position) => {
    if (tornWrite) {
      tornWrite = false;
      throw error('write');
    }
    if (!fails('write')) return realFileOps.write(fd, bytes, offset, length, position);
    if (length < 2) throw error('write');
    tornWrite = true;
    return realFileOps.write(fd, bytes, offset, length >> 1, position);
  };
  return Object.assign(ops, { faults: () => faults });

  function failing(name: keyof FileOps): (...args: unknown[]) => unknown {
    const real = realFileOps[name] as (...args: unknown[]) => unknown;
    const isAsync = name === 'sync' || name === 'syncData' || name === 'writeSlow';
    return (...args) => {
      if (!fails(name)) return real(...args);
      if (isAsync) return Promise.reject(error(name));
      throw error(name);
    };
  }
}
