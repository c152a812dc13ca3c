import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SavedResult, Summary } from '../../src/core/results/run-info.js';
import type { SignalName } from '../../src/host.js';
import { temporaryFolder } from '../helpers/folder.js';
import { startMain } from '../helpers/run-main.js';
import { serve } from '../helpers/fault-server.js';

const KINDS = ['ok', 'gone', 'flaky', 'busy', 'cut', 'text', 'never'] as const;
const RECORDS = [...KINDS, 'no id', 'no JSON', 'twice'] as const;

interface Mixture {
  readonly records: readonly (typeof RECORDS)[number][];
  readonly stop: string;
  readonly flags: readonly string[];
  readonly format: 'json' | 'ndjson';
  readonly signals: readonly { readonly name: SignalName; readonly after: number }[];
}

const mixture: fc.Arbitrary<Mixture> = fc.record({
  records: fc.array(fc.constantFrom(...RECORDS), { maxLength: 40 }),
  stop: fc.constantFrom('', '--on-failure=fail-fast', '--max-failures=3', '--max-failures=30%', '--max-failures=none'),
  flags: fc.subarray([
    '--strict',
    '--max-time=80ms',
    '--first=7',
    '--shard=1/2',
    '--share-requests',
    '--adaptive',
    '--rate=500/s',
    '--dead-letter=failed.ndjson',
    '--retries=0',
    '--order=input',
  ]),
  format: fc.constantFrom('json', 'ndjson'),
  // After so many requests.
  signals: fc.array(
    fc.record({ name: fc.constantFrom<SignalName>('SIGINT', 'SIGTERM', 'SIGHUP'), after: fc.nat({ max: 12 }) }),
    { maxLength: 2 },
  ),
});

test('total = sum of the statuses = results = records read, for any mixture of failures, stops and signals', async () => {
  let requested = (): void => {};
  const flaky = new Set<string>();
  const server = await serve((request, response) => {
    requested();
    const kind =
      decodeURIComponent(request.url ?? '')
        .split('/')
        .at(-2) ?? '';
    const answer = (status: number, body: string, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    if (kind === 'ok' || (kind === 'flaky' && flaky.delete(request.url ?? ''))) answer(200, '{"is":1}');
    else if (kind === 'gone') answer(404, '{}');
    else if (kind === 'flaky') answer(500, '{}', { 'x-count': String(flaky.add(request.url ?? '').size) });
    else if (kind === 'busy') answer(503, '{}');
    else if (kind === 'cut') request.socket.destroy();
    else if (kind === 'text') answer(200, 'text');
  });

  await fc.assert(
    fc.asyncProperty(mixture, async ({ records, stop, flags, format, signals }) => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'cases.ndjson'), records.map(lineOf).join(''));
      const limits = [
        '--limit',
        '4',
        '--timeout',
        '50ms',
        '--deadline',
        '150ms',
        '--backoff',
        '5ms',
        '--grace',
        '20ms',
      ];
      const argv = [
        'enrich',
        'cases.ndjson',
        '--endpoint',
        `${server.url}/{kind}/{id}`,
        ...limits,
        '--format',
        format,
        ...flags,
      ];
      const run = startMain(stop === '' ? argv : [...argv, stop], { cwd });
      let requests = 0;
      requested = () => {
        requests++;
        for (const { name, after } of signals) if (requests === after + 1 && run.code() === undefined) run.signal(name);
      };
      const { code, stdout, stderr } = await run.ended;
      requested = () => {};
      expect({ code, stderr }).toSatisfy(({ code: exit }: { code: number }) => [0, 1, 4, 129, 130, 143].includes(exit));
      checkAccounts({ stdout, format, records: records.length });
      if (flags.includes('--dead-letter=failed.ndjson')) checkDeadLetter(join(cwd, 'failed.ndjson'), stdout, format);
    }),
    { seed: 1, numRuns: 60 },
  );
}, 120_000);

function lineOf(kind: string, at: number): string {
  if (kind === 'no id') return '{"kind":"ok"}\n';
  if (kind === 'no JSON') return 'oops\n';
  return `{"id":"${kind === 'twice' ? 'same' : `c${at}`}","kind":"${kind === 'twice' ? 'ok' : kind}"}\n`;
}

interface Outcome {
  readonly stdout: string;
  readonly format: 'json' | 'ndjson';
  readonly records: number;
}

function checkAccounts({ stdout, format, records }: Outcome): void {
  const results = resultsOf(stdout, format);
  expect(new Set(results.map(({ index }) => index)).size).toBe(results.length);
  expect(results.length).toBeLessThanOrEqual(records);
  if (format === 'ndjson') return;
  const { run, summary } = JSON.parse(stdout) as Report;
  expect(summary.enriched + summary.failed + summary.invalid + summary.cancelled).toBe(summary.total);
  expect(summary.total).toBe(results.length);
  if (run.complete && run.shard === null) expect(summary.total).toBe(records);
}

function checkDeadLetter(path: string, stdout: string, format: 'json' | 'ndjson'): void {
  const failed = resultsOf(stdout, format).filter(({ status }) => status === 'failed');
  const cases = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const ids = cases.map((line) => (JSON.parse(line) as { id: string }).id);
  expect(new Set(ids)).toEqual(new Set(failed.map(({ caseId }) => caseId)));
}

interface Report {
  readonly run: { readonly complete: boolean; readonly stoppedBy: string | null; readonly shard: unknown };
  readonly results: readonly SavedResult[];
  readonly summary: Summary;
}

function resultsOf(stdout: string, format: 'json' | 'ndjson'): readonly SavedResult[] {
  if (format === 'json') return (JSON.parse(stdout) as Report).results;
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as SavedResult]));
}
