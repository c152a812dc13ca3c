/** A queue in Redis, one method for each thing that is done with it. What happens there is in the scripts of `lua/`. */

import type { Clock, Random } from '../../core/ports.js';
import { type QueueAddress, shownAddress } from '../../core/queue-address.js';
import type { QueueStats } from '../../core/queue-stats.js';
import { InputError, UsageError } from '../../errors.js';
import { type Connect, connectRedis, type Connection, type Reply } from './connection.js';
import { keyList, keysOf, type QueueKeys, stateField } from './keys.js';
import { RedisLink } from './link.js';
import { LinkLost, ScriptMissing } from './refusals.js';
import { type ScriptName, scriptNamed } from './scripts.js';
import { checkServer, durabilityNotice, serverFacts } from './server-check.js';
import { statsOf } from './stats.js';
import { type TakenBatch, takenBatch } from './taken.js';

export interface QueueOptions {
  readonly address: QueueAddress;
  readonly clock: Clock;
  readonly random: Random;
  /** How long Redis may be away, in milliseconds. */
  readonly timeoutMs: number;
  /** Further trusted authorities, PEM. */
  readonly ca?: string | undefined;
  /** Make the queue where there is none. */
  readonly create: boolean;
  readonly connect?: Connect;
}

/** A case to be put into the queue. */
export interface QueuedCase {
  readonly id: string;
  readonly text: string;
  readonly digest: string;
  /** Where it stood, as `cases.ndjson:7`. */
  readonly place: string;
}

export interface Enqueued {
  readonly added: number;
  /** Failed before, and queued again. */
  readonly again: number;
  readonly changed: number;
  readonly skipped: number;
}

export interface FinishedCase {
  readonly entry: string;
  readonly id: string;
  /** Empty for a record that is no case. */
  readonly revision: string;
  readonly status: 'e' | 'f' | 'i';
  readonly line: string;
}

export interface FinishAnswer {
  /** Results that were dropped: another worker's came first. */
  readonly late: number;
  /** Results that were dropped: the case was replaced meanwhile. */
  readonly superseded: number;
  /** Totals of the queue. */
  readonly failed: number;
  readonly finished: number;
  readonly pauseMs: number;
}

/** A worker as the queue knows it. */
export interface WorkerRecord {
  readonly name: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** Hashes of its settings, joined by commas. */
  readonly settings: string;
  /** Its name for people. */
  readonly label: string;
}

export interface Beat {
  /** The lease had ended: others may have the cases. */
  readonly wasGone: boolean;
  readonly pauseMs: number;
  readonly failed: number;
  readonly finished: number;
}

const FORMAT = 1;

export class RedisQueue {
  readonly where: string;
  readonly link: RedisLink;
  readonly keys: QueueKeys;
  readonly notices: string[] = [];
  readonly #options: QueueOptions;
  #id = '';
  #finishCall = 0;
  #heard: ((ms: number) => void) | undefined;

