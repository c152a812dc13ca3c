/** A bug in whatever watches or stores a run, at any time: the run ends with 70 at once, and nothing is left of it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Interruption } from '../../../src/commands/enrich/interruption.js';
import { GithubStep } from '../../../src/io/watch/github-step.js';
import { FailureGroups } from '../../../src/core/results/failure-groups.js';
import type { RunWatcher } from '../../../src/core/ports.js';
import { Pipeline } from '../../../src/core/run/pipeline.js';
import { Selector } from '../../../src/core/cases/select.js';
import { Tally } from '../../../src/core/results/tally.js';
import { DeadLetter } from '../../../src/io/sinks/dead-letter.js';
import { HttpEnrichmentClient } from '../../../src/io/http/client.js';
import { JournalSink } from '../../../src/io/sinks/journal.js';
import { JsonReportSink } from '../../../src/io/sinks/json-report.js';
import { ProgressDisplay } from '../../../src/io/watch/progress-display.js';
import { ProgressWatcher } from '../../../src/io/watch/progress.js';
import { main } from '../../../src/main.js';
import { ndjsonCases } from '../../helpers/binary.js';
import { folderWith } from '../../helpers/folder.js';
import { FakeClock } from '../../helpers/clock.js';
import { fakeHost, type FakeHost } from '../../helpers/fake-host.js';
import { serve } from '../../helpers/fault-server.js';
import { runMain } from '../../helpers/run-main.js';

const CASES = 12;
const ODD = new TypeError('odd');

afterEach(() => vi.restoreAllMocks());

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** From its nth call on the method throws. Returns whether it has. */
function breaks(prototype: object, name: string, nth: number): () => boolean {
  const methods = prototype as Record<string, Method>;
  const original = methods[name] as Method;
  let calls = 0;
  vi.spyOn(methods, name).mockImplementation(function (this: unknown, ...args) {
    if (++calls >= nth) throw ODD;
    return original.apply(this, args);
  });
  return () => calls >= nth;
}

/** The same for an event that the progress is told of, whether it has a method for it or not. */
function breaksWatcher(name: keyof RunWatcher, nth: number): () => boolean {
  const watcher: RunWatcher = ProgressWatcher.prototype;
  if (!(name in watcher)) {
    watcher[name] = () => {};
    onTestFinished(() => void delete watcher[name]);
  }
  return breaks(watcher, name, nth);
}

interface Rig {
  readonly cwd: string;
  readonly clock: FakeClock;
  readonly calls: () => number;
  run(...flags: string[]): FakeHost;
  /** Every case is enriched after all. */
  mend(): Promise<void>;
}

/** Every other case fails. One call at a time, so that each result comes alone. */
async function rig(answer: (id: string) => number = (id) => (Number(id) % 2 === 0 ? 200 : 404)): Promise<Rig> {
  let calls = 0;
  let status = answer;
  const { url } = await serve((request, response) => {
    calls++;
    const code = status(request.url?.replace(/^\/C-/, '') ?? '');
    response.writeHead(code, code === 429 ? { 'retry-after': '30' } : {}).end('{}');
  });
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(CASES) });
  const clock = new FakeClock();
  const common = ['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`];
  return {
    cwd,
    clock,
    calls: () => calls,
    run(...flags) {
      const fake = fakeHost({ cwd, clock, stderrTTY: true, env: { GITHUB_ACTIONS: 'true', NO_COLOR: '1' } });
      main([...common, '--limit', '1', '--progress', 'tty', ...flags], fake.host);
      return fake;
    },
    async mend() {
      vi.restoreAllMocks();
      status = () => 200;
      const outcome = await runMain([...common, '-o', 'run.ndjson', '--resume', '-q'], { cwd });
      expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    },
  };
}

const JOURNAL = ['-o', 'run.ndjson', '--dead-letter', 'dead.ndjson', '--log-level', 'debug'];

async function expectOrderlyEnd(fake: FakeHost, { cwd, clock }: Pick<Rig, 'cwd' | 'clock'>): Promise<void> {
  expect([await fake.exitCode, fake.stderr()]).toEqual([
    70,
    expect.stringContaining('this is a bug in case-tracker: odd'),
  ]);
  expect(clock.timers).toBe(0);
  expect(fake.listeners()).toBe(1);
  expect(readdirSync(cwd).filter((name) => /lock|tmp|torn/.test(name))).toEqual([]);
}

