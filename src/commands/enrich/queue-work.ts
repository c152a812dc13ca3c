/** `enrich --queue`: the cases come from a queue, and their results go into it. */

import { hash } from 'node:crypto';
import { hostname } from 'node:os';
import type { CaseEntry } from '../../core/case.js';
import type { CaseSource, RunWatcher } from '../../core/ports.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import { isTooMany } from '../../core/run/stop-rules.js';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { FileOps } from '../../io/files/file-ops.js';
import { Deliveries, type QueueDelivery } from '../../io/queue/delivery.js';
import { Lease } from '../../io/queue/lease.js';
import { payloadRules } from '../../io/queue/payload.js';
import { QueueThrottle } from '../../io/queue/queue-throttle.js';
import type { RedisQueue, WorkerRecord } from '../../io/queue/redis-queue.js';
import { openOutputs } from '../../io/sinks/open.js';
import { QueueSink } from '../../io/sinks/queue-sink.js';
import { QueueSource } from '../../io/sources/queue-source.js';
import { formatCount, formatCounted } from '../../text/format.js';
import type { QueueAddress } from '../../core/queue-address.js';
import type { Resolved } from '../../config/resolved.js';
import { openQueueOf, tellAbsences } from '../shared/queue.js';
import type { RunClient } from './client.js';
import type { Destination } from './destination.js';
import { graceMs } from './interruption.js';
import type { Watchers } from './watchers.js';
import type { QueueOptions } from './pipeline-options.js';
import { workerSettings, otherSettingsText } from './worker-settings.js';

/** What a run over a queue has in place of files. Disposing gives back what has no result. */
export interface QueueWork extends AsyncDisposable {
  readonly source: CaseSource;
  /** What the pipeline does otherwise. */
  readonly options: QueueOptions;
  readonly watcher: RunWatcher;
  openDestination(ops: FileOps): Promise<Destination>;
  /** The run is about to start. */
  attach(pipeline: Pipeline, watchers: Watchers): void;
}

