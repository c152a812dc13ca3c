/** Where the server listens: which hosts it may be bound to, and how an address is written. */

import { UsageError, systemCode } from '../../errors.js';

/** The name of a host as it stands in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** `http://127.0.0.1:8484`. */
export function urlOf(host: string, port: number): string {
  return `http://${urlHost(host)}:${port}`;
}

/** The name of a host as the system takes it: an IPv6 address without brackets. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

const EVERY_INTERFACE = /^(?:0+(?:\.0+){0,3}|\[?[0:]*::[0:]*(?:\.0)*\]?|\*|)$/;

/** Throws a UsageError for a host that stands for every interface: no browser asks for one by such a name. */
export function refuseEveryInterface(host: string): void {
  if (!EVERY_INTERFACE.test(host)) return;
  throw new UsageError(
    `${host === '' ? 'an empty host' : host} is every interface of this machine, and no name that browsers could ask for`,
    {
      hint: 'the one address or name by which it is to be reached, such as 192.168.1.20; ssh -L needs 127.0.0.1 only',
    },
  );
}

/** The error for an address at which nothing can listen. */
export function listenProblem(cause: unknown, host: string, port: number): UsageError {
  const code = systemCode(cause) ?? '';
  const { message, hint } = PROBLEMS[code]?.(host, port) ?? {
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

const PROBLEMS: Readonly<Record<string, Problem>> = {
  EADDRINUSE: (host, port) => ({
    message: `port ${port} of ${urlHost(host)} is in use`,
    hint: 'another port, or 0 for a free one',
  }),
  EACCES: (_, port) => ({
    message: `port ${port} needs more permissions`,
    hint: port < 1024 ? 'a port of 1024 or above, or 0 for a free one' : 'another port, or 0 for a free one',
  }),
  EADDRNOTAVAIL: notOurs,
  ENOTFOUND: (host) => ({ message: `there is no host ${host}`, hint: 'an address or name of this machine' }),
  EAI_AGAIN: (host) => ({
    message: `the host ${host} cannot be looked up now`,
    hint: 'an IP address needs no look-up',
  }),
  EINVAL: notOurs,
};