function resultsIn(cwd: string): string[] {
  const lines = readFileSync(join(cwd, 'run.ndjson'), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as { caseId?: string }).flatMap(({ caseId }) => caseId ?? []);
}

const EACH_RESULT: readonly (readonly [string, object, string])[] = [
  ['the progress', ProgressWatcher.prototype, 'delivered'],
  ['the step of GitHub Actions', GithubStep.prototype, 'delivered'],
  ['the journal', JournalSink.prototype, 'write'],
  ['the dead letter', DeadLetter.prototype, 'write'],
  ['the tally', Tally.prototype, 'add'],
  ['the failure groups', FailureGroups.prototype, 'add'],
  ['the making of a request', HttpEnrichmentClient.prototype, 'prepare'],
];

describe.each([
  ['first', 1],
  ['middle', CASES / 2],
  ['last', CASES],
])('a bug at the %s result', (_, nth) => {
  test.each(EACH_RESULT)('in %s', async (__, prototype, name) => {
    const running = await rig();
    const hasBroken = breaks(prototype, name, nth);
    await expectOrderlyEnd(running.run(...JOURNAL), running);
    expect(hasBroken()).toBe(true);
    const saved = resultsIn(running.cwd);
    expect(running.calls() - saved.length).toBeLessThanOrEqual(1);
    await running.mend();
    expect(new Set(resultsIn(running.cwd)).size).toBe(CASES);
  });

  test.each([
    ['a watcher of attempts', 'attempted'],
    ['a watcher of cases that need no call', 'settled'],
  ] as const)('in %s', async (__, name) => {
    const running = await rig(() => 200);
    if (name === 'settled') expect(await running.run('-o', 'run.ndjson').exitCode).toBe(0);
    breaksWatcher(name, nth);
    await expectOrderlyEnd(running.run(...JOURNAL, '--resume'), running);
    await running.mend();
    expect(new Set(resultsIn(running.cwd)).size).toBe(CASES);
  });

  test('in a report that is written whole or not at all leaves none', async () => {
    const running = await rig();
    breaks(JsonReportSink.prototype, 'write', nth);
    await expectOrderlyEnd(running.run('-o', 'run.json'), running);
    expect(readdirSync(running.cwd)).toEqual(['cases.ndjson']);
  });
});

describe('a bug', () => {
  test.each([
    ['at the beginning of the progress', ProgressWatcher.prototype, 'started', 1],
    ['in a failure on the screen', ProgressDisplay.prototype, 'failure', 3],
    ['at the end of the progress', ProgressWatcher.prototype, 'drained', 1],
    ['at the end of the journal', JournalSink.prototype, 'finish', 1],
    ['at the end of the dead letter', DeadLetter.prototype, 'finish', 1],
    ['in the summary', Tally.prototype, 'summary', 1],
    ['in the summary of a step', GithubStep.prototype, 'ended', 1],
    ['in the selection', Selector.prototype, 'decide', 5],
  ])('%s', async (_, prototype, name, nth) => {
    const running = await rig();
    breaks(prototype, name, nth);
    await expectOrderlyEnd(running.run(...JOURNAL), running);
    await running.mend();
    expect(new Set(resultsIn(running.cwd)).size).toBe(CASES);
  });

  test('in what is told of a pause', async () => {
    const running = await rig(() => 429);
    breaksWatcher('paused', 1);
    await expectOrderlyEnd(running.run(...JOURNAL), running);
    await running.mend();
  });

  test('in what is told of the end of a run that is stopped', async () => {
    const running = await rig();
    breaksWatcher('stopped', 1);
    await expectOrderlyEnd(running.run(...JOURNAL, '--max-failures', '2'), running);
    await running.mend();
  });

  test('while a batch is gathered', async () => {
    const running = await rig();
    breaks(HttpEnrichmentClient.prototype, 'prepare', 3);
    const batch = ['--batch', '50', '--endpoint', 'http://127.0.0.1:9'];
    await expectOrderlyEnd(running.run(...JOURNAL, ...batch), running);
  });
});

