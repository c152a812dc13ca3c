import type { Stats } from 'node:fs';

/** What tells a file from all others: its disk and its number there. */
export function identityOfStats({ dev, ino }: Stats, platform = process.platform): string {
  // On Windows the same disk may have one number by path and another by descriptor (Node before libuv 1.51).
  return platform === 'win32' ? `${ino}` : `${dev}:${ino}`;
}

/** The same for the absolute path of a file yet to be made. Windows doesn't tell `Run.json` from `run.json`. */
export function identityOfPath(path: string, platform = process.platform): string {
  return platform === 'win32' ? path.toLowerCase() : path;
}

/** True when both are the same file, under whatever names. */
export function isSameFile(one: Stats | undefined, other: Stats): boolean {
  return one !== undefined && identityOfStats(one) === identityOfStats(other);
}
