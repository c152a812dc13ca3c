/** One POST to the token URL: through the same proxy and with the same TLS identity as the endpoint, within limits. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Clock, Timer } from '../../../core/ports.js';
import { Connection, KeepAlive } from '../connections.js';
import { Connector } from '../connector.js';
import { encodingOf, Inflater, type InflaterListener } from '../decode.js';
import { causeOf, type Phase, timeoutMessage } from '../failure.js';
import type { Proxy } from '../proxy.js';
import type { TlsIdentity } from '../tls.js';

export interface TokenAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TokenPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TokenRequestOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** A tunnel through it is opened. */
  readonly proxy?: Proxy | undefined;
  readonly tls?: TlsIdentity | undefined;
}

const LARGEST_ANSWER = 1024 * 1024;

/** Resolves with the whole answer, whatever its status; rejects with an Error that says what went wrong. */
export class TokenRequest implements Dispatcher.DispatchHandler, InflaterListener {
  readonly answer: Promise<TokenAnswer>;
  readonly #origin: string;
  readonly #connection: Connection;
  readonly #timer: Timer;
  #phase: Phase = 'connect';
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #received = 0;
  #inflater: Inflater | undefined;
  readonly #chunks: Buffer[] = [];
  #resolve: (answer: TokenAnswer) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor({ url, headers, body }: TokenPost, { clock, timeoutMs, proxy, tls }: TokenRequestOptions) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#origin = url.origin;
    this.#connection = new Connection(url.origin, new Connector(proxy, true, tls), new KeepAlive(() => {}));
    this.#timer = clock.setTimer(timeoutMs, () => {
      this.stop(timeoutMessage(this.#phase, timeoutMs, false, this.#received));
    });
    this.#connection.dispatch({ path: url.pathname + url.search, method: 'POST', headers: { ...headers }, body }, this);
  }

  /** Ends it, whatever its state. */
  stop(why: string): void {
    this.#end();
    this.#reject(new Error(why));
  }

  onRequestStart(): void {
    this.#phase = 'response';
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#phase = 'body';
    this.#status = status;
    this.#headers = headers;
    const encoding = encodingOf(headers['content-encoding']);
    if (encoding === undefined) this.stop('its answer has an unknown encoding');
    else if (encoding !== 'identity') this.#inflater = new Inflater(encoding, LARGEST_ANSWER, this);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#inflater !== undefined) return this.#inflater.write(chunk);
    if (this.#received > LARGEST_ANSWER) return this.stop(TOO_LARGE);
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.inflated(Buffer.concat(this.#chunks));
    else this.#inflater.end();
  }

  onResponseError(_controller: unknown, error: Error): void {
    const phase = this.#phase === 'response' && this.#connection.isInHandshake ? 'handshake' : this.#phase;
    this.stop(causeOf(error, phase, this.#origin, this.#received).message);
  }

  inflated(bytes: Buffer): void {
    this.#end();
    this.#resolve({ status: this.#status, headers: this.#headers, body: bytes.toString('utf8') });
  }

  inflateFailed(reason: 'damaged' | 'too large'): void {
    this.stop(reason === 'damaged' ? "its answer's encoding is damaged or cut off" : TOO_LARGE);
  }

  #end(): void {
    this.#timer.cancel();
    this.#inflater?.destroy();
    // Not within undici's own callback: it is still processing the answer.
    setImmediate(() => void this.#connection.drop());
  }
}

const TOO_LARGE = 'its answer is larger than 1 MiB';
