import { describe, expect, test } from 'vitest';
import type { Case } from '../../../src/core/case.js';
import type { AttemptContext, AttemptOutcome, BatchPort, EnrichmentClient } from '../../../src/core/ports.js';
import { Pipeline, type PipelineOptions } from '../../../src/core/run/pipeline.js';
import { FakeClock, START } from '../../helpers/clock.js';
import { seededRandom } from '../../helpers/random.js';
import { sourceOf } from '../../helpers/source.js';
import { cases, collect, DEFAULTS, http } from '../../helpers/simulation.js';

/** A batch endpoint: answers the ids it was sent, joined by commas; `answer` may refuse the whole batch. */
class BatchEndpoint implements EnrichmentClient {
  readonly batches: string[][] = [];
  readonly batch: BatchPort;
  readonly #clock: FakeClock;
  readonly #answer: (ids: string[], call: number) => AttemptOutcome | null;

  constructor(clock: FakeClock, size: number, answer: (ids: string[], call: number) => AttemptOutcome | null) {
    this.#clock = clock;
    this.#answer = answer;
    this.batch = {
      size,
      combine: (requests) => requests,
      split: (text, ids) => ids.map((id) => (text.split(',').includes(id) ? { ok: true, text: `"${id}"` } : http(404))),
    };
  }

  prepare({ id }: Case) {
    return { key: id, request: id };
  }

  async enrich(_: Case, context: AttemptContext): Promise<AttemptOutcome> {
    const ids = context.request as string[];
    this.batches.push(ids);
    await this.#clock.sleep(10);
    return this.#answer(ids, this.batches.length) ?? { ok: true, text: ids.join(',') };
  }
}

async function run(
  count: number,
  size: number,
  answer: (ids: string[], call: number) => AttemptOutcome | null = () => null,
  options: Partial<PipelineOptions> = {},
) {
  const clock = new FakeClock();
  const endpoint = new BatchEndpoint(clock, size, answer);
  const pipeline = new Pipeline(
    sourceOf(cases(count)),
    endpoint,
    { ...DEFAULTS, ...options },
    { clock, random: seededRandom(1) },
  );
  const results = await clock.run(collect(pipeline));
  return { results, endpoint, clock, pipeline };
}

describe('batches', () => {
  test('send so many cases in one call, and each has its own result', async () => {
    const { results, endpoint } = await run(1_005, 100);
    expect(endpoint.batches.map((ids) => ids.length)).toEqual([...Array.from({ length: 10 }, () => 100), 5]);
    expect(results).toHaveLength(1_005);
    for (const result of results) {
      expect(result.enrichedCase?.text).toBe(`{"id":"${result.caseId}","enrichment":"${result.caseId}"}`);
      expect(result).toMatchObject({ attempts: 1, key: result.caseId });
    }
  });

  test('that are not full leave after 50 ms', async () => {
    const clock = new FakeClock();
    const endpoint = new BatchEndpoint(clock, 100, () => null);
    const slow = (async function* () {
      for await (const batch of cases(3, 1)) {
        yield batch;
        await clock.sleep(1_000);
      }
    })();
    const pipeline = new Pipeline(sourceOf(slow), endpoint, DEFAULTS, { clock, random: seededRandom(1) });
    const results = await clock.run(collect(pipeline));
    expect(endpoint.batches).toEqual([['c0'], ['c1'], ['c2']]);
    expect(results.map((result) => Date.parse(result.at) - START)).toEqual([60, 1_060, 2_060]);
  });

  test('whose answer lacks some cases fail only those', async () => {
    const { results } = await run(10, 10, (ids) => ({ ok: true, text: ids.filter((id) => id !== 'c3').join(',') }));
    expect(results.filter((result) => result.status === 'failed').map((result) => result.caseId)).toEqual(['c3']);
    expect(results.filter((result) => result.status === 'enriched')).toHaveLength(9);
  });

  test('that fail are retried as a whole', async () => {
    const { results, endpoint } = await run(10, 10, (_, call) => (call === 1 ? http(503) : null));
    expect(endpoint.batches.map((ids) => ids.length)).toEqual([10, 10]);
    expect(results.every((result) => result.status === 'enriched' && result.attempts === 2)).toBe(true);
  });

  test.each([400, 413, 422])('refused for good with %i are halved until the guilty case is alone', async (status) => {
    const { results, endpoint } = await run(64, 64, (ids) => (ids.includes('c37') ? http(status) : null));
    const failed = results.filter((result) => result.status === 'failed');
    expect(failed.map((result) => result.caseId)).toEqual(['c37']);
    expect(results).toHaveLength(64);
    expect(endpoint.batches.length).toBe(1 + 2 * 6);
    expect(failed[0]?.attempts).toBe(7);
  });

  test('refused with another status are not halved', async () => {
    const { results, endpoint } = await run(8, 8, () => http(404));
    expect(endpoint.batches).toHaveLength(1);
    expect(results.every((result) => result.status === 'failed')).toBe(true);
  });

  test('that are being gathered when the run stops end as cancelled', async () => {
    const clock = new FakeClock();
    const endpoint = new BatchEndpoint(clock, 100, () => null);
    const endless = (async function* () {
      yield* cases(3, 3);
      await clock.sleep(1e6);
    })();
    const pipeline = new Pipeline(sourceOf(endless), endpoint, DEFAULTS, { clock, random: seededRandom(1) });
    clock.setTimer(20, () => pipeline.stop('signal'));
    const results = await clock.run(collect(pipeline));
    expect(results.map((result) => [result.status, result.attempts])).toEqual([
      ['cancelled', 0],
      ['cancelled', 0],
      ['cancelled', 0],
    ]);
  });
});