  /** Use `openQueue`. */
  constructor(options: QueueOptions) {
    this.#options = options;
    const { address, clock, timeoutMs } = options;
    this.where = shownAddress(address);
    this.keys = keysOf(address.name);
    this.link = new RedisLink({ connect: (lost) => this.#connect(lost), clock, timeoutMs, where: this.where });
  }

  /** The queue's own id, which changes when it is emptied and made anew; empty where there is none. */
  get id(): string {
    return this.#id;
  }

  async open(): Promise<void> {
    await this.link.open();
    const facts = serverFacts(String(await this.link.call(['INFO'])));
    checkServer(facts, this.where);
    const notice = durabilityNotice(facts);
    if (notice !== undefined) this.notices.push(notice);
    const { create, random } = this.#options;
    const seed = String(random());
    const reply = (await this.#eval('open', [create ? '1' : '0', seed])) as readonly string[];
    this.#id = reply[0] ?? '';
    if (Number(reply[1]) > FORMAT) {
      throw new UsageError(`${this.where} was made by a newer version of case-tracker`, { hint: 'update this one' });
    }
  }

  /** Puts cases in; undefined when `most` or more wait already. */
  async enqueue(
    cases: readonly QueuedCase[],
    { again, most }: { again: boolean; most: number },
  ): Promise<Enqueued | undefined> {
    const fields = cases.flatMap(({ id, digest, text, place }) => [stateField(id), digest, text, place]);
    const reply = (await this.#run('enqueue', [again ? '1' : '0', String(most), ...fields])) as readonly number[];
    if (reply.length === 0) return undefined;
    const [added = 0, failed = 0, changed = 0, skipped = 0] = reply;
    return { added, again: failed, changed, skipped };
  }

  /** Stores results of records that are no cases, each under a digest of record and problem; returns how many were new. */
  async storeInvalid(results: readonly { readonly digest: string; readonly line: string }[]): Promise<number> {
    return Number(
      await this.#run(
        'invalid',
        results.flatMap(({ digest, line }) => [digest, line]),
      ),
    );
  }

  /** Takes up to `count` cases. Rejects with LinkLost when it is not known whether some were taken: `releaseOthers` then. */
  async take(
    worker: string,
    want: {
      readonly count: number;
      readonly mostResults: number;
      readonly deliveries: number;
      readonly longest: number;
    },
  ): Promise<TakenBatch> {
    const { count, mostResults, deliveries, longest } = want;
    const args = [worker, ...[count, mostResults, deliveries, longest].map(String)];
    return takenBatch(await this.#run('take', args, true));
  }

  /** Registers cases that another program has added; of each its revision, or '' when it is not to be called. */
  async adopt(
    cases: readonly { readonly entry: string; readonly id: string; readonly digest: string }[],
  ): Promise<readonly string[]> {
    const args = cases.flatMap(({ entry, id, digest }) => [entry, stateField(id), digest]);
    return (await this.#run('adopt', args)) as readonly string[];
  }

  /** Stores results and acknowledges their cases. Calls must follow one another. */
  async finish(worker: string, cases: readonly FinishedCase[], closingLine = ''): Promise<FinishAnswer> {
    const fields = cases.flatMap(({ entry, id, revision, status, line }) => [
      entry,
      stateField(id),
      revision,
      status,
      line,
    ]);
    const answer = String(await this.#run('finish', [worker, String(++this.#finishCall), closingLine, ...fields]));
    const [late = 0, superseded = 0, failed = 0, finished = 0, pauseMs = 0] = answer.split(' ').map(Number);
    return { late, superseded, failed, finished, pauseMs };
  }

  async release(worker: string, entries: readonly string[]): Promise<void> {
    if (entries.length > 0) await this.#run('release', [worker, 'these', ...entries]);
  }

  /** Gives back what the worker holds and does not know of, after a `take` whose answer was lost. */
  async releaseOthers(worker: string, known: readonly string[]): Promise<void> {
    await this.#run('release', [worker, 'others', ...known]);
  }

  /** Gives back everything, and takes the worker out. */
  async leave(worker: string): Promise<void> {
    await this.#run('release', [worker, 'leave']);
  }

  /** Registers a worker. Returns the settings of those that are there when they are other ones. */
  async join(worker: WorkerRecord): Promise<Beat | { readonly others: string }> {
    const reply = (await this.#beat(worker, '1')) as readonly (string | number)[];
    return reply[0] === 'other' ? { others: String(reply[1]) } : beatOf(reply);
  }

  async renew(worker: WorkerRecord): Promise<Beat> {
    return beatOf((await this.#beat(worker, '0')) as readonly (string | number)[]);
  }

  /** Reserves start slots; returns milliseconds until the first, and what is left of a pause. */
  async reserve(count: number, intervalMs: number): Promise<{ readonly firstMs: number; readonly pauseMs: number }> {
    const reply = (await this.#run('gate', [String(count), String(intervalMs * 1000)])) as readonly string[];
    return { firstMs: Number(reply[0]) / 1000, pauseMs: Number(reply[1]) };
  }

  async pause(ms: number): Promise<void> {
    await this.#run('pause', [String(Math.ceil(ms))]);
  }

  /** Calls back when a worker says for how long the endpoint asks to pause. */
  async onPause(heard: (ms: number) => void): Promise<void> {
    this.#heard = heard;
    await this.link.subscribe(this.keys.pause, (message) => this.#heard?.(Number(message) || 0));
  }

  async stats(): Promise<QueueStats> {
    return statsOf(await this.#eval('stats', []));
  }

  /** The entries in the stream that are this worker's. */
  async owned(worker: string): Promise<readonly string[]> {
    const reply = await this.link.call(['XPENDING', this.keys.jobs, 'g', '-', '+', '100000', worker]);
    return (reply as readonly (readonly [string])[]).map(([entry]) => entry);
  }

  close(): void {
    this.link.close();
  }

  #beat({ name, leaseMs, limit, settings, label }: WorkerRecord, joins: '0' | '1'): Promise<Reply> {
    return this.#run('beat', [name, String(leaseMs), String(limit), settings, label, joins]);
  }

  /** A script that refuses when the queue is not the one that was opened. */
  #run(script: ScriptName, args: readonly string[], isOnce = false): Promise<Reply> {
    return this.#eval(script, [this.#id, ...args], isOnce);
  }

  async #eval(script: ScriptName, args: readonly string[], isOnce = false): Promise<Reply> {
    const { sha, text } = scriptNamed(script);
    const keys = keyList(this.keys);
    const rest = [String(keys.length), ...keys, ...args];
    const call = (command: readonly string[]): Promise<Reply> =>
      isOnce ? this.link.callOnce(command) : this.link.call(command);
    try {
      return await call(['EVALSHA', sha, ...rest]);
    } catch (error) {
      if (!(error instanceof ScriptMissing)) throw error;
      return await call(['EVAL', text, ...rest]);
    }
  }

  /** A connection counts once Redis takes a write: a replica, or one that still loads its data, does not. */
  async #connect(lost: (why: string) => void): Promise<Connection> {
    const { address, clock, ca, connect = connectRedis } = this.#options;
    const connection = await connect({ address, clock, ca, lost });
    try {
      await connection.send(['XACK', this.keys.jobs, 'g', '0-0']);
    } catch (error) {
      // Other refusals come again, and then say what they are about.
      if (error instanceof LinkLost && !(this.#id === '' && error.message.startsWith('READONLY'))) {
        connection.destroy();
        throw error;
      }
    }
    return connection;
  }
}

/** Opens a queue. Throws an InputError where there is no Redis, or none that can be used. */
export async function openQueue(options: QueueOptions): Promise<RedisQueue> {
  const queue = new RedisQueue(options);
  try {
    await queue.open();
    return queue;
  } catch (error) {
    queue.close();
    throw error instanceof LinkLost ? new InputError(`${queue.where}: ${error.message}`, { cause: error }) : error;
  }
}

function beatOf([wasGone, pauseMs, failed, finished]: readonly (string | number)[]): Beat {
  return { wasGone: wasGone === '1', pauseMs: Number(pauseMs), failed: Number(failed), finished: Number(finished) };
}
