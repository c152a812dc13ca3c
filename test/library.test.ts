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
} from '../src/index.js';
import { startDemoEndpoint } from '../src/io/demo-endpoint.js';
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