describe('while calls are held, a bug', () => {
  /** Four cases are answered, and the next call waits. */
  async function held(): Promise<Rig & { readonly fake: FakeHost }> {
    let calls = 0;
    let isHolding = true;
    const { url } = await serve((_, response) => {
      if (++calls <= 4 || !isHolding) response.end('{}');
    });
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(CASES) });
    const clock = new FakeClock();
    const fake = fakeHost({ cwd, clock, stderrTTY: true, env: { NO_COLOR: '1' } });
    const argv = ['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`, '-o', 'run.ndjson'];
    main([...argv, '--limit', '1', '--progress', 'tty'], fake.host);
    await vi.waitFor(() => expect(calls).toBe(5), { timeout: 10_000, interval: 5 });
    return {
      cwd,
      clock,
      fake,
      calls: () => calls,
      run: () => fake,
      async mend() {
        vi.restoreAllMocks();
        isHolding = false;
        expect(await runMain([...argv, '--resume', '-q'], { cwd })).toMatchObject({ code: 0 });
        expect(calls).toBe(CASES + 1);
      },
    };
  }

  test.each([
    ['when the screen is drawn again', () => vi.spyOn(Pipeline.prototype, 'inFlight', 'get')],
    ['in the phase that is shown', () => vi.spyOn(Interruption.prototype, 'phase', 'get')],
  ])('%s', async (_, spied) => {
    const running = await held();
    spied().mockImplementation(() => {
      throw ODD;
    });
    // In a process what a timer throws is what nobody has caught.
    try {
      running.clock.advance(100);
    } catch (error) {
      running.fake.fault(error);
    }
    await expectOrderlyEnd(running.fake, running);
    expect(resultsIn(running.cwd)).toHaveLength(4);
    await running.mend();
  });

  test('in the journal waits for none of them', async () => {
    let calls = 0;
    const { url } = await serve((_, response) => {
      if (++calls === 1) response.end('{}');
    });
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(CASES) });
    const clock = new FakeClock();
    const fake = fakeHost({ cwd, clock });
    breaks(JournalSink.prototype, 'write', 1);
    main(['enrich', 'cases.ndjson', '--endpoint', url, '--limit', '4', '-o', 'run.ndjson'], fake.host);
    await expectOrderlyEnd(fake, { cwd, clock });
  });

  test('that nobody has caught, and others after it', async () => {
    const running = await held();
    running.fake.fault(ODD);
    running.fake.fault(new Error('a later one'));
    await expectOrderlyEnd(running.fake, running);
    expect(running.fake.stderr()).not.toContain('a later one');
    expect(resultsIn(running.cwd)).toHaveLength(4);
    await running.mend();
  });
});

test.each([
  ['list', ['list', 'cases.ndjson']],
  ['list --count', ['list', 'cases.ndjson', '--count']],
  ['validate', ['validate', 'cases.ndjson']],
  ['report', ['report', 'run.ndjson', '--expect', 'cases.ndjson', '-o', 'r.json']],
  ['a dry run', ['enrich', 'cases.ndjson', '--endpoint', 'http://127.0.0.1:9', '--dry-run']],
  ['serve', ['serve']],
])('what nobody has caught ends %s with 70', async (_, argv) => {
  const line =
    '{"caseId":"C-1","status":"enriched","index":0,"enrichedCase":{"id":"C-1"},"error":null,"attempts":1,"durationMs":1,"at":"2026-11-22T09:30:00.123Z"}\n';
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(100_000), 'run.ndjson': line });
  const clock = new FakeClock();
  const fake = fakeHost({ cwd, clock });
  main(argv, fake.host);
  await vi.waitFor(() => expect(fake.listeners()).toBeGreaterThan(1), { timeout: 10_000, interval: 1 });
  fake.fault(ODD);
  expect([await fake.exitCode, fake.stderr()]).toEqual([70, expect.stringContaining('odd')]);
  expect([clock.timers, fake.listeners()]).toEqual([0, 1]);
  expect(readdirSync(cwd)).toEqual(['cases.ndjson', 'run.ndjson']);
});
