/** Opens the connections to one origin: TCP or TLS, directly or through a proxy's tunnel, and closes them on demand. */

import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { PROXY_REFUSED } from '../../core/flow/retryable.js';
import { systemCode } from '../../errors.js';
import type { Proxy } from './proxy.js';

/** Where to connect to, as undici asks for it. */
export interface ConnectOptions {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  readonly servername?: string | null;
}

export type ConnectCallback = (...result: [null, Socket] | [Error, null]) => void;

/** A proxy that can't be reached, or that refuses the connection. */
export class ProxyError extends Error {
  readonly code: string;
  /** The status it refused with. */
  readonly httpStatus: number | undefined;

  constructor(message: string, code: string, httpStatus?: number) {
    super(message);
    this.name = 'ProxyError';
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

/** The issuer of a certificate that was refused, by the error that says so. */
const issuers = new WeakMap<Error, string>();

/** Who signed the certificate that this error is about, if that is known. */
export function certificateIssuer(error: Error): string | undefined {
  return issuers.get(error);
}

export class Connector {
  /** Number of connections opened so far. */
  opened = 0;
  readonly #proxy: Proxy | undefined;
  readonly #tunnels: boolean;
  #session: Buffer | undefined;

  /** With a proxy: `tunnels` opens a CONNECT tunnel to the origin; otherwise requests are sent to the proxy itself. */
  constructor(proxy?: Proxy, tunnels = false) {
    this.#proxy = proxy;
    this.#tunnels = tunnels;
  }

  /** Connects; returns a function that aborts the attempt while it is under way. */
  open(options: ConnectOptions, callback: ConnectCallback): () => void {
    const proxy = this.#proxy;
    if (proxy !== undefined && this.#tunnels) return this.#openThroughTunnel(proxy, options, callback);
    const socket = options.protocol === 'https:' ? this.#tls(options) : tcp(options);
    if (proxy === undefined) return this.#whenConnected(socket, callback);
    return this.#whenConnected(socket, (...[error, connected]) =>
      error === null ? callback(null, connected) : callback(unreachable(proxy, error), null),
    );
  }

  #openThroughTunnel(proxy: Proxy, options: ConnectOptions, callback: ConnectCallback): () => void {
    let cancelTls: (() => void) | undefined;
    const request = askForTunnel(proxy, options, (error, socket) => {
      if (error !== null) return callback(error, null);
      cancelTls = this.#whenConnected(this.#tls(options, socket), callback);
    });
    return () => {
      request.destroy();
      cancelTls?.();
    };
  }

  #whenConnected(socket: Socket, callback: ConnectCallback): () => void {
    let answered = false;
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      answered = true;
      this.opened++;
      callback(null, socket);
    });
    // Stays for the socket's lifetime: an 'error' event without a listener would end the process.
    socket.on('error', (error) => {
      if (answered) return;
      answered = true;
      callback(error, null);
    });
    return () => {
      answered = true;
      socket.destroy();
    };
  }

  /** Certificates are checked whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
  #tls(options: ConnectOptions, tunnel?: Socket): TLSSocket {
    const name = options.servername ?? options.hostname;
    const socket = connectTls({
      ...(tunnel === undefined ? { host: options.hostname, port: Number(options.port || 443) } : { socket: tunnel }),
      ...(isIP(name) === 0 ? { servername: name } : { host: name }),
      ...(this.#session === undefined ? {} : { session: this.#session }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
    });
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.on('session', (session: Buffer) => (this.#session = session));
    rememberIssuer(socket);
    return socket;
  }
}

const KEEP_ALIVE_DELAY_MS = 60_000;

function tcp(options: ConnectOptions): Socket {
  return connectTcp({
    host: options.hostname,
    port: Number(options.port || 80),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  });
}

/** Reads the certificate before it is verified; after a refusal the socket no longer has it. */
function rememberIssuer(socket: TLSSocket): void {
  let issuer: string | undefined;
  socket.prependOnceListener('secure', () => {
    const names = socket.getPeerCertificate().issuer as { CN?: string; O?: string } | undefined;
    issuer = names?.CN ?? names?.O;
  });
  socket.once('error', (error) => {
    if (issuer !== undefined) issuers.set(error, issuer);
  });
}

function askForTunnel(proxy: Proxy, options: ConnectOptions, callback: ConnectCallback): ClientRequest {
  const { hostname, protocol, port } = proxy.url;
  const host = options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname;
  const authority = `${host}:${options.port || 443}`;
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || (protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
    agent: false,
    rejectUnauthorized: true,
  });
  request.once('connect', (response, socket: Socket) => {
    // TLS takes the socket over and reports its errors; until then nothing else listens for them.
    socket.on('error', () => {});
    if (response.statusCode === 200) return callback(null, socket);
    socket.destroy();
    callback(refusal(proxy, response.statusCode ?? 0), null);
  });
  request.on('error', (error) => callback(unreachable(proxy, error), null));
  request.end();
  return request;
}

/** The error for a proxy that refuses a request or a tunnel. */
export function refusal(proxy: Proxy, httpStatus: number): ProxyError {
  const why = httpStatus === 407 ? 'asks for credentials (407)' : `refused the connection (${httpStatus})`;
  return new ProxyError(`the proxy ${proxy.url.origin} ${why}`, PROXY_REFUSED, httpStatus);
}

function unreachable(proxy: Proxy, error: Error): ProxyError {
  const code = systemCode(error) ?? 'ECONNRESET';
  return new ProxyError(`cannot connect to the proxy ${proxy.url.origin} (${code})`, code);
}
