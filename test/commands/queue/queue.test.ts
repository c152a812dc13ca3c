/** The commands of a queue, in this process, over a real Redis. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshName, testQueue, worker } from '../../helpers/queue.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { redisVersion, type RedisServer, startRedis } from '../../helpers/redis-server.js';
import { runMain } from '../../helpers/run-main.js';

let server: RedisServer;
beforeAll(async () => {
  if (redisVersion !== undefined) server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'no']);
});
afterAll(() => server?.close());

const CASES = '{"id":"CASE-001","n":1.0,"big":123456789012345678901234567890}\n{"id":"CASE-002"}\n';

/** A folder with cases, and the URL of a queue. */
function place(cases = CASES): { cwd: string; queue: string } {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'cases.ndjson'), cases);
  return { cwd, queue: server.queue(freshName()) };
}

describe.skipIf(redisVersion === undefined)('commands', () => {
  test('enqueue, work, collect: every case has its result, its text unchanged', async () => {
    const { cwd, queue } = place();
    const put = await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    expect(put).toEqual({ code: 0, stdout: '', stderr: '2 cases queued: 2 new\n' });
    const work = await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    expect([work.code, work.stdout]).toEqual([0, '']);
    expect(work.stderr).toContain('2 cases enriched');
    expect(work.stderr).toContain(`Output     ${queue}`);
    const report = await runMain(['report', '--queue', queue, '--expect', 'cases.ndjson', '-o', 'run.ndjson'], { cwd });
    expect(report.stderr).toContain('✓ every expected case has exactly one result');
    expect(report.code).toBe(0);
    const journal = readFileSync(join(cwd, 'run.ndjson'), 'utf8');
    expect(journal).toContain('"n":1.0,"big":123456789012345678901234567890');
    expect(journal.trimEnd().split('\n')).toHaveLength(3);
    const again = await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    expect(again.stderr).toBe('0 cases queued; 2 skipped (waiting or enriched already)\n');
    const files = await runMain(['report', 'run.ndjson', '--expect', 'cases.ndjson', '--format', 'summary'], { cwd });
    expect(files.code).toBe(0);
  });

  test('a record that is no case has its result, once, and is named', async () => {
    const { cwd, queue } = place(`${CASES}{"title":"no id"}\nnot JSON\n{"id":"CASE-001"}\n`);
    for (let round = 0; round < 2; round++) {
      const put = await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
      expect(put.code).toBe(1);
      expect(put.stderr).toContain('✗ cases.ndjson:3: no id');
      expect(put.stderr).toContain('3 records invalid (each has its result)');
    }
    await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    const report = await runMain(['report', '--queue', queue, '--format', 'json', '--expect', 'cases.ndjson'], { cwd });
    expect(report.code).toBe(0);
    expect((JSON.parse(report.stdout) as { summary: object }).summary).toMatchObject({
      total: 5,
      enriched: 2,
      invalid: 3,
    });
  });

  test('the selection is made when cases are put in', async () => {
    const { cwd, queue } = place('{"id":"a","status":"open"}\n{"id":"b","status":"closed"}\n');
    const put = await runMain(['enqueue', 'cases.ndjson', '--status', 'open', '--queue', queue], { cwd });
    expect(put.stderr).toBe('1 case queued: 1 new\n');
  });

  test('queue shows how it stands, as a table and as JSON', async () => {
    const { cwd, queue } = place();
    await runMain(['enqueue', 'cases.ndjson'], { cwd, env: { CASE_TRACKER_QUEUE: queue } });
    const table = await runMain(['queue', '--queue', queue], { cwd });
    expect(table.stdout).toMatch(/Waiting +2\n +In work +0 +0 workers/);
    const json = await runMain(['queue', '--queue', queue, '--format', 'json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({
      queue,
      waiting: 2,
      inWork: 0,
      results: 0,
      totals: { enriched: 0 },
    });
    const none = await runMain(['queue', '--queue', server.queue('nothing')], { cwd });
    expect([none.code, none.stdout]).toEqual([3, '']);
    expect(none.stderr).toContain('there is no such queue');
  });

  test('--expect finds what waits, what is in work, and a text that is not the newest', async () => {
    const { cwd, queue } = place();
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    const collect = ['report', '--queue', queue, '--expect', 'cases.ndjson', '-o', 'run.ndjson'];
    const waiting = await runMain(collect, { cwd });
    expect(waiting.code).toBe(1);
    expect(waiting.stderr).toContain('not finished: 2 cases waiting, 0 cases in work');
    expect(waiting.stderr).toContain('open: 2 expected cases without a result for the newest text');
    await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    expect((await runMain(collect, { cwd })).code).toBe(0);
    writeFileSync(join(cwd, 'cases.ndjson'), CASES.replace('1.0', '1.00'));
    const changed = await runMain(collect, { cwd });
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('other text: 1 expected case whose text the queue does not have: CASE-001');
  });

  test('collecting goes on in its own journal, and in no other file', async () => {
    const { cwd, queue } = place();
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    writeFileSync(join(cwd, 'other.ndjson'), '{"caseId":"x"}\n');
    const other = await runMain(['report', '--queue', queue, '-o', 'other.ndjson'], { cwd });
    expect([other.code, other.stderr.split('\n')[0]]).toEqual([
      2,
      'error: other.ndjson holds something else than the results of a queue',
    ]);
    await runMain(['report', '--queue', queue, '-o', 'run.ndjson'], { cwd });
    const second = await runMain(['report', '--queue', queue, '-o', 'run.ndjson'], { cwd });
    expect(second.stderr).toBe('0 lines collected in run.ndjson\n');
    const foreign = place();
    await runMain(['enqueue', 'cases.ndjson', '--queue', foreign.queue], { cwd });
    const wrong = await runMain(['report', '--queue', foreign.queue, '-o', 'run.ndjson'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('is of another queue, or of this one before it was emptied');
  });

  test('killed between the disk and the trim, and in the middle of a line: no line twice, none lost', async () => {
    const { cwd, queue } = place();
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    // What it would collect, with the results left in Redis.
    const name = queue.split('#')[1] ?? '';
    const copy = JSON.parse(server.cli('--json', 'XRANGE', `ct:{${name}}:results`, '-', '+')) as [
      string,
      [string, string],
    ][];
    await runMain(['report', '--queue', queue, '-o', 'run.ndjson'], { cwd });
    const whole = readFileSync(join(cwd, 'run.ndjson'), 'utf8');
    for (const [id, [, line]] of copy) server.cli('XADD', `ct:{${name}}:back`, id, 'r', line);
    server.cli('RENAME', `ct:{${name}}:back`, `ct:{${name}}:results`);
    for (const cut of [0, 1, 20, Math.floor(whole.length / 2)]) {
      writeFileSync(join(cwd, 'run.ndjson'), whole.slice(0, whole.length - cut));
      const before = server.cli('XLEN', `ct:{${name}}:results`);
      if (before === '0') for (const [id, [, line]] of copy) restore(name, id, line);
      await runMain(['report', '--queue', queue, '-o', 'run.ndjson'], { cwd });
      expect(readFileSync(join(cwd, 'run.ndjson'), 'utf8')).toBe(whole);
    }
  });

  test('a case that fails, and one that another program has added, with --dead-letter', async () => {
    const { cwd, queue } = place('{"id":"unknown"}\n');
    const name = queue.split('#')[1] ?? '';
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    server.cli('XADD', `ct:{${name}}:jobs`, '*', 'c', '{"id":"CASE-003","x":1e400}');
    server.cli('XADD', `ct:{${name}}:jobs`, '*', 'c', '{"id":"CASE-003","x":1e400}');
    const work = await runMain(['enrich', '--queue', queue, '--endpoint', 'demo', '--dead-letter', 'dead.ndjson'], {
      cwd,
    });
    expect(work.code).toBe(1);
    expect(readFileSync(join(cwd, 'dead.ndjson'), 'utf8')).toBe('{"id":"unknown"}\n');
    const report = await runMain(['report', '--queue', queue, '--format', 'ndjson'], { cwd });
    expect(report.stdout.match(/CASE-003","status":"enriched"/g)).toHaveLength(1);
    expect(report.stdout).toContain('"x":1e400');
    const again = await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    expect(again.stderr).toBe('1 case queued: 1 again\n');
  });

  test('a dry run shows the first requests and takes nothing', async () => {
    const { cwd, queue } = place();
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    const dry = await runMain(['enrich', '--queue', queue, '--endpoint', 'https://example.com/{id}', '--dry-run'], {
      cwd,
    });
    expect(dry.stdout).toContain('GET https://example.com/CASE-002');
    expect(server.cli('XPENDING', `ct:{${queue.split('#')[1]}}:jobs`, 'g')).toMatch(/^0/);
  });

  test('a worker with other settings is refused while others are there', async () => {
    const { cwd, queue } = place();
    const open = await testQueue(server, { name: queue.split('#')[1] ?? '' });
    await open.join(worker('w', { settings: 'a,b,c,d,e,f,g,h' }));
    const work = await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    expect(work.code).toBe(2);
    expect(work.stderr).toContain('run with other settings');
    expect(work.stderr).toContain('other --endpoint and --method');
  });

  test('--max-failures counts the failures of all workers', async () => {
    const { cwd, queue } = place('{"id":"x1"}\n{"id":"x2"}\n{"id":"x3"}\n{"id":"x4"}\n');
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    const args = ['enrich', '--queue', queue, '--endpoint', 'demo', '--limit', '1', '--max-failures', '2'];
    const work = await runMain(args, { cwd });
    expect(work.code).toBe(4);
    expect(work.stderr).toContain('2 cases failed (--max-failures 2)');
    const left = await runMain(['queue', '--queue', queue, '--format', 'json'], { cwd });
    expect(JSON.parse(left.stdout)).toMatchObject({ waiting: 2, inWork: 0, totals: { failed: 2 } });
  });

  test('a payload of version 99 ends the worker with 2, and stays', async () => {
    const { cwd, queue } = place();
    const name = queue.split('#')[1] ?? '';
    server.cli('XADD', `ct:{${name}}:jobs`, '*', 'v', '99', 'c', '{"id":"a"}');
    const work = await runMain(['enrich', '--queue', queue, '--endpoint', 'demo'], { cwd });
    expect(work.code).toBe(2);
    expect(work.stderr).toContain('a case of format 99');
    expect(server.cli('XLEN', `ct:{${name}}:jobs`)).toBe('1');
  });

  test.each([
    ['enrich --queue Q --endpoint demo -o x.json', '--output does not go with --queue'],
    ['enrich --queue Q --endpoint demo --format json', '--format does not go with --queue'],
    ['enrich --queue Q --endpoint demo --fields id', '--fields does not go with --queue'],
    ['enrich --queue Q --endpoint demo --output-wait 5s', '--output-wait does not go with --queue'],
    ['enrich --queue Q --endpoint demo --refresh-after 3d', '--refresh-after does not go with --queue'],
    ['enrich --queue Q --endpoint demo --first 3', '--first does not go with --queue'],
    ['enrich --queue Q --endpoint demo --shard 1/2', '--shard does not go with --queue'],
    ['enrich --queue Q --endpoint demo --order input', '--order does not go with --queue'],
    ['enrich --queue Q --endpoint demo --on-failure skip', 'skip leaves results out'],
    ['enrich cases.ndjson --queue Q --endpoint demo', 'takes its cases from --queue, not from files'],
    ['enrich cases.ndjson --endpoint demo --follow', '--follow needs --queue'],
    ['enrich --queue Q --endpoint demo --lease 0s', '--lease 0s is out of range'],
    ['enrich --queue Q --endpoint demo --lease 25h', '--lease 25h is out of range'],
    ['report cases.ndjson --queue Q', 'RESULTS does not go with --queue'],
    ['report --queue Q --follow', '--follow needs a journal'],
    ['report --queue Q -o x.ndjson --format html', 'is a journal, which is always NDJSON'],
    ['report', 'report needs RESULTS'],
    ['queue', 'no queue given'],
    ['enqueue cases.ndjson', 'no queue given'],
  ])('%s is refused', async (line, message) => {
    const { cwd, queue } = place();
    const outcome = await runMain(
      line.split(' ').map((word) => (word === 'Q' ? queue : word)),
      { cwd },
    );
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(message);
  });

  function restore(name: string, id: string, line: string): void {
    const key = `ct:{${name}}:back`;
    server.cli('XADD', key, id, 'r', line);
    server.cli('COPY', key, `ct:{${name}}:results`, 'REPLACE');
  }
});
