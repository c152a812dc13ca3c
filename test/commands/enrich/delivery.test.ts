/** Stored before it is counted, counted before it is told, told before it is acknowledged. */

import { expect, test } from 'vitest';
import { Delivery } from '../../../src/commands/enrich/delivery.js';
import type { EnrichmentResult } from '../../../src/core/case.js';
import type { EnrichmentClient, ResultSink, RunWatcher } from '../../../src/core/ports.js';
import { Pipeline, type PipelineOptions } from '../../../src/core/run/pipeline.js';
import { OutputError } from '../../../src/errors.js';
import { FakeClock } from '../../helpers/clock.js';
import { LeasedCases } from '../../helpers/leased-cases.js';
import { runInfo, summary } from '../../helpers/samples.js';
import { DEFAULTS, http, OK } from '../../helpers/simulation.js';

const RECORDS = ['{"id":"a"}', '{"id":"b"}', '{"title":"no id"}', '{"id":"c"}'];
const ALL = ['a', 'b', 'record 2', 'c'];

interface Scene {
  readonly storesOn?: ResultSink['storesOn'];
  /** Throws where the place is full. */
  readonly write?: (ids: readonly (string | null)[]) => void;
  readonly options?: Partial<PipelineOptions>;
  readonly refuse?: () => never;
}

/** Delivers all of a source that has to be told, and says what happened in which order. */
async function delivered({ storesOn = 'write', write, options, refuse }: Scene = {}) {
  const events: string[] = [];
  const note = (what: string, results: readonly EnrichmentResult[]): void => {
    for (const { caseId, index } of results) events.push(`${what} ${caseId ?? `record ${index}`}`);
  };
  const sink: ResultSink = {
    storesOn,
    write(results) {
      write?.(results.map(({ caseId }) => caseId));
      note('stored', results);
    },
    finish: () => Promise.resolve(void events.push('finished')),
    close: () => Promise.resolve(),
  };
  const cases = new LeasedCases();
  cases.refuse = refuse;
  const watcher: RunWatcher = { delivered: (results) => note(`told after ${delivery.done}:`, results) };
  const source = cases.open(RECORDS);
  const acknowledge = source.acknowledge?.bind(source);
  source.acknowledge = (handles) => {
    const before = cases.acknowledged.length;
    void acknowledge?.(handles);
    events.push(...cases.acknowledged.slice(before).map((id) => `acknowledged ${id}`));
  };
  const delivery: Delivery = new Delivery(
    { onFailure: 'collect' },
    { source, destination: { sink, deadLetter: undefined }, watcher },
  );
  const clock = new FakeClock();
  const client: EnrichmentClient = { enrich: ({ id }) => Promise.resolve(id === 'b' ? http(404) : OK) };
  const throttle = { ...DEFAULTS.throttle, limit: 1 };
  const all = { ...DEFAULTS, throttle, order: 'input' as const, watcher: delivery.watcher, ...options };
  const pipeline = new Pipeline(source, client, all, { clock, random: () => 0.5 });
  await clock.run(delivery.run(pipeline));
  const error = await delivery.finish(runInfo(), summary());
  await source.close();
  return { events, error, acknowledged: cases.acknowledged, open: cases.openDeliveries(), pipeline, delivery };
}

test('each result is stored, then counted, then told, then acknowledged', async () => {
  const { events, acknowledged, open } = await delivered();
  expect([acknowledged, open]).toEqual([ALL, []]);
  ALL.forEach((id, at) => {
    const steps = [`stored ${id}`, `told after ${at + 1}: ${id}`, `acknowledged ${id}`].map((step) => {
      const counted = step.startsWith('told') ? events.find((event) => event.endsWith(`: ${id}`)) : step;
      return events.indexOf(counted ?? step);
    });
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    expect(steps).not.toContain(-1);
  });
});

test('a result that the output could not store is neither counted nor told', async () => {
  const write = (ids: readonly (string | null)[]): void => {
    if (ids.includes('b')) throw new OutputError('full', { stored: ids.indexOf('b') });
  };
  const { events, delivery, pipeline, error } = await delivered({ write });
  expect(error).toEqual(new OutputError('full'));
  expect([delivery.tally.total, events.filter((event) => event.startsWith('told'))]).toEqual([
    1,
    [expect.stringMatching(/^told after \d+: a$/)],
  ]);
  expect(delivery.done).toBe(pipeline.pulled);
});

test('what is stored only at the end is acknowledged only then', async () => {
  const { events, acknowledged } = await delivered({ storesOn: 'finish' });
  expect(acknowledged).toEqual(ALL);
  expect(events.slice(-5)).toEqual(['finished', ...ALL.map((id) => `acknowledged ${id}`)]);
});

test.each(['write', 'finish'] as const)('what could not be stored on %s is not acknowledged', async (storesOn) => {
  const write = (ids: readonly unknown[]): void => {
    if (!ids.includes('a')) throw new OutputError('the place is full');
  };
  const { acknowledged, open, error, pipeline } = await delivered({ storesOn, write });
  expect([acknowledged, pipeline.stoppedBy]).toEqual([storesOn === 'write' ? ['a'] : [], 'output']);
  expect(open).toContain('b');
  expect(error).toBeInstanceOf(OutputError);
});

test('a case that was cancelled is left for the next one', async () => {
  const { acknowledged, open } = await delivered({ options: { stop: { failFast: true } } });
  expect(acknowledged).toEqual(['a', 'b']);
  expect(open).toEqual(['record 2', 'c']);
});

test('a case that an earlier run has dealt with is acknowledged, one that is left out is not', async () => {
  const known = { a: 'enriched', b: 'missing' } as const;
  const settled: PipelineOptions['settled'] = ({ case: { id } }) => (id === 'a' || id === 'b' ? known[id] : null);
  const { acknowledged, open, delivery } = await delivered({ options: { settled } });
  expect([acknowledged.toSorted(), open]).toEqual([['a', 'c', 'record 2'], ['b']]);
  expect(delivery.done).toBe(4);
});

test('a source that cannot be told any more ends the run like an output that takes nothing', async () => {
  const refuse = (): never => {
    throw new OutputError('the queue is gone');
  };
  const { error, pipeline, open } = await delivered({ refuse });
  expect([error, pipeline.stoppedBy]).toEqual([expect.objectContaining({ message: 'the queue is gone' }), 'output']);
  expect(open).toContain('a');
});
