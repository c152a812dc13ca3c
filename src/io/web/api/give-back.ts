/** Memory of bytes that are done with, given back at once: until the next garbage collection it is tens of megabytes. */

import { MessageChannel } from 'node:worker_threads';

/** Up to this size a Buffer may be part of the pool that others share. */
const LARGEST_POOL = 16 * 1024;

/**
 * Takes the memory away from bytes that nobody reads any more. To be called with the pieces of a body in their order: where
 * several share one memory, the last one ends it. Small ones are left to the garbage collection.
 */
export function giveBack({ buffer, byteOffset, byteLength }: Uint8Array): void {
  const isLast = byteOffset + byteLength === buffer.byteLength;
  if (!isLast || buffer.byteLength < LARGEST_POOL || !(buffer instanceof ArrayBuffer)) return;
  drain ??= closedPort();
  drain.postMessage(null, [buffer]);
}

type Port = MessageChannel['port1'];

let drain: Port | undefined;

/** What is handed over to a closed port is gone: the only way to end an ArrayBuffer before Node 22. */
function closedPort(): Port {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
