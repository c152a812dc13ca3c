/** Where the server listens: which hosts it may be bound to, and how an address is written. */

import { lookup } from 'node:dns/promises';
import { isIPv6, SocketAddress } from 'node:net';
import { UsageError, systemCode } from '../../errors.js';
import { isEveryInterface } from '../../text/loopback.js';

/** The name of a host as it stands in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** `http://127.0.0.1:8484`. */
export function urlOf(host: string, port: number): string {
  return `http://${urlHost(host)}:${port}`;
}

/**
 * The address to listen at for a host. Rejects with a UsageError for one that stands for every interface, as no browser
 * asks for anything by such a name, and for one that is not found.
 */
export async function addressOf(host: string): Promise<string> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const address = isEveryInterface(bare) ? bare : await lookedUp(bare);
  if (!isEveryInterface(address)) return address;
  const name = host === '' ? 'an empty host' : host;
  throw new UsageError(`${name} is every interface of this machine, and no name that browsers could ask for`, {
    hint: 'the one address or name by which it is to be reached, such as 192.168.1.20; ssh -L needs 127.0.0.1 only',
  });
}

async function lookedUp(host: string): Promise<string> {
  try {
    return shortest((await lookup(host)).address);
  } catch (error) {
    throw listenProblem(error, host, 0);
  }
}

/** An IPv6 address in its one short form: `::` for `0:0:0:0:0:0:0:0`. One with a zone stays as it is. */
function shortest(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/** The error for an address at which nothing can listen. */
export function listenProblem(cause: unknown, host: string, port: number): UsageError {
  const code = systemCode(cause) ?? '';
  const { message, hint } = PROBLEMS.get(code)?.(host, port) ?? {
    message: `cannot listen at ${urlHost(host)}:${port}: ${code || String(cause)}`,
    hint: undefined,
  };
  return new UsageError(message, { hint, cause });
}

type Problem = (host: string, port: number) => { readonly message: string; readonly hint: string };

const notOurs: Problem = (host) => ({
  message: `${host} is no address of this machine`,
  hint: '127.0.0.1, or an address that `ip addr` (or `ifconfig`) shows',
});

const PROBLEMS: ReadonlyMap<string, Problem> = new Map<string, Problem>([
  [
    'EADDRINUSE',
    (host, port) => ({
      message: `port ${port} of ${urlHost(host)} is in use`,
      hint: 'another port, or 0 for a free one',
    }),
  ],
  [
    'EACCES',
    (_, port) => ({
      message: `port ${port} needs more permissions`,
      hint: port < 1024 ? 'a port of 1024 or above, or 0 for a free one' : 'another port, or 0 for a free one',
    }),
  ],
  ['EADDRNOTAVAIL', notOurs],
  ['ENOTFOUND', (host) => ({ message: `there is no host ${host}`, hint: 'an address or name of this machine' })],
  [
    'EAI_AGAIN',
    (host) => ({
      message: `the host ${host} cannot be looked up now`,
      hint: 'an IP address needs no look-up',
    }),
  ],
  ['EINVAL', notOurs],
]);
