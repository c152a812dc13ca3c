import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { graceMs, Interruption } from '../../src/commands/enrich/interruption.js';
import { realFiles } from '../../src/config/files.js';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Pipeline } from '../../src/core/run/pipeline.js';
import type { SignalName } from '../../src/host.js';
import { ndjsonCases, runBinary, type RunningBinary, startBinary } from '../helpers/binary.js';
import { faultyOps } from '../helpers/faulty-disk.js';
import { folderWith } from '../helpers/folder.js';
import { answer, countingServer, idOf } from '../helpers/counting-server.js';
import { startMain } from '../helpers/run-main.js';
import { type FakeHost, fakeHost } from '../helpers/fake-host.js';
import { FakeClock } from '../helpers/clock.js';
import { reportOf, resultLinesOf, shortly } from '../helpers/results.js';

interface Endpoint {
  readonly url: string;
  readonly requests: readonly string[];
  seen(count: number): Promise<void>;
  /** From now on everything is answered. */
  release(): void;
}

/** Answers the first four cases and holds the others until they are let go. */
async function holdingEndpoint(): Promise<Endpoint> {
  const held: ServerResponse[] = [];
  let isHolding = true;
  const { url, server, stats } = await countingServer((request, response) => {
    if (!isHolding || Number(idOf(request).slice(2)) <= 4) answer(response);
    else held.push(response);
  });
  const release = (): void => {
    isHolding = false;
    held.forEach((response) => answer(response));
  };
  return { url: `${url}/{id}`, requests: stats.requests, seen: (count) => server.seen(count), release };
}

const DONE = ['C-1', 'C-2', 'C-3', 'C-4'];

describe('with four cases done and three calls in flight', () => {
  const run = async (
    output: string,
  ): Promise<{ cwd: string; args: string[]; endpoint: Endpoint; running: RunningBinary }> => {
    const endpoint = await holdingEndpoint();
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(20) });
    const args = ['enrich', 'cases.ndjson', '--endpoint', endpoint.url, '--limit', '3', '-o', output];
    const running = startBinary(args, { cwd });
    await endpoint.seen(7);
    return { cwd, args, endpoint, running };
  };

  test.each(['run.ndjson', 'run.json'])('one signal lets the calls end: %s holds seven results', async (output) => {
    const { cwd, endpoint, running } = await run(output);
    running.child.kill('SIGTERM');
    await running.shows('stderr', 'finishing 3 calls');
    endpoint.release();
    const { code } = await running.ended;
    const { results, summary, run: info } = resultsOf(cwd, output);
    expect([code, info.stoppedBy, info.complete]).toEqual([143, 'signal', false]);
    expect(results).toEqual(['C-1', 'C-2', 'C-3', 'C-4', 'C-5', 'C-6', 'C-7'].map((id) => `${id} enriched`));
    expect(summary).toMatchObject({ total: 7, enriched: 7, cancelled: 0 });
  });

  test.each(['run.ndjson', 'run.json'])(
    'two signals cancel the calls: %s says so, the first one counts',
    async (output) => {
      const { cwd, running } = await run(output);
      running.child.kill('SIGINT');
      await running.shows('stderr', 'finishing 3 calls');
      running.child.kill('SIGTERM');
      const { code } = await running.ended;
      const { results, summary } = resultsOf(cwd, output);
      const cancelled = ['C-5', 'C-6', 'C-7'].map((id) => `${id} cancelled cancelled`);
      expect([code, results]).toEqual([130, [...DONE.map((id) => `${id} enriched`), ...cancelled]]);
      expect(summary).toMatchObject({ total: 7, enriched: 4, cancelled: 3 });
    },
  );

  test('three signals end it at once: the journal keeps what was counted, and a later run goes on', async () => {
    const { cwd, args, endpoint, running } = await run('run.ndjson');
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) running.child.kill(signal);
    const { code } = await running.ended;
    const journal = readFileSync(join(cwd, 'run.ndjson'), 'utf8');
    expect([129, 130, 143]).toContain(code);
    // The second may have been given the time to cancel.
    const { results } = resultLinesOf(journal);
    const enriched = results.filter(({ status }) => status !== 'cancelled');
    expect(shortly(enriched).toSorted()).toEqual(DONE.map((id) => `${id} enriched`));
    endpoint.release();
    const before = endpoint.requests.length;
    expect(await runBinary([...args, '--resume'], { cwd })).toMatchObject({ code: 0 });
    expect(endpoint.requests.length - before).toBe(20 - DONE.length);
    expect(existsSync(join(cwd, 'run.ndjson.lock'))).toBe(false);
  });

  test('three signals leave no half of a report', async () => {
    const { cwd, running } = await run('run.json');
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) running.child.kill(signal);
    await running.ended;
    if (existsSync(join(cwd, 'run.json'))) expect(resultsOf(cwd, 'run.json').summary).toMatchObject({ enriched: 4 });
  });
});

