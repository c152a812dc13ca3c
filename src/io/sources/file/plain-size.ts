/** What is known of files before they are read. */

import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';

/**
 * The total size in bytes of these files when all are regular and uncompressed, so that it says how much there is to
 * read; Infinity when one is anything else, or its size can't be read.
 */
export function plainSize(inputs: readonly { readonly path?: string }[]): number {
  let total = 0;
  for (const { path } of inputs) total += path === undefined ? Number.POSITIVE_INFINITY : sizeOf(path);
  return total;
}

// A file of size 0 may still have content, as in /proc.
function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size > 0 && !isGzip(path) ? stats.size : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function isGzip(path: string): boolean {
  const start = new Uint8Array(2);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readSync(fd, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    closeSync(fd);
  }
}