/** Connects, checks that the other workers ask for the same, and joins them. */
export async function openQueueWork(
  settings: Resolved<'enrich'> & { readonly values: { readonly queue: QueueAddress } },
  client: RunClient,
  host: Host,
): Promise<QueueWork> {
  const opened = await openQueueOf(settings.values, host, true);
  try {
    const record = workerRecord(settings, client, host);
    const beat = await opened.queue.join(record);
    if ('others' in beat) {
      throw new UsageError(`the workers of ${opened.queue.where} run with other settings`, {
        details: [otherSettingsText(record.settings, beat.others)],
        hint: 'start this one with theirs; or stop them, and wait for --lease where one was killed',
      });
    }
    const work = new Work(settings, opened, record, host);
    await work.begin(beat);
    return work;
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

const LEAVE_MS = 2_000;

class Work implements QueueWork {
  readonly source: QueueSource;
  readonly #settings: Resolved<'enrich'>;
  readonly #host: Host;
  readonly #opened: Awaited<ReturnType<typeof openQueueOf>>;
  readonly #queue: RedisQueue;
  readonly #record: WorkerRecord;
  readonly #deliveries = new Deliveries();
  readonly #throttle: QueueThrottle;
  readonly #sink: QueueSink;
  readonly #lease: Lease;
  readonly #stops: (() => void)[] = [];
  #pipeline: Pipeline | undefined;
  #say: (text: string) => void = () => {};
  #before = { failed: 0, finished: 0 };
  #pauseMs = 0;

  constructor(
    settings: Resolved<'enrich'>,
    opened: Awaited<ReturnType<typeof openQueueOf>>,
    record: WorkerRecord,
    host: Host,
  ) {
    const { values } = settings;
    const { queue } = opened;
    const { clock } = host;
    const deliveries = this.#deliveries;
    this.#settings = settings;
    this.#host = host;
    this.#opened = opened;
    this.#queue = queue;
    this.#record = record;
    this.#throttle = new QueueThrottle(queue, clock, values.rate === null ? 0 : 1_000 / values.rate.perSecond);
    this.source = new QueueSource({
      queue,
      worker: record.name,
      deliveries,
      rules: payloadRules(fieldsOf(values), values.maxDeliveries, values.queue?.name ?? ''),
      room: 2 * values.limit * (values.batch ?? 1),
      follow: values.follow,
      mostResults: values.maxResults ?? 0,
      clock,
      full: () =>
        this.#say(`${formatCount(values.maxResults ?? 0)} results are not collected (--max-results): waiting`),
      paused: (ms) => this.#throttle.hear(ms),
    });
    this.#sink = new QueueSink({
      queue,
      worker: record.name,
      deliveries,
      answered: ({ pauseMs, failed, finished }) => {
        this.#throttle.hear(pauseMs);
        this.#stopAfter(failed, finished);
      },
    });
    this.#lease = new Lease({ queue, deliveries, clock }, record, {
      renewed: ({ pauseMs, failed, finished }) => {
        this.#throttle.hear(pauseMs);
        this.#stopAfter(failed, finished);
        this.#pipeline?.lookAgain();
      },
      // The source and the sink meet the same refusal, and they say it.
      failed: () => {},
    });
  }

  async begin({ failed, finished, pauseMs }: { failed: number; finished: number; pauseMs: number }): Promise<void> {
    this.#before = { failed, finished };
    this.#pauseMs = pauseMs;
    await this.#throttle.listen();
  }

  get options(): QueueOptions {
    return {
      throttle: { shared: this.#throttle },
      mayBegin: () => !this.#queue.link.isAway && this.#lease.isCertain,
      settled: (entry) => this.#admitted(entry),
      holdSlots: true,
    };
  }

  get watcher(): RunWatcher {
    return { stopped: () => void this.source.giveBack() };
  }

  async openDestination(ops: FileOps): Promise<Destination> {
    const { deadLetter } = this.#settings.values;
    const outputs = await openOutputs({ deadLetter, inputs: [] }, { host: this.#host, ops });
    return {
      format: 'ndjson',
      file: this.#queue.where,
      isJournal: false,
      resumption: undefined,
      lastRun: undefined,
      notices: [...this.#opened.notices, ...outputs.notices],
      sink: this.#sink,
      deadLetter: outputs.deadLetter,
      endNotices: () => this.#endNotices(),
      async [Symbol.asyncDispose]() {
        await outputs.deadLetter?.close();
      },
    };
  }

  attach(pipeline: Pipeline, { notices }: Watchers): void {
    this.#pipeline = pipeline;
    this.#say = (text) => notices.say(text);
    tellAbsences(
      this.#queue,
      (text) => {
        this.#say(text);
        if (!this.#queue.link.isAway) this.#lease.renewNow();
      },
      'no case is begun until it is back',
    );
    let signals = 0;
    const grace = graceMs(this.#settings, this.#host);
    this.#stops.push(this.#host.onSignal(() => this.#queue.link.hurry(signals++ === 0 ? grace : 0)));
    this.#throttle.hear(this.#pauseMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lease.end();
    for (const stop of this.#stops) stop();
    this.#queue.link.hurry(LEAVE_MS);
    try {
      if (!this.#queue.link.isAway) await this.#queue.leave(this.#record.name);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    } finally {
      this.#opened[Symbol.dispose]();
    }
  }

  /** A case whose lease has ended is another worker's: it is left out, with no result here. */
  #admitted({ delivery }: CaseEntry): 'missing' | null {
    const held = delivery as QueueDelivery;
    held.isBegun = true;
    if (!held.isLost) return null;
    this.#deliveries.drop(held);
    return 'missing';
  }

  /** `--max-failures` counts the failures of all workers, from when this one joined. */
  #stopAfter(failed: number, finished: number): void {
    const max = this.#settings.values.maxFailures ?? 'none';
    const [newFailed, newFinished] = [failed - this.#before.failed, finished - this.#before.finished];
    if (isTooMany(max, newFailed, newFinished)) this.#pipeline?.stop('max-failures');
  }

  #endNotices(): readonly string[] {
    const { late, superseded, homeless } = this.#sink.dropped;
    const results = (count: number): string => formatCounted(count, 'result');
    return [
      ...(late > 0 ? [`${results(late)} dropped: another worker's came first`] : []),
      ...(superseded > 0 ? [`${results(superseded)} dropped: the case was replaced by a newer text`] : []),
      ...(homeless > 0 ? [`${results(homeless)} lost with the queue`] : []),
      ...(this.source.counts.read === 0 ? [`nothing waits in ${this.#queue.where}`] : []),
    ];
  }
}

function workerRecord(settings: Resolved<'enrich'>, client: RunClient, host: Host): WorkerRecord {
  const { limit, leaseMs } = settings.values;
  return {
    name: workerName(host),
    leaseMs,
    limit,
    settings: workerSettings(settings, client, host.cwd),
    label: `${hostname()}/${host.pid}`,
  };
}

let workers = 0;

/** A name that no other worker has, on this machine or another. */
function workerName({ pid, clock, random }: Host): string {
  const parts = [hostname(), pid, ++workers, clock.wallNow(), random(), random()];
  return hash('sha1', parts.join(' '), 'base64url').slice(0, 16);
}

function fieldsOf({ idField, fieldNames }: Resolved<'enrich'>['values']): Parameters<typeof payloadRules>[0] {
  return { ...(idField === undefined ? {} : { idField }), ...(fieldNames === undefined ? {} : { fieldNames }) };
}