describe('of several reasons to end', () => {
  const cases: [string, string[], SignalName | null, number][] = [
    ['failures alone are exit code 1', ['--max-failures', 'none'], null, 1],
    ['an early stop comes before failures', ['--max-failures', '2'], null, 4],
    ['a signal comes before an early stop', ['--max-failures', '2'], 'SIGHUP', 129],
    ['a signal comes before input that breaks off', ['--max-failures', 'none'], 'SIGTERM', 143],
    ['an output that fails comes before a signal', ['-o', 'run.ndjson'], 'SIGINT', 5],
  ];
  test.each(cases)('%s', async (_, flags, signal, exitCode) => {
    const held: ServerResponse[] = [];
    const server = await countingServer((request, response) => {
      if (idOf(request) === 'C-1') held.push(response);
      else answer(response, {}, 422);
    });
    const brokenOff = signal === 'SIGTERM' ? '{"id":' : '';
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(6) + brokenOff });
    const argv = ['enrich', 'cases.ndjson', '--endpoint', `${server.url}/{id}`, '--limit', '6', ...flags];
    const run = startMain(argv, { cwd, ops: faultyOps({ calls: ['write'], at: 2, forGood: true }) });
    await server.server.seen(6);
    if (signal !== null) run.signal(signal);
    held.forEach((response) => answer(response));
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({ code: exitCode });
  });
});

describe('a process that does not end', () => {
  const interrupted = (): FakeHost & { readonly clock: FakeClock; readonly did: string[] } => {
    const clock = new FakeClock();
    const fake = fakeHost({ clock });
    const did: string[] = [];
    const pipeline = { inFlight: 1, stop: () => did.push('stop'), cancel: () => did.push('cancel') };
    const screen = { finishing: () => {} };
    const interruption = new Interruption(fake.host, pipeline as unknown as Pipeline, 500, screen);
    onTestFinished(() => interruption[Symbol.dispose]());
    return { ...fake, clock, did };
  };

  test('after the grace is made to cancel its calls', () => {
    const run = interrupted();
    run.signal('SIGINT');
    run.clock.advance(499);
    expect(run.did).toEqual(['stop']);
    run.clock.advance(1);
    expect(run.did).toEqual(['stop', 'cancel']);
  });

  test.each<[string, (run: ReturnType<typeof interrupted>) => void]>([
    ['at the third signal', (run) => run.signal('SIGINT')],
    ['two seconds after the second', ({ clock }) => clock.advance(2_000)],
  ])('is ended %s, with the exit code of the first', (_, then) => {
    const run = interrupted();
    run.signal('SIGTERM');
    run.signal('SIGINT');
    expect(run.code()).toBeUndefined();
    then(run);
    expect(run.code()).toBe(143);
  });
});

describe('the grace for calls in flight', () => {
  test.each([
    ['is ten seconds', {}, [], 10_000],
    ['is seven seconds where GitHub kills soon after', { GITHUB_ACTIONS: 'true' }, [], 7_000],
    ['is what the user says, there too', { GITHUB_ACTIONS: 'true' }, ['--grace=20s'], 20_000],
  ])('%s', (_, env, flags, ms) => {
    const { host } = fakeHost({ env });
    const cli = { endpoint: 'demo', ...Object.fromEntries(flags.map((flag) => flag.slice(2).split('='))) };
    const world = { env, cwd: '/', files: realFiles, stdin: { isTTY: false } };
    expect(graceMs(resolveSettings('enrich', cli, world), host)).toBe(ms);
  });
});

interface Shown {
  readonly results: string[];
  readonly summary: object;
  readonly run: { readonly stoppedBy: string | null; readonly complete: boolean };
}

/** What a journal or report holds, its results by id. */
function resultsOf(cwd: string, output: string): Shown {
  const text = readFileSync(join(cwd, output), 'utf8');
  if (output.endsWith('.json')) {
    const { results, summary, run } = reportOf(text);
    return { results: shortly(results), summary, run };
  }
  const { results, closing } = resultLinesOf(text);
  if (closing === undefined) throw new Error('the journal has no closing line');
  return { results: shortly(results).toSorted(), ...closing };
}
