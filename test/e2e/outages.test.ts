import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { answer, countingServer, type Respond } from '../helpers/counting-server.js';
import { type Outcome, runMain } from '../helpers/run-main.js';

/** Answers so many calls, then so many with 503 or a closed connection, then all; `bad` may be changed later. */
function downAfter(good: number, how: '503' | 'closed', down: { bad: number }): Respond {
  let calls = 0;
  return (request, response) => {
    calls++;
    if (calls <= good || calls > good + down.bad) return answer(response);
    if (how === '503') return answer(response, { message: 'the database is away' }, 503);
    request.socket.destroy();
    return undefined;
  };
}

describe('an endpoint that goes down', () => {
  test('for a moment: no case fails, the summary says how long, and so does the report', async () => {
    const { url } = await countingServer(downAfter(60, 'closed', { bad: 20 }));
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(200) });
    const flags = ['--retries', '0', '--limit', '1', '-o', 'run.ndjson', '-v'];
    const run = await runBinary(['enrich', 'cases.ndjson', '--endpoint', url, ...flags], { cwd });
    expect(run.stderr).toContain('200 enriched · 0 failed');
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/1 outage, [\d.]+m?s/);
    expect(run.stderr).toMatch(/is down: .*ECONNRESET.*; calls wait until it is back/);
    expect(run.stderr).toMatch(/is back after/);
    expect(run.stderr).toContain('"msg":"the endpoint is back"');
    const lines = readFileSync(join(cwd, 'run.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1).summary.outages).toMatchObject({ count: 1 });
    expect(lines.at(-1).summary).toMatchObject({ attempts: 220, retries: 0 });
    expect(lines.at(-1).run.limits).toMatchObject({ maxOutageMs: 120_000 });
    expect(lines.some(({ tries }) => tries?.some(({ waitFor }: { waitFor?: string }) => waitFor === 'outage'))).toBe(
      true,
    );
    const report = await inMain(['report', 'run.ndjson', '--format', 'html'], cwd);
    expect(report.stdout).toContain('endpoint down');
    expect((await inMain(['report', 'run.ndjson', '--format', 'markdown'], cwd)).stdout).toContain('Outages');
  });

  test('for too long: exit 4, since when and what it said; --resume goes on to the end', async () => {
    const down = { bad: Number.POSITIVE_INFINITY };
    const { url } = await countingServer(downAfter(60, '503', down));
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(200) });
    const args = ['enrich', 'cases.ndjson', '--endpoint', url, '--limit', '5', '-o', 'run.ndjson'];
    const run = await inMain([...args, '--max-outage', '1ms'], cwd);
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/has been down since \d{4}-\d\d-\d\dT[\d:.]+Z, .*: longer than\s+--max-outage 1ms/);
    expect(run.stderr).toContain('503 Service Unavailable (the database is away)');
    expect(run.stderr).toContain('stopped by outage');
    expect(run.stderr).toMatch(/2[0-9] failed/);
    down.bad = 0;
    const again = await inMain([...args, '--resume'], cwd);
    expect(again.stderr).toContain('200 cases enriched');
    expect(again.code).toBe(0);
  });
});

test('credentials that are refused for good: since when, after how many good calls, which header', async () => {
  let calls = 0;
  const { url } = await countingServer((_, response) => answer(response, {}, calls++ < 33 ? 200 : 401));
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(200) });
  const withName = url.replace('http://', 'http://ann:s3cret-word@');
  for (const [endpoint, flags, sent] of [
    [url, ['--header', 'X-Key: s3cret-word'], 'X-Key: *** from --header'],
    [withName, [], 'authorization: *** from the URL of --endpoint'],
  ] as const) {
    calls = 0;
    const run = await inMain(['enrich', 'cases.ndjson', '--endpoint', endpoint, '--limit', '5', ...flags], cwd);
    expect(run.code).toBe(4);
    expect(run.stderr.replace(/\s+/g, ' ')).toMatch(
      /answers 401 Unauthorized since \S+Z, after 33 good calls: 10 calls in a row/,
    );
    expect(run.stderr.replace(/\s+/g, ' ')).toContain(`sent ${sent};`);
    expect(run.stderr).not.toContain('s3cret');
    expect(calls).toBeLessThanOrEqual(33 + 10 + 5);
  }
});

function inMain(argv: string[], cwd: string): Promise<Outcome> {
  return runMain(argv, { cwd });
}
