import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startApi } from '../../helpers/api.js';
import { CaseEndpoint } from '../../helpers/case-endpoint.js';
import { folderWith } from '../../helpers/folder.js';
import { runMain } from '../../helpers/run-main.js';

const DEMO = ['--endpoint', 'demo'];

test('a run that goes on after a crash calls what has no result: nothing that has failed, or was no case', async () => {
  const endpoint = await CaseEndpoint.start();
  onTestFinished(() => endpoint.close());
  const cwd = folderWith();
  const args = ['--endpoint', `${endpoint.url}/{id}`, '--limit', '1'];
  endpoint.fail('a', 404);
  const killed = await startApi({ cwd, args });
  const body = '{"id":"a"}\nno case\n{"id":"b"}\n{"id":"c"}\n';
  const id = String((await killed.client.post(body)).json['id']);
  await killed.client.until(id, 'finished');
  await killed.stop();
  // As kill -9 leaves it before the last result.
  const folder = join(cwd, 'runs', id);
  const lines = readFileSync(join(folder, 'results.ndjson'), 'utf8').split('\n');
  writeFileSync(join(folder, 'results.ndjson'), `${lines.filter((line) => !/"c"|"run"/.test(line)).join('\n')}`);
  const record = readFileSync(join(folder, 'run.json'), 'utf8');
  writeFileSync(join(folder, 'run.json'), record.replace('"finished"', '"running"'));
  endpoint.reset();

  const { client } = await startApi({ cwd, args });
  expect(await client.until(id, 'finished')).toMatchObject({
    exitCode: 1,
    summary: { total: 4, enriched: 2, failed: 1, invalid: 1 },
  });
  expect(endpoint.ids()).toEqual(['c']);
  const { text } = await client.ask('GET', `/runs/${id}/results`);
  expect(text.match(/"status":"(?:enriched|failed)"/g)).toHaveLength(3);
});

test('--root is for documents, and lines go without it', async () => {
  const { client } = await startApi({ cwd: folderWith(), args: [...DEMO, '--root', '/data/list'] });
  const json = { 'content-type': 'application/json' };
  const taken = [
    await client.post('{"data":{"list":[{"id":"CASE-001"}]}}', json),
    await client.post('{"id":"CASE-002"}\n'),
  ];
  for (const {
    json: { id },
  } of taken) {
    expect(await client.until(String(id), 'finished')).toMatchObject({ summary: { total: 1, enriched: 1 } });
  }
  expect((await client.post('[{"id":"CASE-001"}]', json)).status).toBe(422);
});

test('what is said of a run names its files as --dir does: no path of the server', async () => {
  const cwd = folderWith();
  const { client } = await startApi({ cwd, args: DEMO });
  const id = String((await client.post('{"id":"CASE-001"}\nno case\n')).json['id']);
  const run = await client.until(id, 'finished');
  expect(run['run']).toMatchObject({ files: [{ file: `runs/${id}/cases.ndjson` }] });
  const { text } = await client.ask('GET', `/runs/${id}/results`);
  expect(text).toContain(`"source":{"file":"runs/${id}/cases.ndjson","line":2}`);
  expect(`${text}${readFileSync(join(cwd, 'runs', id, 'end.json'), 'utf8')}`).not.toContain(cwd);
});

test('without an endpoint the hint is about api', async () => {
  const { code, stderr } = await runMain(['api', '--dir', 'runs/'], { cwd: folderWith() });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: no endpoint given\n {2}hint: case-tracker api --dir runs\/ --endpoint /);
});
