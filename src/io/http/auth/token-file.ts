/** Tokens in a file that somebody else keeps fresh, as Vault agents and Kubernetes do. */

import { accessSync, type BigIntStats, constants, statSync } from 'node:fs';
import type { Clock, CredentialProvider, Token } from '../../../core/ports.js';
import { systemCode, UsageError } from '../../../errors.js';
import { readNamedFile, readProblem } from '../../../named-file.js';
import { cannotRead } from '../../files/file-problem.js';
import { LARGEST_TOKEN_TEXT, tokenIn } from './token-text.js';

export interface TokenFileOptions {
  /** Absolute. */
  readonly path: string;
  /** How messages call it. */
  readonly name: string;
  readonly clock: Clock;
}

const CHECK_EVERY_MS = 1_000;
/** A file that was written so short a time ago may be written further: it is looked at again. */
const SETTLES_MS = 500;

export class TokenFile implements CredentialProvider {
  readonly checkEveryMs = CHECK_EVERY_MS;
  readonly #options: TokenFileOptions;
  #token: Token | undefined;
  #refused: string | undefined;
  /** The state of the file that the token was read from; undefined where that has to be read again. */
  #stamp: string | undefined;

  /**
   * Throws a UsageError for a file that is missing, is none or may not be read: its name is mistyped more often than not.
   * One that is empty is waited for.
   */
  constructor(options: TokenFileOptions) {
    this.#options = options;
    refuseOther(options);
  }

  /** The same token while the file has nothing better; throws where the endpoint has refused that one, or there is none. */
  current(): Token {
    try {
      return this.#read();
    } catch (error) {
      if (this.#token !== undefined && this.#token.value !== this.#refused) return this.#token;
      throw error;
    }
  }

  refused(token: Token): void {
    this.#refused = token.value;
  }

  #read(): Token {
    const stats = this.#stats();
    const stamp = stampOf(stats);
    if (this.#token !== undefined && stamp === this.#stamp) return this.#token;
    const [now, writtenMs] = [this.#options.clock.wallNow(), Number(stats.mtimeMs)];
    const isSettled = Math.abs(now - writtenMs) >= SETTLES_MS;
    // While there is a good token, nothing half-written is tried.
    if (!isSettled && this.#token !== undefined && this.#token.value !== this.#refused) return this.#token;
    const token = this.#parsed(this.#text(), Math.min(now, writtenMs));
    this.#stamp = isSettled && stampOf(this.#stats()) === stamp ? stamp : undefined;
    return (this.#token = sameOr(token, this.#token));
  }

  #text(): string {
    try {
      return readNamedFile(this.#options.path, LARGEST_FILE).toString('utf8');
    } catch (error) {
      throw new Error(`cannot read ${this.#options.name}: ${readProblem(error)}`, { cause: error });
    }
  }

  #parsed(text: string, writtenMs: number): Token {
    try {
      if (text.length > LARGEST_TOKEN_TEXT) throw new Error('has more than 64 KiB: that is no token');
      return tokenIn(text, writtenMs);
    } catch (error) {
      throw new Error(`${this.#options.name} ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Of the real file: behind a link that is set anew, as Kubernetes does, there is another one. */
  #stats(): BigIntStats {
    try {
      return statSync(this.#options.path, { bigint: true });
    } catch (error) {
      throw new Error(`cannot read ${this.#options.name}: ${readProblem(error)}`, { cause: error });
    }
  }
}

// Read in pieces of this size anyway.
const LARGEST_FILE = 1024 * 1024;

function refuseOther({ path, name }: TokenFileOptions): void {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isFile()) return;
  } catch (error) {
    const { message, hint } = cannotRead(name, error, path);
    const similar = systemCode(error) === 'ENOENT' ? hint : undefined;
    throw new UsageError(message, {
      hint: similar ?? 'a file that comes later has to be there already, empty',
      cause: error,
    });
  }
  throw new UsageError(`${name} is no regular file, and it is read again and again`, {
    hint: '--token-command takes what prints a token',
  });
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function sameOr(token: Token, known: Token | undefined): Token {
  return token.value === known?.value && token.expiresAt === known.expiresAt ? known : token;
}
