/** Opens the connections to one origin: TCP or TLS, directly or through a proxy's tunnel, and closes them on demand. */

import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { PROXY_REFUSED } from '../../core/flow/retryable.js';
import { systemCode } from '../../errors.js';
import type { Proxy } from './proxy.js';
import type { TlsIdentity } from './tls.js';

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

/** What is known of the TLS connection that ended with an error. */
export interface TlsFacts {
  /** Who signed the endpoint's certificate. */
  readonly issuer: string | undefined;
  /** Whether there was a client certificate to show. */
  readonly showedCertificate: boolean;
}

const facts = new WeakMap<Error, TlsFacts>();

/** What is known of the TLS connection that this error is about. */
export function tlsFacts(error: Error): TlsFacts | undefined {
  return facts.get(error);
}

// Sockets in TLS 1.3 whose server has not said yet that it accepts what the client showed.
const unconfirmed = new WeakSet<Socket>();

/**
 * True while the server may still refuse the handshake. In TLS 1.3 the client may send as soon as it has shown its
 * certificate; a server that accepts it answers with a session ticket before anything else.
 */
export function isUnconfirmed(socket: Socket): boolean {
  return unconfirmed.has(socket);
}

export class Connector {
  /** Number of connections opened so far. */
  opened = 0;
  readonly #proxy: Proxy | undefined;
  readonly #tunnels: boolean;
  readonly #identity: TlsIdentity | undefined;
  #session: Buffer | undefined;

  /**
   * With a proxy: `tunnels` opens a CONNECT tunnel to the origin; otherwise requests are sent to the proxy itself. The
   * identity is shown to the origin, directly or within a tunnel, never to a proxy.
   */
  constructor(proxy?: Proxy, tunnels = false, identity?: TlsIdentity) {
    this.#proxy = proxy;
    this.#tunnels = tunnels;
    this.#identity = proxy === undefined || tunnels ? identity : undefined;
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
      ...(this.#identity === undefined ? {} : { secureContext: this.#identity.secureContext }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
    });
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.on('session', (session: Buffer) => {
      this.#session = session;
      unconfirmed.delete(socket);
    });
    // A session that is taken up again was accepted before, and need not bring a new ticket.
    socket.once('secureConnect', () => {
      if (socket.getProtocol() === 'TLSv1.3' && !socket.isSessionReused()) unconfirmed.add(socket);
    });
    rememberFacts(socket, this.#identity?.hasCertificate ?? false);
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
function rememberFacts(socket: TLSSocket, showedCertificate: boolean): void {
  let issuer: string | undefined;
  socket.prependOnceListener('secure', () => {
    const names = socket.getPeerCertificate().issuer as { CN?: string; O?: string } | undefined;
    issuer = names?.CN ?? names?.O;
  });
  socket.once('error', (error) => {
    facts.set(error, { issuer, showedCertificate });
    // Node.js leaves the socket open after an alert; undici would take the end that follows for what happened.
    socket.destroy(error);
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
