/** `--live` with the real binary: a page, messages to the end, and a process that waits for nobody. */

import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ndjsonCases, startBinary } from '../helpers/binary.js';
import { GatedEndpoint } from '../helpers/gated-endpoint.js';
import { temporaryFolder } from '../helpers/folder.js';
import { addressOf, ask, LiveClient } from '../helpers/live-client.js';

async function endpointOf(): Promise<GatedEndpoint> {
  const endpoint = await GatedEndpoint.start();
  endpoint.hold();
  return endpoint;
}

test('from stdin: the page, its messages, a stop, and a resumable journal', async () => {
  const folder = temporaryFolder();
  const endpoint = await endpointOf();
  const args = ['enrich', '-', '--endpoint', `${endpoint.url}/{id}`, '--live', '--live-control', '-o', 'run.ndjson'];
  const running = startBinary(args, { cwd: folder, stdin: ndjsonCases(100) });
  await running.shows('stderr', /live: http/);
  const address = await addressOf(() => running.stderr());
  const page = await fetch(`${address.base}/`);
  expect(await page.text()).toContain('<title>case-tracker</title>');
  const client = new LiveClient(address);
  await client.sees((message) => 'state' in message && message.state.inFlight === 10);
  expect((await ask(address, '/api/run/stop', { method: 'POST' })).status).toBe(202);
  endpoint.open();
  expect(await client.closed).toBe(1000);
  expect(client.messages.at(-1)).toMatchObject({ type: 'end', exitCode: 4, run: { stoppedBy: 'request' } });
  const { code, stdout } = await running.ended;
  expect([code, stdout]).toEqual([4, '']);
  await endpoint.close();
});

test('clients that never read, or say nothing, keep the process from nothing', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'cases.ndjson'), ndjsonCases(50));
  const endpoint = await endpointOf();
  const args = ['enrich', 'cases.ndjson', '--endpoint', `${endpoint.url}/{id}`, '--live', '-o', 'run.ndjson'];
  const running = startBinary(args, { cwd: folder });
  await running.shows('stderr', /live: http/);
  const address = await addressOf(() => running.stderr());
  const deaf = new LiveClient(address);
  await deaf.sees((message) => message.type === 'snapshot');
  deaf.stopReading();
  const silent = connect(Number(new URL(address.base).port), '127.0.0.1');
  silent.on('error', () => {});
  await new Promise((resolve) => silent.once('connect', resolve));
  endpoint.open();
  const { code } = await running.ended;
  expect(code).toBe(0);
  deaf.leave();
  silent.destroy();
  await endpoint.close();
});
