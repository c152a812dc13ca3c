/**
 * Workers of one queue that are killed, stopped and suspended, and a Redis that is killed under them: at the end every case
 * has exactly one result, nothing is left in work, and no more calls were made twice than deaths allow.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { parseQueueAddress } from '../../src/core/queue-address.js';
import { realClock } from '../../src/host.js';
import { textDigest } from '../../src/io/queue/digest.js';
import { openQueue, type RedisQueue } from '../../src/io/queue/redis-queue.js';
import { resultsAfter } from '../../src/io/queue/stored-results.js';
import { EXECUTABLE } from '../helpers/program.js';
import { seededRandom } from '../helpers/random.js';
import { type RedisServer, startRedis } from '../helpers/redis-server.js';
import { type CountingEndpoint, countingEndpoint } from './server.js';

const CASES = 300;
const LIMIT = 4;
const WORKERS = 3;
const LEASE = '2s';
const EVENTS = 8;
const MAX_DELAY_MS = 20;
const LOOK_EVERY_MS = 50;

export interface QueueFigures {
  rounds: number;
  cases: number;
  results: number;
  /** Calls beyond one a case. */
  extraCalls: number;
  /** The most that the deaths allow. */
  bound: number;
  kills: number;
  terms: number;
  stops: number;
  redisKills: number;
}

/** Plays a round with each of these seeds. Rejects when a promise is broken, and names the round. */
export async function queueRounds(
  rounds: number,
  first = 1,
  onRound?: (figures: QueueFigures) => void,
): Promise<QueueFigures> {
  const figures = {
    rounds: 0,
    cases: 0,
    results: 0,
    extraCalls: 0,
    bound: 0,
    kills: 0,
    terms: 0,
    stops: 0,
    redisKills: 0,
  };
  for (let number = first; number < first + rounds; number++) {
    const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
    const endpoint = await countingEndpoint(seededRandom(number + 1_000_000), MAX_DELAY_MS);
    const round = new Round(number, redis, endpoint, figures);
    try {
      await round.play();
    } catch (error) {
      throw new Error(`round ${number}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    } finally {
      await round.close();
      await endpoint.close();
      await redis.close();
    }
    figures.rounds++;
    onRound?.(figures);
  }
  return figures;
}

class Round {
  readonly #redis: RedisServer;
  readonly #endpoint: CountingEndpoint;
  readonly #figures: QueueFigures;
  readonly #random: () => number;
  readonly #url: string;
  readonly #workers: ChildProcess[] = [];
  readonly #said = new Map<ChildProcess, string>();
  #queue: RedisQueue | undefined;
  #bound = 0;

  constructor(number: number, redis: RedisServer, endpoint: CountingEndpoint, figures: QueueFigures) {
    this.#redis = redis;
    this.#endpoint = endpoint;
    this.#figures = figures;
    this.#random = seededRandom(number);
    this.#url = redis.queue(`round-${number}`);
  }

  async play(): Promise<void> {
    const parsed = parseQueueAddress(this.#url);
    if (!parsed.ok) throw new Error(parsed.problem);
    const world = { clock: realClock, random: Math.random, timeoutMs: 60_000, create: true };
    const queue = await openQueue({ address: parsed.address, ...world });
    this.#queue = queue;
    const texts = Array.from({ length: CASES }, (_, at) => `{"id":"case-${at}","exact":12345678901234567890}`);
    const cases = texts.map((text, at) => ({
      id: `case-${at}`,
      text,
      digest: textDigest(text),
      place: `c.ndjson:${at + 1}`,
    }));
    await queue.enqueue(cases, { again: false, most: 0 });
    for (let at = 0; at < WORKERS; at++) this.#workers.push(this.#start());
    for (let event = 0; event < EVENTS; event++) {
      await this.#endpoint.answers(1 + Math.floor(this.#random() * 10));
      if (await this.#isDone(queue)) break;
      await this.#disturb();
    }
    while (!(await this.#isDone(queue))) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    await this.#endpoint.idle();
    await this.#check(queue);
  }

  async close(): Promise<void> {
    this.#queue?.close();
    for (const child of this.#workers) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }

  #start(): ChildProcess {
    const args = ['enrich', '--queue', this.#url, '--endpoint', this.#endpoint.url, '--follow', '--lease', LEASE];
    const more = ['--limit', String(LIMIT), '--progress', 'none', '--max-failures', 'none', '--max-deliveries', '100'];
    const child = spawn(process.execPath, [EXECUTABLE, ...args, ...more], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => this.#said.set(child, (this.#said.get(child) ?? '') + text));
    return child;
  }

  async #disturb(): Promise<void> {
    const dice = this.#random();
    const at = Math.floor(this.#random() * WORKERS);
    const worker = this.#workers[at];
    if (worker === undefined) return;
    if (dice < 0.4) await this.#replace(at, worker, 'SIGKILL');
    else if (dice < 0.6) await this.#replace(at, worker, 'SIGTERM');
    else if (dice < 0.8) this.#suspend(worker);
    else await this.#killRedis();
  }

  async #replace(at: number, worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    worker.kill('SIGCONT');
    worker.kill(signal);
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
    if (signal === 'SIGKILL') {
      this.#figures.kills++;
      this.#bound += LIMIT;
    } else {
      this.#figures.terms++;
      // One that was just started may die of it before it has taken anything.
      check(
        worker.exitCode === 143 || worker.signalCode === 'SIGTERM',
        `exit code ${worker.exitCode} after SIGTERM: ${this.#said.get(worker) ?? ''}`,
      );
    }
    this.#workers[at] = this.#start();
  }

  /** Shorter or longer than its lease. */
  #suspend(worker: ChildProcess): void {
    this.#figures.stops++;
    this.#bound += LIMIT;
    worker.kill('SIGSTOP');
    setTimeout(() => worker.kill('SIGCONT'), this.#random() * 4_000);
  }

  /** Its workers may lose their leases meanwhile. */
  async #killRedis(): Promise<void> {
    this.#figures.redisKills++;
    this.#bound += WORKERS * LIMIT;
    await this.#redis.kill();
    await new Promise((resolve) => setTimeout(resolve, this.#random() * 1_000));
    await this.#redis.restart();
  }

  async #isDone(queue: RedisQueue): Promise<boolean> {
    const { waiting, inWork } = await queue.stats();
    for (const [at, child] of this.#workers.entries()) {
      if (child.exitCode === null) continue;
      // One that was started while Redis was away: whoever looks after workers starts it again.
      const said = this.#said.get(child) ?? '';
      check(
        child.exitCode === 3 && said.includes('no Redis answers'),
        `a worker has ended with ${child.exitCode}: ${said}`,
      );
      this.#workers[at] = this.#start();
    }
    return waiting === 0 && inWork === 0;
  }

  async #check(queue: RedisQueue): Promise<void> {
    const lines = await resultsAfter(queue, '', 10 * CASES);
    const ids = lines.flatMap(({ line }) => (JSON.parse(line) as { caseId?: string }).caseId ?? []);
    check(new Set(ids).size === ids.length, 'a case has two results');
    check(ids.length === CASES, `${ids.length} results for ${CASES} cases`);
    const { asked } = this.#endpoint;
    const extra = asked.total - CASES;
    check(asked.counts.size === CASES, 'a case was never called');
    check(extra <= this.#bound, `${extra} calls made again, ${this.#bound} are allowed`);
    this.#figures.cases += CASES;
    this.#figures.results += ids.length;
    this.#figures.extraCalls += extra;
    this.#figures.bound += this.#bound;
  }
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
