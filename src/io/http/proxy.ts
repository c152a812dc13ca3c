/** Which proxy a request goes through, if any: HTTP_PROXY, HTTPS_PROXY and NO_PROXY as values. */

import { UsageError } from '../../errors.js';
import { credentialsOf, type Credentials } from '../secrets/credentials.js';

/** An HTTP proxy, with its credentials separated from its URL. */
export interface Proxy extends Credentials {
  readonly url: URL;
}

export interface ProxyOptions {
  /** For http endpoints. */
  readonly http?: string | undefined;
  /** For https endpoints. */
  readonly https?: string | undefined;
  /** Hosts that are reached without a proxy: names, their domains, `host:port`, or `*`. */
  readonly no?: string | undefined;
}

/** The proxy for this origin, or undefined; throws a UsageError for a URL that is no HTTP proxy. */
export function proxyFor(origin: string, options: ProxyOptions): Proxy | undefined {
  const target = new URL(origin);
  const secure = target.protocol === 'https:';
  const address = secure ? options.https : options.http;
  if (!address || isExempt(target, options.no ?? '')) return undefined;
  return parseProxy(address, secure ? 'HTTPS_PROXY' : 'HTTP_PROXY');
}

function parseProxy(address: string, setting: string): Proxy {
  let url: URL;
  try {
    url = new URL(address.includes('://') ? address : `http://${address}`);
  } catch {
    throw new UsageError(`${setting} is not a URL`, { hint: `for example ${setting}=http://proxy.example.com:3128` });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const protocol = url.protocol.slice(0, -1);
    throw new UsageError(`${setting} names a ${protocol} proxy`, {
      hint: 'only http:// and https:// proxies can be used',
    });
  }
  return { url, ...credentialsOf(url) };
}

function isExempt(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[,\s]+/).some((entry) => entry !== '' && covers(entry.toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  // An IPv6 address has colons of its own; only one in brackets can carry a port.
  const withPort = /^(.*\]|[^:]*):(\d+)$/.exec(entry);
  if (withPort !== null && withPort[2] !== port) return false;
  const name = (withPort?.[1] ?? entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === name || host.endsWith(`.${name}`);
}
