import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  type CaseInput,
  enrichCases,
  type EnrichmentClient,
  type EnrichmentResult,
  HttpEnrichmentClient,
  InputError,
  loadCases,
  readCases,
  UsageError,
} from '../src/index.js';
import { startDemoEndpoint } from '../src/io/demo/endpoint.js';
import { realClock } from '../src/host.js';

const folder = mkdtempSync(join(tmpdir(), 'case-tracker-library-'));
const file = join(folder, 'cases.ndjson');
writeFileSync(file, '{"id":"CASE-001"}\n{"id":2,"n":1.0}\n{"title":"no id"}\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const echo: EnrichmentClient = { enrich: (aCase) => Promise.resolve({ ok: true, text: JSON.stringify(aCase.id) }) };

async function all(results: AsyncIterable<EnrichmentResult>): Promise<EnrichmentResult[]> {
  const list = [];
  for await (const result of results) list.push(result);
  return list;
}

describe('enrichCases', () => {
  test('takes plain objects, cases and entries, from an array, an iterable or an async iterable', async () => {
    const inputs: CaseInput[] = [{ id: 'a', title: 'one' }, { id: 7 }];
    const iterable = new Set(inputs);
    for (const cases of [inputs, iterable, readCases(file)]) {
      const results = await all(enrichCases(cases, echo, { order: 'input' }));
      const enriched = results.filter((result) => result.status === 'enriched');
      expect(enriched.map((result) => result.enrichedCase.value['enrichment'])).toEqual(
        cases === inputs || cases === iterable ? ['a', '7'] : ['CASE-001', '2'],
      );
    }
  });

  test('gives a case that is none an invalid result', async () => {
    const results = await all(enrichCases([{ id: '' }, { id: 'a' }], echo, { order: 'input' }));
    expect(results.map((result) => result.status)).toEqual(['invalid', 'enriched']);
    const fromFile = await all(enrichCases(readCases(file), echo));
    expect(fromFile.find((result) => result.status === 'invalid')?.source).toMatchObject({ file, line: 3 });
  });

  test('keeps the source text of a case that was read', async () => {
    const results = await all(enrichCases(readCases(file), echo, { order: 'input', into: 'answer' }));
    expect(results[1]?.enrichedCase?.text).toBe('{"id":2,"n":1.0,"answer":"2"}');
  });

  test('yields cancelled results after an abort, and leaves no listener behind', async () => {
    const controller = new AbortController();
    const stuck: EnrichmentClient = { enrich: () => new Promise(() => {}) };
    const cases = Array.from({ length: 5 }, (_, index) => ({ id: `c${index}` }));
    setImmediate(() => controller.abort());
    const results = await all(enrichCases(cases, stuck, { signal: controller.signal, limit: 5 }));
    expect(results.map((result) => result.status)).toEqual(Array.from({ length: 5 }, () => 'cancelled'));
  });

  test.each<[string, object]>([
    ['limit', { limit: 0 }],
    ['limit', { limit: 1.5 }],
    ['limit', { limit: '20' }],
    ['timeoutMs', { timeoutMs: '5s' }],
    ['deadlineMs', { deadlineMs: Number.NaN }],
    ['ratePerSecond', { ratePerSecond: 0 }],
    ['retries', { retries: -1 }],
    ['backoffMs', { backoffMs: -1 }],
    ['order', { order: 'foo' }],
    ['onFailure', { onFailure: 'skip' }],
    ['maxFailures', { maxFailures: 5 }],
  ])('refuses %s in %j before the first call', async (name, options) => {
    const calls: string[] = [];
    const client: EnrichmentClient = {
      enrich: ({ id }) => (calls.push(id), Promise.resolve({ ok: true, text: '{}' })),
    };
    const run = all(enrichCases([{ id: 'a' }], client, options));
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(name);
    expect(calls).toEqual([]);
  });

  test('refuses a path instead of cases, and a client that is none', async () => {
    await expect(all(enrichCases(file as never, echo))).rejects.toThrow('cases is a string');
    await expect(all(enrichCases([], {} as never))).rejects.toThrow('client has no method enrich');
    await expect(all(enrichCases([], undefined as never))).rejects.toThrow(UsageError);
  });

  test('what is no case is an invalid result, and the others go on', async () => {
    const circle: Record<string, unknown> = { id: 'c' };
    circle['self'] = circle;
    const inputs = [{ id: 'a' }, null, 'b', 7, undefined, circle, { id: 'd', big: 1n }, { id: 'e' }] as CaseInput[];
    const results = await all(enrichCases(inputs, echo, { order: 'input' }));
    const expected = ['enriched', ...Array.from({ length: 6 }, () => 'invalid'), 'enriched'];
    expect(results.map(({ status }) => status)).toEqual(expected);
  });

  test('a client may simply return the enrichment, or throw', async () => {
    const client: EnrichmentClient = {
      enrich({ id }) {
        if (id === 'b') throw new Error('nobody knows b');
        return id === 'a' ? { owner: 'amara' } : (undefined as never);
      },
    };
    const results = await all(enrichCases([{ id: 'a' }, { id: 'b' }, { id: 'c' }], client, { order: 'input' }));
    expect(results.map(({ status }) => status)).toEqual(['enriched', 'failed', 'failed']);
    expect(results[0]?.enrichedCase?.text).toBe('{"id":"a","enrichment":{"owner":"amara"}}');
    expect(results[1]?.error).toMatchObject({ kind: 'response', message: 'the client failed: nobody knows b' });
    expect(results[2]?.error).toMatchObject({ kind: 'response', retryable: false });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['an object without a prototype', Object.create(null)],
    [
      'an object whose text cannot be made',
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
  ])('a client that rejects with %s fails that case alone', async (_, reason) => {
    const client: EnrichmentClient = {
      enrich: ({ id }) => (id === 'a' ? Promise.reject(reason as Error) : Promise.resolve({ ok: true, text: '1' })),
    };
    const results = await all(enrichCases([{ id: 'a' }, { id: 'b' }], client, { order: 'input' }));
    expect(results.map(({ status }) => status)).toEqual(['failed', 'enriched']);
  });

  test('a client that cancels the run while it is called has that case cancelled at once', async () => {
    const controller = new AbortController();
    const client: EnrichmentClient = {
      enrich() {
        controller.abort();
        return new Promise(() => {});
      },
    };
    const results = await all(enrichCases([{ id: 'a' }], client, { signal: controller.signal, timeoutMs: 20_000 }));
    expect(results.map(({ status }) => status)).toEqual(['cancelled']);
  });

  test('throws what its input throws, after the results of everything before it', async () => {
    const results: EnrichmentResult[] = [];
    const broken = (async function* () {
      yield { id: 'a' };
      throw new Error('broken off');
    })();
    const run = async () => {
      for await (const result of enrichCases(broken, echo)) results.push(result);
    };
    await expect(run()).rejects.toThrow('broken off');
    expect(results.map((result) => result.caseId)).toEqual(['a']);
  });

  test('ends what it started when its consumer stops early', async () => {
    let closed = false;
    const cases = (async function* () {
      try {
        for (let index = 0; ; index++) yield { id: `c${index}` };
      } finally {
        closed = true;
      }
    })();
    for await (const result of enrichCases(cases, echo)) {
      expect(result.status).toBe('enriched');
      break;
    }
    expect(closed).toBe(true);
  });

  test('works with the HTTP client', async () => {
    const endpoint = await startDemoEndpoint({ clock: realClock });
    closing.push(() => endpoint.close());
    const client = new HttpEnrichmentClient({ endpoint: endpoint.url });
    closing.push(() => client.close());
    const results = await all(enrichCases([{ id: 'CASE-001' }, { id: 'nobody' }], client, { order: 'input' }));
    expect(results[0]?.enrichedCase?.value['enrichment']).toHaveProperty('riskScore');
    expect(results[1]?.error).toMatchObject({ kind: 'http', httpStatus: 404 });
  });
});

describe('loadCases', () => {
  test('gives every case of a file', async () => {
    const good = join(folder, 'good.json');
    writeFileSync(good, '[{"id":"a"},{"id":"b","n":1.0}]');
    const cases = await loadCases(good);
    expect(cases.map((aCase) => [aCase.id, aCase.text])).toEqual([
      ['a', '{"id":"a"}'],
      ['b', '{"id":"b","n":1.0}'],
    ]);
  });

  test('refuses a file with an invalid record, naming it', async () => {
    await expect(loadCases(file)).rejects.toThrow(InputError);
    await expect(loadCases(file)).rejects.toMatchObject({ details: [expect.stringContaining(':3: ')] });
  });
});
