import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Destination } from '../../src/commands/enrich/destination.js';
import { pipelineOptions } from '../../src/commands/enrich/pipeline-options.js';
import { realFiles } from '../../src/config/files.js';
import { resolveSettings } from '../../src/config/resolve.js';
import { stableHash32 } from '../../src/core/hash/stable-hash.js';
import type { SavedResult } from '../../src/core/results/run-info.js';
import { shardOf } from '../../src/core/cases/select.js';
import { openSavedResults } from '../../src/io/saved/saved-results.js';
import { runBinary, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { answer, countingServer, idOf } from '../helpers/counting-server.js';
import { codeBlocks } from '../helpers/markdown-blocks.js';
import { resultLinesOf } from '../helpers/results.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/sharding.md', import.meta.url)), 'utf8');

describe('four shards as processes', () => {
  test('enrich every case once, one of them killed and run again, and merge to what one run gives', async () => {
    let isHolding = true;
    const { url, stats, server } = await countingServer((request, response, { requests }) => {
      if (isHolding && requests.length > 8) return;
      answer(response, {}, Number(idOf(request)) % 10 === 7 ? 404 : 200);
    });
    const lines = Array.from({ length: 200 }, (_, at) => `{"id":"${at}"}`);
    lines.splice(50, 0, '{"title":"no id"}', 'not JSON', '{"id":"3"}');
    const cwd = folderWith({ 'cases.ndjson': `${lines.join('\n')}\n` });
    const args = ['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`, '--limit', '2', '--resume'];
    const shard = (at: number): string[] => [...args, '--shard', `${at}/4`, '-o', `shard-${at}.ndjson`];

    const killed = startBinary(shard(2), { cwd });
    await server.seen(10);
    killed.child.kill('SIGKILL');
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
    isHolding = false;
    const before = stats.requests.length;
    const done = resultLinesOf(wholeLines(join(cwd, 'shard-2.ndjson'))).results.length;
    const report = ['report', ...[1, 2, 3, 4].map((at) => `shard-${at}.ndjson`), '--expect', 'cases.ndjson'];
    const codes = await Promise.all([1, 3, 4].map(async (at) => (await runBinary(shard(at), { cwd })).code));
    const early = await runBinary([...report, '--format', 'summary'], { cwd });
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('1 shard without a finished run: 2/4')]);
    codes.push((await runBinary(shard(2), { cwd })).code);
    expect(codes.every((code) => code === 0 || code === 1)).toBe(true);
    const whole = await runBinary([...report, '--format', 'ndjson'], { cwd });
    expect([whole.code, resultLinesOf(whole.stdout).results.length]).toEqual([0, 203]);
    // What the killed one had written down and was enriched is not called again, what it had not is.
    expect(stats.requests.length - before).toBeLessThanOrEqual(200 - done + failedIn(join(cwd, 'shard-2.ndjson')));

    await runBinary([...args, '-o', 'one.ndjson'], { cwd });
    const merged = await mergedResults(cwd, ['shard-1.ndjson', 'shard-2.ndjson', 'shard-3.ndjson', 'shard-4.ndjson']);
    expect(merged).toHaveLength(203);
    expect(merged).toEqual(await mergedResults(cwd, ['one.ndjson']));
  }, 120_000);
});

describe('--rate', () => {
  test('is divided so that the shards together keep exactly to it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 16 }), (rate, count) => {
        const intervals = Array.from({ length: count }, (_, at) => intervalMs(`${rate}/m`, `${at + 1}/${count}`));
        const perMinute = intervals.reduce((sum, ms) => sum + 60_000 / ms, 0);
        expect(perMinute).toBeCloseTo(rate, 8);
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  test('50/s over 3 shards is a start every 60 ms for each', () => {
    expect(intervalMs('50/s', '2/3')).toBe(60);
  });
});

describe('docs/sharding.md', () => {
  const vectors = [...page.matchAll(/^\| `(.+?)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)].map((match) => ({
    id: match[1] ?? '',
    hash: Number(match[2]),
    shards: [Number(match[3]), Number(match[4]), Number(match[5])],
  }));

  test('has vectors that hold', () => {
    expect(vectors.length).toBeGreaterThan(5);
    for (const { id, hash, shards } of vectors) {
      expect([id, stableHash32(id), ...[2, 4, 7].map((count) => shardOf(id, count))]).toEqual([id, hash, ...shards]);
    }
  });

  test.each([
    ['js', process.execPath, (ids: string) => `for (const id of ${ids}) console.log(shard(id, 7))`],
    ['python', 'python3', (ids: string) => `for id in ${ids}: print(shard(id, 7))`],
  ])('has lines of %s that compute them', (language, program, callsFor) => {
    const code = codeBlocks(page).find((block) => block.language === language)?.code ?? '';
    const ids = JSON.stringify(vectors.map(({ id }) => id));
    const flag = language === 'js' ? '-e' : '-c';
    const { status, stdout, error } = spawnSync(program, [flag, `${code}\n${callsFor(ids)}\n`], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONUTF8: '1' },
    });
    if (error !== undefined) return;
    expect([status, stdout.trim().split('\n').map(Number)]).toEqual([0, vectors.map(({ shards }) => shards[2])]);
  });

  test('counts the parts of an Indexed Job from 1', () => {
    const manifest = readFileSync(new URL('../../examples/kubernetes/job.yaml', import.meta.url), 'utf8');
    const command = /exec case-tracker [\s\S]*--resume/.exec(manifest)?.[0].replace(/\s+/g, ' ') ?? '';
    const shown = [0, 3].map((index) => {
      const env = { ...process.env, JOB_COMPLETION_INDEX: String(index) };
      return spawnSync('sh', ['-c', command.replace('exec case-tracker', 'echo')], { env, encoding: 'utf8' }).stdout;
    });
    expect(shown).toEqual([
      'enrich cases.ndjson --shard 1/4 -o shard-1.ndjson --resume\n',
      'enrich cases.ndjson --shard 4/4 -o shard-4.ndjson --resume\n',
    ]);
  });
});

function intervalMs(rate: string, shard: string): number {
  const cli = { endpoint: 'demo', rate, shard };
  const settings = resolveSettings('enrich', cli, { env: {}, cwd: '/', files: realFiles, stdin: { isTTY: false } });
  const destination = { format: 'json' } as Destination;
  return pipelineOptions(settings, destination, {}, 'run').throttle.intervalMs ?? 0;
}

/** The newest result of every case, sorted, without what differs between runs. */
async function mergedResults(cwd: string, files: readonly string[]): Promise<string[]> {
  const saved = await openSavedResults(files, { cwd, random: () => 0.5 });
  const merged: string[] = [];
  for await (const batch of saved.results()) merged.push(...batch.map(({ result }) => shown(result)));
  return merged.toSorted((a, b) => (a < b ? -1 : 1));
}

function shown({ caseId, status, source, key, error, enrichedCase }: SavedResult): string {
  return JSON.stringify([caseId, status, source, key, error?.kind, error?.httpStatus, enrichedCase]);
}

function wholeLines(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function failedIn(path: string): number {
  const { results } = resultLinesOf(readFileSync(path, 'utf8'));
  return results.filter(({ status }) => status === 'failed').length;
}
